import { spawn, spawnSync } from 'node:child_process';
import { own } from './pairs.ts';
import type { Socket } from '../../lib/index.ts';

const HEADER = `
import errno, json, signal, struct, sys
from socket import *

def tell(value):
    print(json.dumps(value), flush=True)
`;

/** A Python program that runs beside the test, and reports what it sees with `tell(value)`: one value a line. */
export interface PythonChild {
  /** Its next report. */
  tells(): Promise<unknown>;
}

/** Starts a Python program, which has all of `socket` imported; it is ended with the test. */
export function startPython(source: string, args: readonly (string | number)[] = []): PythonChild {
  const child = spawn('python3', ['-c', HEADER + source, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  own({ [Symbol.dispose]: () => void child.kill('SIGKILL') });
  const lines = linesOf(child.stdout.setEncoding('utf8'));
  return {
    tells: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error('python3 ended before its next report');
      return JSON.parse(next.value) as unknown;
    },
  };
}

async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** An address at which the kernel drops clients, because the queue of the listener is full. */
export async function unanswering(): Promise<[host: string, port: number]> {
  const child = startPython(`
listener = socket(AF_INET, SOCK_STREAM)
listener.bind(('127.0.0.1', 0))
listener.listen(0)
waiting = [socket(AF_INET, SOCK_STREAM) for _ in range(3)]
for one in waiting:
    one.setblocking(False)
    one.connect_ex(listener.getsockname())
tell(listener.getsockname()[1])
signal.pause()
`);
  const port = await child.tells();
  if (typeof port !== 'number') throw new TypeError('a port was expected');
  return ['127.0.0.1', port];
}

/**
 * The kernel's own values of a socket's options, or the numbers of its errors: a Python program is handed the
 * descriptor, and asks for them.
 */
export function kernelOptions(one: Socket, options: readonly (readonly [level: number, optname: number])[]): number[] {
  const source = `${HEADER}
one = socket(fileno=3)
def ask(level, optname):
    try:
        return one.getsockopt(level, optname)
    except OSError as error:
        return -error.errno
tell([ask(*option) for option in json.loads(sys.argv[1])])
one.detach()
`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', source, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe', one.fileno()],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`python3 failed:\n${stderr}`);
  return JSON.parse(stdout) as number[];
}
