import type { Socket } from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import { python } from './python.ts';

/** What a socket is ready for, here and in Python. */

/** What select(2) says of a socket: `r`, `w` and `x` where it is in the list. */
export async function lists(one: Socket): Promise<string> {
  const ready = await select.select([one], [one], [one], 0);
  return ready.map((list, index) => (list.length > 0 ? 'rwx'[index] : '')).join('');
}

/** What poll(2) says of a socket that is asked for everything. */
export async function mask(one: Socket): Promise<number> {
  const poller = select.poll();
  poller.register(one, 0x7fff);
  const [found] = await poller.poll(0);
  return found?.[1] ?? 0;
}

export async function both(one: Socket): Promise<[string, string]> {
  return [await lists(one), (await mask(one)).toString(16)];
}

const PROGRAM = `
def full(s):
    s.setblocking(False)
    try:
        while True: s.send(bytes(65536 if s.type == socket.SOCK_STREAM else 1000))
    except BlockingIOError: pass
found = []
for case in json.load(sys.stdin):
    names = dict(globals())
    exec(case, names)
    s = names['s']
    poll = select.poll()
    poll.register(s, 0x7fff)
    r, w, x = select.select([s], [s], [s], 0)
    events = poll.poll(0)
    found.append(['r' * len(r) + 'w' * len(w) + 'x' * len(x), '%x' % (events[0][1] if events else 0)])
json.dump(found, sys.stdout)
`;

/**
 * The same of Python's sockets, as {@link both} gives it.
 *
 * @param setup - functions that the cases use.
 * @param cases - lines that make a socket `s` each; `full(s)` sends until it would have to wait.
 */
export function levelsInPython(setup: string, cases: readonly string[]): unknown[] {
  return python(`import json, select, socket, sys\n${setup}${PROGRAM}`, cases) as unknown[];
}
