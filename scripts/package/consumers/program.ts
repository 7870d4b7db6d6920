import * as socket from 'await-socket';
import check = require('./check.cjs');

void check(socket);
