const path = require('node:path');
const socket = require('await-socket');

/** The files that were loaded besides the package's own chunks, which several entries share, by their names or packages. */
const loaded = () =>
  Object.keys(require.cache)
    .filter((file) => file.includes('node_modules'))
    .map((file) =>
      file
        .slice(file.lastIndexOf('node_modules') + 'node_modules/'.length)
        .split(path.sep)
        .join('/'),
    )
    .filter((file) => !file.startsWith('await-socket/') || file.endsWith('/p-queue.cjs'));

const expectLoaded = (when, ...expected) => {
  const found = loaded();
  if (found.join(' ') !== expected.join(' ')) throw new Error(`${when}: loaded ${found.join(' ')}`);
};

const sock = socket.socket();
expectLoaded('at the start');
void socket.getaddrinfo('localhost', 80).then(() => {
  expectLoaded('after a look-up', 'await-socket/dist/p-queue.cjs');
  // The koffi beside this program cannot be used, and says so.
  try {
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1);
    throw new Error('the option was set without koffi');
  } catch (error) {
    if (error.errno !== 92 || error.cause?.message !== 'a koffi for tests') throw error;
  }
  expectLoaded('after an option', 'await-socket/dist/p-queue.cjs', 'koffi/index.js');
  sock.close();
});
