const socket = require('await-socket');
const ssl = require('await-socket/ssl');
const check = require('./check.cjs');

test('the package works', () => check(socket, ssl));
