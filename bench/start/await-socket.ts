import type * as library from '../../lib/index.ts';

/** The same with this library, whose built package is named in the command: `await-socket.js PACKAGE PORT`. */

async function main(path: string, port: number): Promise<void> {
  // Where the package is, is known only when the benchmark runs; its types are those of its source.
  const { socket } = (await import(path)) as typeof library;
  const sock = socket();
  await sock.connect(['127.0.0.1', port]);
  sock.close();
  console.log(JSON.stringify(process.cpuUsage()));
}

void main(process.argv[2] ?? '', Number(process.argv[3]));
