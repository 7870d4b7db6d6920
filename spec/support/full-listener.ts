import { own } from './pairs.ts';
import { OtherProgram } from './programs.ts';
import { temporaryPath } from './unix.ts';

/** A listener whose queue is full; a line of input makes room, and its answer is sent back in capitals. */
const LISTENER = `
import sys
from socket import *
listener = socket(AF_UNIX, SOCK_STREAM)
listener.bind(sys.argv[1])
listener.listen(0)
first = socket(AF_UNIX, SOCK_STREAM)
first.connect(sys.argv[1])
print('full', flush=True)
sys.stdin.readline()
listener.accept()
client, address = listener.accept()
print('from', address, flush=True)
client.sendall(client.recv(100).upper())
client.close()
`;

/** Starts such a listener, which is ended with the test. */
export async function fullListener(): Promise<{ path: string; python: OtherProgram }> {
  const path = temporaryPath();
  const python = new OtherProgram('python3', ['-c', LISTENER, path]);
  own({ [Symbol.dispose]: () => void python[Symbol.asyncDispose]() });
  await python.tells(/full/);
  return { path, python };
}
