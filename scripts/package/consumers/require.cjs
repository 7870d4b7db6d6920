const socket = require('await-socket');
const serve = require('await-socket/serve');
const ssl = require('await-socket/ssl');
const check = require('./check.cjs');

void check(socket, ssl, serve);
