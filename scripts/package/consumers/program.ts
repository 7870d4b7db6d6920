import * as socket from 'await-socket';
import * as serve from 'await-socket/serve';
import * as ssl from 'await-socket/ssl';
import check = require('./check.cjs');

void check(socket, ssl, serve);
