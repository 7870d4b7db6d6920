import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { start as startRepl, Recoverable, type REPLServer } from 'node:repl';
import { PassThrough } from 'node:stream';
import { styleText } from 'node:util';
import { version } from '../../package.json';
import { likePython } from './bytes.ts';
import { names } from './names.ts';
import { toJavaScript } from './python-lines.ts';

/** Where the lines of a terminal are kept; another place, or none if it is empty, by this name in the environment. */
const HISTORY = '.await_socket_history';
const HISTORY_ENV = 'AWAIT_SOCKET_HISTORY';

const GREETING = `await-socket ${version} on Node.js ${process.version}. Python's socket, awaited.
Every name is here: socket, ssl, select, selectors, serve; AF_INET, gethostbyname, and so on. Put \`await\` before what
waits. Lines of Python such as \`conn, addr = await s.accept()\` work, too. .help explains the commands, exit() ends.`;

/** The prompt. From a pipe it reads lines one after another, and fails if one of them does. */
export async function start(): Promise<void> {
  Object.assign(globalThis, names());
  likePython();
  if (process.stdin.isTTY) await interactive();
  else await piped();
}

async function interactive(): Promise<void> {
  console.log(GREETING);
  const server = startRepl({ prompt: '>>> ', useGlobal: true, breakEvalOnSigint: true, ignoreUndefined: true });
  // Later, as Node's REPL shows its prompt after each line, which a closed one cannot.
  exitBy(() => void setImmediate(() => server.close()));
  translate(server, {
    begin: (line, typed) => {
      if (line !== typed && line.trim() !== '') console.log(styleText('dim', `... ${line.trimEnd()}`));
    },
    succeed: () => undefined,
  });
  const file = process.env[HISTORY_ENV] ?? join(homedir(), HISTORY);
  if (file !== '') server.setupHistory(file, () => undefined);
  await once(server, 'exit');
}

async function piped(): Promise<void> {
  const input = new PassThrough();
  const server = startRepl({ input, output: process.stdout, prompt: '', useGlobal: true, ignoreUndefined: true });
  const ended = once(server, 'exit');
  exitBy(() => process.exit());
  let isWaiting = false;
  translate(server, {
    begin: () => (isWaiting = true),
    succeed: () => (isWaiting = false),
  });
  // Node's REPL goes on with the next line while one awaits; here each line waits for the one before.
  for await (const line of createInterface({ input: process.stdin })) {
    const prompted = new Promise<void>((resolve) => {
      server.displayPrompt = () => resolve();
    });
    input.write(`${line}\n`);
    await prompted;
    if (isWaiting) process.exitCode = 1;
    isWaiting = false;
  }
  input.end();
  await ended;
}

/** `exit()` and `quit()`, as at Python's prompt. */
function exitBy(exit: () => void): void {
  Object.assign(globalThis, { exit, quit: exit });
}

/** What is done about a line. */
interface Observer {
  /** Before it is evaluated; the line has become another one if it was Python. */
  readonly begin: (line: string, typed: string) => void;
  /** After it was evaluated without an error, or was only the beginning of a statement. */
  readonly succeed: () => void;
}

/** Lets the REPL take lines of Python. */
function translate(server: REPLServer, { begin, succeed }: Observer): void {
  const evaluate = server.eval;
  // Wrapped, as an `eval` of our own would be without the top-level await of Node's.
  Object.defineProperty(server, 'eval', {
    value: function (this: REPLServer, ...[typed, context, file, done]: Parameters<typeof evaluate>): void {
      const line = toJavaScript(typed);
      begin(line, typed);
      // Before Node 26, an error ends a line without this call.
      evaluate.call(this, line, context, file, (error, result) => {
        if (error === null || error instanceof Recoverable) succeed();
        done(error, result);
      });
    },
  });
}
