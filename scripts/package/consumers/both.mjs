import { createRequire } from 'node:module';
import * as imported from 'await-socket';
import check from './check.cjs';

const required = createRequire(import.meta.url)('await-socket');

imported.setdefaulttimeout(7);
if (required.getdefaulttimeout() !== 7) throw new Error('there are two states');
required.setdefaulttimeout(null);

const error = new required.OSError(111);
if (!(error instanceof imported.ConnectionRefusedError)) throw new Error('there are two classes');

const names = (namespace) => Object.keys(namespace).sort().join(' ');
if (names(imported) !== names(required)) throw new Error('the names differ');
await check(imported);
await check(required);
