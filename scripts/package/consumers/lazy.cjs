const path = require('node:path');
const socket = require('await-socket');

for (const entry of ['proxy-protocol', 'select', 'selectors', 'ssl', 'trace']) require(`await-socket/${entry}`);

/** The koffi beside this program cannot be used then, and says so. */
globalThis.wantsBrokenKoffi = true;

/** The package's chunks that are loaded late. */
const LATE = ['datagrams.cjs', 'files.cjs', 'kernel.cjs', 'p-queue.cjs'];

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
    .filter((file) => !file.startsWith('await-socket/') || LATE.includes(path.posix.basename(file)));

const expectLoaded = (when, ...expected) => {
  const found = loaded();
  if (found.join(' ') !== expected.join(' ')) throw new Error(`${when}: loaded ${found.join(' ')}`);
};

const sock = socket.socket();
expectLoaded('at the start');
void socket.getaddrinfo('localhost', 80).then(() => {
  expectLoaded('after a look-up', 'await-socket/dist/p-queue.cjs');
  try {
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1);
    throw new Error('the option was set without koffi');
  } catch (error) {
    if (error.errno !== 92 || error.cause?.message !== 'a koffi for tests') throw error;
  }
  expectLoaded('after an option', 'await-socket/dist/p-queue.cjs', 'koffi/index.js');
  try {
    socket.socketpairSync();
    throw new Error('a pair was made without koffi');
  } catch (error) {
    if (error.errno !== 95) throw error;
  }
  const pair = ['await-socket/dist/p-queue.cjs', 'koffi/index.js', 'await-socket/dist/kernel.cjs'];
  expectLoaded('after a pair', ...pair);
  const files = [...pair, 'await-socket/dist/files.cjs'];
  void sock.makefile('rb').close();
  expectLoaded('after a file', ...files);
  sock.close();
  socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close();
  expectLoaded('after a socket for datagrams', ...files, 'await-socket/dist/datagrams.cjs');
});
