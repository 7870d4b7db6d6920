import { createRequire } from 'node:module';
import * as imported from 'await-socket';
import * as importedServe from 'await-socket/serve';
import * as importedSsl from 'await-socket/ssl';
import check from './check.cjs';

const require = createRequire(import.meta.url);
const required = require('await-socket');
const requiredServe = require('await-socket/serve');
const requiredSsl = require('await-socket/ssl');

imported.setdefaulttimeout(7);
if (required.getdefaulttimeout() !== 7) throw new Error('there are two states');
required.setdefaulttimeout(null);

const error = new required.OSError(111);
if (!(error instanceof imported.ConnectionRefusedError)) throw new Error('there are two classes');
if (!(new requiredSsl.SSLError() instanceof imported.OSError)) throw new Error('TLS has errors of its own');
if (requiredSsl.SSLSocket !== importedSsl.SSLSocket) throw new Error('there are two classes of TLS sockets');

const names = (namespace) => Object.keys(namespace).sort().join(' ');
if (names(imported) !== names(required) || names(importedSsl) !== names(requiredSsl))
  throw new Error('the names differ');
await check(imported, requiredSsl, requiredServe);
await check(required, importedSsl, importedServe);
