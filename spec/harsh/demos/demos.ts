import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child, programWords } from '../child.ts';
import type { Extent, Outcome } from '../part.ts';
import { megabytes, Watched } from '../watched.ts';
import { chat } from './chat.ts';
import { files } from './files.ts';
import type { DemoAttack, DemoPlan } from './plan.ts';

/** How much more memory a demo may take, whatever is done to it, in bytes: most of it is garbage of V8's. */
const MOST = 160 * 1024 * 1024;

/** How long the clients of one attack go on, in seconds: longer than the demos' time limits. */
const SECONDS = { full: 6, small: 1 };

/** The attacks of the tests; all are too many. */
const SMALL = 2;

/** Pauses between two uses, in milliseconds. */
const PAUSE = 10;

/** The demos, attacked in each way, and what others have of them meanwhile. */
export async function demos({ size }: Extent): Promise<Outcome> {
  const rows: string[][] = [];
  const mistakes: string[] = [];
  for (const plan of [chat, files]) {
    await using demo = startDemo(plan);
    const [, port] = /:(\d+)$/.exec(await demo.line()) ?? [];
    demo.drain();
    const memory = new Watched(demo.pid);
    for (const attack of plan.attacks.slice(0, size === 'small' ? SMALL : undefined)) {
      memory.begin();
      const { times, problems } = await attacked(plan, attack, Number(port), SECONDS[size]);
      const { grown } = memory;
      const sorted = times.sort((one, other) => one - other);
      const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
      rows.push([
        `\`${plan.demo}\``,
        attack.does,
        `+${megabytes(grown)}`,
        sorted.length.toLocaleString('en-US'),
        `${median.toFixed(1)} ms`,
        `${(sorted.at(-1) ?? 0).toFixed(0)} ms`,
      ]);
      if (grown > MOST) problems.push(`${megabytes(grown)} more memory`);
      if (sorted.length === 0) problems.push('no other client was served');
      mistakes.push(...problems.map((problem) => `${plan.demo}, ${attack.does}: ${problem}`));
    }
  }
  return {
    head: ['Demo', 'What strangers do', 'Its memory', 'Others: answers', 'median', 'slowest'],
    rows,
    conditions: [`Each attack lasts ${SECONDS[size]} s; the time limit of the chat is 3 s, and that of the files 1 s`],
    mistakes,
  };
}

function startDemo({ demo, args }: DemoPlan): Child {
  const [file = '', ...words] = programWords(join(__dirname, `../../../demos/${demo}.ts`), args());
  return new Child(file, words);
}

/** Attacks a demo, and uses it meanwhile; the result has how long each use took, in milliseconds, and what went wrong. */
async function attacked(
  plan: DemoPlan,
  attack: DemoAttack,
  port: number,
  seconds: number,
): Promise<{ times: number[]; problems: string[] }> {
  const times: number[] = [];
  let isOver = false;
  const ask = async (call: () => Promise<void>): Promise<void> => {
    do {
      const start = performance.now();
      await call();
      times.push(performance.now() - start);
      await delay(PAUSE);
    } while (!isOver);
  };
  const serving = plan.serve(port, ask).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  // Those who come first have their places.
  await delay(PAUSE);
  const problems = await attack.run(port, seconds);
  isOver = true;
  return { times, problems: [...problems, ...(await serving)] };
}
