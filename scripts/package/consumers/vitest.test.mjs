import * as socket from 'await-socket';
import * as serve from 'await-socket/serve';
import * as ssl from 'await-socket/ssl';
import { test } from 'vitest';
import check from './check.cjs';

test('the package works', () => check(socket, ssl, serve));
