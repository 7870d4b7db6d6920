import * as socket from 'await-socket';
import { test } from 'vitest';
import check from './check.cjs';

test('the package works', () => check(socket));
