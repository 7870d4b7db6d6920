import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { bound, FAMILIES, itWithIPv6, listening, pair, portOf, reset, tcp } from '../support/pairs.ts';
import { hasPython, python } from '../support/python.ts';
import { temporaryPath, unix } from '../support/unix.ts';

const { AF_INET6 } = socket;

/** Replaces what differs from run to run. */
function anonymous(text: string): string {
  return text.replace(/fd=\d+/g, 'fd=N').replace(/(', )\d{2,}/g, '$1P');
}

describe('a socket as it is shown', () => {
  it('shows its family and type, and those names that it has', () => {
    const one = tcp();
    expect(inspect(one)).toBe("<socket.socket fd=-1, family=2, type=1, proto=0, laddr=('0.0.0.0', 0)>");
    one.bind(['127.0.0.1', 0]);
    const laddr = `laddr=('127.0.0.1', ${portOf(one)})`;
    expect(inspect(one)).toBe(`<socket.socket fd=${one.fileno()}, family=2, type=1, proto=0, ${laddr}>`);
    one.listen();
    expect(inspect(one)).toBe(`<socket.socket fd=${one.fileno()}, family=2, type=1, proto=0, ${laddr}>`);
  });

  itWithIPv6('shows both names of a connection', async () => {
    const [client, server] = await pair(AF_INET6);
    expect(inspect(client)).toBe(
      `<socket.socket fd=${client.fileno()}, family=10, type=1, proto=0, ` +
        `laddr=('::1', ${portOf(client)}, 0, 0), raddr=('::1', ${portOf(server)}, 0, 0)>`,
    );
  });

  it('shows that it is closed, in every state, and never throws', async () => {
    const [client, server] = await pair();
    const [broken, peer] = await pair();
    reset(peer);
    await expect(broken.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(inspect(broken)).not.toContain('raddr');
    for (const one of [tcp(), bound(), listening(), client, server, broken]) {
      expect(inspect(one)).toMatch(/^<socket\.socket fd=/);
      one.close();
      expect(inspect(one)).toBe('<socket.socket [closed] fd=-1, family=2, type=1, proto=0>');
    }
  });

  (hasPython ? it : it.skip).each(FAMILIES)('is what Python shows, for %s', async (_name, family) => {
    const theirs = python(
      `
import json, socket, sys
family = json.load(sys.stdin)
listener = socket.socket(family)
listener.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1', 0))
listener.listen()
client = socket.socket(family)
client.connect(listener.getsockname())
server, _ = listener.accept()
shown = [repr(each) for each in (listener, client, server)]
client.close()
print(json.dumps(shown + [repr(client)]))
`,
      family,
    );
    const listener = listening(family);
    const [client, server] = await pair(family);
    const ours = [listener, client, server].map((one) => inspect(one));
    client.close();
    ours.push(inspect(client));
    expect(ours.map(anonymous)).toEqual((theirs as string[]).map(anonymous));
  });
});

describe('a Unix socket as it is shown', () => {
  (hasPython ? it : it.skip)('is what Python shows: no name where it has none', () => {
    const path = temporaryPath();
    const source = `
import json, os, socket, sys
path = json.load(sys.stdin)
one = socket.socket(socket.AF_UNIX)
fresh = repr(one)
one.bind(path)
os.unlink(path)
print(json.dumps([fresh, repr(one)]))`;
    const theirs = python(source, path);
    const one = unix();
    const fresh = inspect(one);
    one.bind(path);
    expect([fresh.replace('fd=-1', 'fd=N'), inspect(one)].map(anonymous)).toEqual((theirs as string[]).map(anonymous));
  });
});

describe('a closed socket of another family', () => {
  it('still shows its family', () => {
    const one = tcp(AF_INET6);
    one.close();
    expect(inspect(one)).toBe('<socket.socket [closed] fd=-1, family=10, type=1, proto=0>');
  });
});
