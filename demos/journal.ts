import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';

/**
 * Writes an entry with fields into systemd's journal, as sd_journal_send(3) does: one datagram to journald's Unix socket.
 * A value with a line break stands after its length. Needs koffi.
 *
 *     npx ts-node demos/journal.ts 'the disk is full' DISK=/dev/sda1 --priority 3
 */

interface Options {
  readonly priority: number;
  readonly socket: string;
}

async function main(message: string, fields: readonly string[], options: Options): Promise<void> {
  const entry = [`MESSAGE=${message}`, `PRIORITY=${options.priority}`, ...fields];
  using sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  await sock.sendto(Buffer.concat(entry.map(fieldOf)), options.socket);
}

/** A field as journald reads it (systemd.io/JOURNAL_NATIVE_PROTOCOL). */
function fieldOf(assignment: string): Buffer {
  const [name = '', ...rest] = assignment.split('=');
  if (!/^[A-Z][A-Z0-9_]*$/.test(name) || rest.length === 0) throw new Error(`no field: ${assignment}`);
  const value = Buffer.from(rest.join('='));
  if (!value.includes('\n')) return Buffer.concat([Buffer.from(`${name}=`), value, Buffer.from('\n')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, Buffer.from('\n')]);
}

const program = command('journal', "Writes an entry into systemd's journal.")
  .argument('<message>', 'the text of the entry')
  .argument('[field...]', 'further fields, such as DISK=/dev/sda1')
  .option('--priority <number>', 'from 0, an emergency, to 7, for debugging', integerFrom(0, 7), 6)
  .option('--socket <path>', "journald's socket", '/run/systemd/journal/socket')
  .parse();
const [message = '', ...fields] = program.args;
run(program.name(), () => main(message, fields, program.opts<Options>()));
