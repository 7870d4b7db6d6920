import { seconds, type Extent, type Outcome } from '../part.ts';
import { Cable, type Weather } from './cable.ts';
import type { Load, Outcome as Exchanged } from './near.ts';

/** What a bad network does to packets: loss, delay each way, and packets that overtake others. */
const WEATHERS: readonly Weather[] = [
  {},
  { loss: 0.05 },
  { delay: 0.1 },
  { delay: 0.02, reorder: 0.25 },
  { loss: 0.05, delay: 0.1, reorder: 0.25 },
];

const SMALL: readonly Weather[] = [{ loss: 0.05, delay: 0.01, reorder: 0.25 }];

/** Transfers over a bad network. */
export async function weather({ size, seed }: Extent): Promise<Outcome> {
  const load: Load =
    size === 'full'
      ? { connections: 8, bytes: 250_000, datagrams: 1000, seed }
      : { connections: 2, bytes: 20_000, datagrams: 40, seed };
  const rows: (string | number)[][] = [];
  const mistakes: string[] = [];
  await using cable = await Cable.lay();
  await using far = cable.start('far', 'far');
  await far.line();
  let before = await cable.packets();
  for (const one of size === 'full' ? WEATHERS : SMALL) {
    await cable.set(one, seed);
    await using near = cable.start('near', 'near', JSON.stringify(load));
    const { tcp, tls, right, errors, datagrams } = await near.result<Exchanged>();
    const { passed, lost } = await cable.packets();
    const all = 2 * load.connections;
    mistakes.push(...errors);
    if (datagrams.wrong > 0) mistakes.push(`${datagrams.wrong} datagrams were not as sent, or came twice`);
    if (datagrams.received === 0 || (one.loss === undefined && datagrams.received < datagrams.sent)) {
      mistakes.push(`${datagrams.received} of ${datagrams.sent} datagrams came back`);
    }
    rows.push([
      nameOf(one),
      `${lost - before.lost} of ${passed + lost - before.passed - before.lost}`,
      seconds(tcp),
      seconds(tls),
      `${right} of ${all}`,
      `${datagrams.received} of ${datagrams.sent}`,
    ]);
    before = { passed, lost };
  }
  return {
    head: ['Network', 'Packets lost', 'TCP', 'TLS', 'Connections with every byte right', 'Datagrams that came back'],
    rows,
    conditions: [
      `Seed ${seed}; ${load.connections} connections at once, ${load.bytes.toLocaleString('en-US')} bytes there and back over each; first all over TCP, then all over TLS`,
    ],
    mistakes,
  };
}

function nameOf({ loss = 0, delay = 0, reorder = 0 }: Weather): string {
  const parts = [
    loss > 0 && `${loss * 100} % lost`,
    delay > 0 && `${delay * 1000} ms each way`,
    reorder > 0 && `${reorder * 100} % overtake others`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(', ') : 'as it should be';
}
