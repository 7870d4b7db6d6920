import * as socket from '../../../lib/index.ts';
import type { DemoPlan } from './plan.ts';
import { chatter, pour, strangers, trickle } from './strangers.ts';

/** What strangers do to the chat. */
export const chat: DemoPlan = {
  demo: 'chat-server',
  // A member who reads must not be taken for one who does not where the machine is busy.
  args: () => ['--port', '0', '--clients', '100', '--timeout', '3'],
  /** Two members, of whom one hears what the other says. */
  async serve(port, ask) {
    using one = await socket.createConnection(['127.0.0.1', port], { timeout: 10 });
    using other = await socket.createConnection(['127.0.0.1', port], { timeout: 10 });
    await one.sendall('one\n');
    await other.sendall('other\n');
    const hear = async (text: string): Promise<void> => {
      for (;;) {
        const line = String(await other.recvLine(65_536));
        if (line.includes(text)) return;
        if (line === '') throw new Error('the chat has ended');
      }
    };
    await hear('one');
    // What the first one hears is read, too, or it would be disconnected.
    void (async () => {
      for (let block = await one.recv(65_536); block.length > 0; block = await one.recv(65_536));
    })().catch(() => undefined);
    let round = 0;
    await ask(async () => {
      round += 1;
      await one.sendall(`round ${round} is over\n`);
      await hear(`one: round ${round} is over`);
    });
  },
  attacks: [
    {
      does: '90 members with long names who do not read, and one who says long lines as fast as it hears them',
      run: (port, seconds) =>
        strangers(port, 91, seconds, (sock, index) => {
          sock.write(`${'n'.repeat(27)}${index}\n`);
          if (index === 0) chatter(sock, 'x'.repeat(900));
          else sock.pause();
        }),
    },
    {
      does: '90 lines without an end',
      run: (port, seconds) => strangers(port, 90, seconds, (sock) => pour(sock, 'x'.repeat(65_536))),
    },
    {
      does: '90 names that come byte by byte',
      run: (port, seconds) => strangers(port, 90, seconds, (sock) => trickle(sock, 'x')),
    },
    {
      does: '500 silent connections, five times as many as there are places',
      run: (port, seconds) => strangers(port, 500, seconds, () => undefined),
    },
    {
      does: '90 members who end their side at once, and stay',
      run: (port, seconds) => strangers(port, 90, seconds, (sock, index) => void sock.end(`half ${index}\n`)),
    },
    {
      does: '90 names of bytes that are no text, and of control characters',
      run: (port, seconds) =>
        strangers(port, 90, seconds, (sock, index) => {
          sock.write(index % 2 === 0 ? Buffer.from([0xff, 0xfe, 0x80, 0x0a]) : '\x1b[2J\x1b]0;title\x07\n');
          sock.write('and a line\n');
        }),
    },
  ],
};
