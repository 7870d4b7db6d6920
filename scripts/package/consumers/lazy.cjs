const path = require('node:path');
const socket = require('await-socket');

/** The files that were loaded, by their names in the package, or by their packages. */
const loaded = () =>
  Object.keys(require.cache)
    .filter((file) => file.includes('node_modules'))
    .map((file) =>
      file
        .slice(file.lastIndexOf('node_modules') + 'node_modules/'.length)
        .split(path.sep)
        .join('/'),
    );

const expectLoaded = (when, ...expected) => {
  const found = loaded();
  if (found.join(' ') !== expected.join(' ')) throw new Error(`${when}: loaded ${found.join(' ')}`);
};

// The code that both entries share is in a chunk of its own, which rollup names after one of its modules.
const code = 'await-socket/dist/index.cjs await-socket/dist/connection.cjs';
const sock = socket.socket();
expectLoaded('at the start', code);
void socket.getaddrinfo('localhost', 80).then(() => {
  expectLoaded('after a look-up', code, 'await-socket/dist/p-queue.cjs');
  // The koffi beside this program cannot be used, and says so.
  try {
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1);
    throw new Error('the option was set without koffi');
  } catch (error) {
    if (error.errno !== 92 || error.cause?.message !== 'a koffi for tests') throw error;
  }
  expectLoaded('after an option', code, 'await-socket/dist/p-queue.cjs', 'koffi/index.js');
  sock.close();
});
