import * as socket from '../lib/index.ts';
import { command, run } from './support/command.ts';

/**
 * Tells systemd how a service is, as sd_notify(3) does: one datagram to the Unix socket that NOTIFY_SOCKET names. A name
 * with `@` in front is an abstract one. Needs koffi.
 *
 *     npx ts-node demos/notify.ts READY=1 STATUS=serving
 */
async function main(states: readonly string[]): Promise<void> {
  const path = process.env.NOTIFY_SOCKET;
  if (path === undefined || path === '') throw new Error('NOTIFY_SOCKET is not set: systemd did not start this');
  using sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  await sock.connect(path.replace(/^@/, '\0'));
  await sock.send(states.join('\n'));
}

const program = command('notify', 'Tells systemd the state of a service.')
  .argument('<state...>', 'assignments, such as READY=1')
  .parse();
run(program.name(), () => main(program.args));
