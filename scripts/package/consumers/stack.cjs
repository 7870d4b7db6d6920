const socket = require('await-socket');

try {
  socket.inetAton('x');
} catch (error) {
  console.log(error.stack);
}
