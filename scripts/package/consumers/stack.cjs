const socket = require('await-socket');

// The library leaves its own frames out of its errors, so the program makes this one while the library runs.
const options = {
  get family() {
    console.log(new Error('where').stack);
    return socket.AF_INET;
  },
};
socket.createServer(['127.0.0.1', 0], options).close();
