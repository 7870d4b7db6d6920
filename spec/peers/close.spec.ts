import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { accepted, listening, portOf } from '../support/pairs.ts';
import { startPython, type PythonChild } from '../support/python-child.ts';
import { hasPython, python } from '../support/python.ts';
import { listeningAt, temporaryPath } from '../support/unix.ts';

const { AF_INET, AF_UNIX, MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR } = socket;

/** Bytes that the client sends. */
const SENT = 1000;

/** How a server ends a connection whose client has sent it bytes. */
interface Ending {
  /** How many of the client's bytes it receives. */
  readonly received: number;
  /** Whether it has peeked at the others, which moves them from the kernel into our queue. */
  readonly peeks: boolean;
  readonly how: number | null;
  /** Whether close() resets (SO_LINGER of 0 seconds). */
  readonly lingers: boolean;
}

const ENDINGS: readonly Ending[] = [null, SHUT_RD, SHUT_WR, SHUT_RDWR].flatMap((how) =>
  [0, 10, SENT].flatMap((received) =>
    [false, true].flatMap((peeks) => [false, true].map((lingers) => ({ received, peeks, how, lingers }))),
  ),
);

/** The client reports what it receives once its bytes are out: numbers of bytes, names of errors, and 0 for the end. */
const CLIENT = `
def story(client):
    events = []
    while len(events) < 10:
        try:
            event = len(client.recv(65536))
        except OSError as error:
            event = errno.errorcode[error.errno]
        if event == 0 and events[-1:] == [0]:
            break
        if isinstance(event, int) and event > 0 and events and isinstance(events[-1], int):
            events[-1] += event
        else:
            events.append(event)
    return events

def run(make, count):
    for _ in range(count):
        client = make()
        client.sendall(bytes(${SENT}))
        tell('sent')
        tell(story(client))
        client.close()
`;

/** The same endings with Python on both sides. */
const PYTHON = `
import errno, json, struct, sys, tempfile
from socket import *
${CLIENT}
family, endings = json.load(sys.stdin)
folder = tempfile.TemporaryDirectory()
listener = socket(family)
listener.bind(('127.0.0.1', 0) if family == AF_INET else folder.name + '/s')
listener.listen()
told = []
for ending in endings:
    client = socket(family)
    client.connect(listener.getsockname())
    client.sendall(bytes(${SENT}))
    server, _ = listener.accept()
    if ending['lingers']: server.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack('ii', 1, 0))
    if ending['peeks']: server.recv(${SENT}, MSG_PEEK)
    if ending['received']: server.recv(ending['received'], MSG_WAITALL)
    server.sendall(b'413')
    if ending['how'] is not None: server.shutdown(ending['how'])
    server.close()
    told.append(story(client))
print(json.dumps(told))
`;

async function end(server: Socket, { received, peeks, how, lingers }: Ending): Promise<void> {
  if (lingers) server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
  if (peeks) await server.recv(SENT, MSG_PEEK | MSG_WAITALL);
  if (received > 0) await server.recv(received, MSG_WAITALL);
  await server.sendall('413');
  if (how !== null) server.shutdown(how);
  server.close();
}

/** A listener of ours with Python's client, which connects so many times. */
function serving(family: number, times: number): { listener: Socket; client: PythonChild } {
  const listener = family === AF_INET ? listening() : listeningAt(temporaryPath());
  const address = family === AF_INET ? `('127.0.0.1', ${portOf(listener)})` : JSON.stringify(listener.getsockname());
  const make = `lambda: (one := socket(${family}), one.connect(${address}))[0]`;
  return { listener, client: startPython(`${CLIENT}\nrun(${make}, ${times})`) };
}

(hasPython ? describe : describe.skip).each([
  ['TCP', AF_INET],
  ['a Unix socket', AF_UNIX],
])('close() in the turn of shutdown(), on %s', (_name, family) => {
  // Bytes that are read ahead from a Unix socket have left the kernel, so close() does not reset the peer for them, and
  // Node cannot reset a Unix connection (docs/differences.md).
  const endings = family === AF_INET ? ENDINGS : ENDINGS.filter(({ peeks, lingers }) => !peeks && !lingers);
  const alike = family === AF_INET ? endings : endings.filter(({ received }) => received !== 10);

  it('ends the connection as in Python', async () => {
    const expected = python(PYTHON, [family, alike]);
    const { listener, client } = serving(family, alike.length);
    const told: unknown[] = [];
    for (const ending of alike) {
      const server = await accepted(listener);
      expect(await client.tells()).toBe('sent');
      await end(server, ending);
      told.push(await client.tells());
    }
    expect(told.map((events, index) => [alike[index], events])).toEqual(
      (expected as unknown[]).map((events, index) => [alike[index], events]),
    );
  });
});
