/**
 * Draws docs/ladder.svg: a determined sender and a patient receiver, traced while they talk to each other. `npm run
 * ladder`
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as echarts from 'echarts';
import { traceOf } from '../cli/trace/calls.ts';
import { pictureOf } from '../cli/trace/conversation.ts';
import { readTraces } from '../cli/trace/read.ts';
import { command } from '../demos/support/command.ts';
import { axes, MARGINS, series } from '../ladder/option.ts';
import { stepScale } from '../ladder/scale.ts';
import { Places } from '../ladder/shown.ts';

const SIZE = { width: 900, height: 680 };

/** How many bytes are sent: a few blocks. */
const FILE_SIZE = 2500;

function demo(name: string, trace: string, ...args: readonly string[]): ChildProcess {
  const preloads = ['--require', 'ts-node/register', '--require', './lib/trace/index.ts'];
  return spawn(process.execPath, [...preloads, `demos/${name}.ts`, ...args], {
    env: { ...process.env, AWAIT_SOCKET_TRACE: trace },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The port that the receiver says it listens on. */
async function portOf(receiver: ChildProcess): Promise<string> {
  if (receiver.stdout === null) throw new Error('the receiver has no output');
  for await (const line of createInterface(receiver.stdout)) {
    const port = /listening on .*:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error('the receiver does not listen');
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ladder-'));
  const [file, sent, received] = ['file', 'sent.jsonl', 'received.jsonl'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, Buffer.alloc(FILE_SIZE, 'some bytes '));
  const receiver = demo('patient-receiver', received, '--port', '0', '--once', '--out', join(folder, 'copy'));
  const ended = once(receiver, 'exit');
  const sender = demo('determined-sender', sent, '--port', await portOf(receiver), file);
  await Promise.all([once(sender, 'exit'), ended]);
  const picture = pictureOf(traceOf(readTraces([sent, received])), 'a determined sender and a patient receiver');
  rmSync(folder, { recursive: true });
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  const scale = stepScale(picture);
  const places = new Places(picture, scale, () => true);
  const laneWidth = (SIZE.width - MARGINS.left - MARGINS.right) / picture.lanes.length;
  chart.setOption({ backgroundColor: '#ffffff', ...axes(picture, scale, laneWidth) });
  chart.setOption({ series: series(picture, places.in({ from: 0, to: scale.end, height: SIZE.height })) });
  writeFileSync('docs/ladder.svg', `${chart.renderToSVGString()}\n`);
  chart.dispose();
}

command('ladder', 'Draws the ladder of a determined sender and a patient receiver in docs/ladder.svg.').parse();
void main();
