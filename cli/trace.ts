import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { command, integerFrom, run } from '../demos/support/command.ts';
import { mayColour, TraceText } from '../lib/trace/text.ts';
import { builtFile } from './trace/built.ts';
import { Calls, type Trace } from './trace/calls.ts';
import { pictureOf } from './trace/conversation.ts';
import { pageOf } from './trace/page.ts';
import { pcapngOf } from './trace/pcapng.ts';
import { readTraces, type Entry } from './trace/read.ts';
import { runTraced } from './trace/run.ts';
import { summary } from './trace/summary.ts';

interface Options {
  readonly output?: string;
  readonly json?: true;
  readonly summary?: true;
  readonly quiet?: true;
  readonly html?: string;
  readonly pcapng?: string;
  readonly size?: number;
  readonly from?: readonly string[];
}

/** How many bytes of the data of each call are kept; a capture without all of them is of little use. */
const SIZE = 4096;
const SIZE_OF_CAPTURES = 1 << 20;

/** `await-socket trace`: for sockets what strace(1) is for system calls. */
export function trace(): Command {
  const made = command('trace', 'Shows each call of the sockets of a program: arguments, outcome, how long it waited.')
    .usage('[options] -- program [arguments]')
    .argument('[program...]', 'the program and its arguments')
    .option('-o, --output <file>', 'write the calls to a file; standard error if it is left out')
    .option('--json', 'write the calls as JSON lines')
    .option('-c, --summary', 'print a table of the calls at the end')
    .option('-q, --quiet', 'do not write the calls')
    .option('--html <file>', 'draw the conversation as a ladder, in a page that needs no network')
    .option('--pcapng <file>', 'write what was received and sent as a capture for Wireshark')
    .option('-s, --size <bytes>', 'how many bytes of the data of each call are kept', integerFrom(1, 1 << 28))
    .option('--from <files...>', 'read traces that --json wrote, instead of running a program')
    .passThroughOptions();
  return made.action((program: readonly string[]) => {
    const options = made.opts<Options>();
    if ((options.from === undefined) === (program.length === 0)) {
      made.error('error: what is traced is either a program or the files of --from');
    }
    run('trace', () => main(program, options));
  });
}

async function main(program: readonly string[], options: Options): Promise<void> {
  const { from, output, html, pcapng, size = pcapng === undefined ? SIZE : SIZE_OF_CAPTURES } = options;
  // A page that is not there is reported before the program runs.
  const template = html === undefined ? '' : readFileSync(builtFile('ladder.html'), 'utf8');
  if (output !== undefined) writeFileSync(output, '');
  const write = (lines: string): void => {
    if (options.quiet === true) return;
    if (output === undefined) process.stderr.write(lines);
    else appendFileSync(output, lines);
  };
  const text = new TraceText(output === undefined && mayColour(process.stderr));
  const calls = new Calls();
  const take = (entries: readonly Entry[]): void => {
    calls.add(entries);
    write(options.json === true ? entries.map((entry) => `${JSON.stringify(entry)}\n`).join('') : text.lines(entries));
  };
  const status = from === undefined ? await runTraced(program, size, take) : 0;
  if (from !== undefined) take(readTraces(from));
  const trace = calls.trace();
  if (options.json !== true)
    write(
      trace.events
        .filter(({ waits }) => waits)
        .map((event) => `${text.line(event)}\n`)
        .join(''),
    );
  if (options.summary === true) process.stderr.write(summary(trace));
  if (html !== undefined) writeFileSync(html, pageOf(pictureOf(trace, titleOf(trace)), template));
  if (pcapng !== undefined) writeFileSync(pcapng, pcapngOf(trace));
  process.exitCode = status;
}

/** The command lines of a trace. */
function titleOf({ processes }: Trace): string {
  return [...new Set(processes.map(({ command }) => command))].join(' and ') || 'a trace';
}
