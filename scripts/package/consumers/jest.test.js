const socket = require('await-socket');
const check = require('./check.cjs');

test('the package works', () => check(socket));
