import { spawn } from 'node:child_process';
import path from 'node:path';

/** The report of a program that was started with `observed()`, once it has ended by itself. */
export interface Report {
  /** The result of its main function; absent where that never returned. */
  readonly result?: unknown;
  /** Warnings, unhandled rejections and uncaught exceptions, as text. */
  readonly strays: string[];
  /** How many descriptors were open at the start, and when nothing kept the process alive any more. */
  readonly descriptors: { readonly before: number; readonly after: number };
}

export interface ChildOptions {
  readonly args?: readonly string[];
  /** The limit of open descriptors, hard and soft. */
  readonly descriptors?: number;
  /** The names of the system calls that strace(1) records, and its output file. */
  readonly trace?: { readonly calls: readonly string[]; readonly file: string };
}

/** A program of spec/support in a process of its own, so that figures of the whole process can be measured. */
export function startProgram(
  name: string,
  { args = [], descriptors, trace }: ChildOptions = {},
): {
  readonly line: Promise<string>;
  readonly report: Promise<Report>;
  kill(): void;
} {
  const tracer =
    trace === undefined ? [] : ['strace', '-f', '-qq', '-e', `trace=${trace.calls.join()}`, '-o', trace.file];
  const command = [
    ...tracer,
    process.execPath,
    '--expose-gc',
    require.resolve('ts-node/dist/bin'),
    path.join(__dirname, `${name}.ts`),
    ...args,
  ];
  // Node raises its own soft limit to the hard one, so both are set.
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors} && `;
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const line = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const [first, rest] = stdout.split('\n', 2);
      if (first !== undefined && rest !== undefined) resolve(first);
    });
  });
  const report = new Promise<Report>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      if (status !== 0) reject(new Error(`${name} ended with ${status ?? signal}:\n${stderr}`));
      else resolve(JSON.parse(last) as Report);
    });
  });
  return { line, report, kill: () => child.kill('SIGKILL') };
}

/** Runs a program of spec/support to its end. */
export async function runProgram(name: string, options?: ChildOptions): Promise<Report> {
  const program = startProgram(name, options);
  try {
    return await program.report;
  } finally {
    program.kill();
  }
}
