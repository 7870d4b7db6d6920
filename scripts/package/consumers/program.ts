import * as socket from 'await-socket';
import * as ssl from 'await-socket/ssl';
import check = require('./check.cjs');

void check(socket, ssl);
