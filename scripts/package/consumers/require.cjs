const socket = require('await-socket');
const check = require('./check.cjs');

void check(socket);
