import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import PQueue from 'p-queue';
import { endAll, Program } from '../demos/processes.ts';
import { documentBlocks, filesIn } from './blocks.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

afterAll(endAll);

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** The scripts that are programs of this repository, by their names: `bench` is bench/bench.ts. */
const programs = new Map(
  Object.entries(scripts).flatMap(([name, line]) => {
    const [, file] = /^ts-node (\S+)$/.exec(line) ?? [];
    return file === undefined ? [] : [[name, file] as const];
  }),
);

const demos = filesIn('demos', '.ts').filter((file) => !file.includes('support'));

/** A command in a document, or in the head of a demo, that the reader may type. */
interface Told {
  readonly place: string;
  readonly line: string;
}

const told: readonly Told[] = [
  ...documentBlocks()
    .filter(({ language }) => language === 'sh')
    .flatMap(({ place, code }) => code.split('\n').map((line) => ({ place, line }))),
  ...filesIn('docs', '.md')
    .concat('README.md')
    .flatMap((place) =>
      [...readFileSync(place, 'utf8').matchAll(/`((?:npm|npx) [^`]+)`/g)].map(([, line = '']) => ({ place, line })),
    ),
  ...demos.flatMap((place) =>
    [...readFileSync(place, 'utf8').matchAll(/^ \* {5}(.+)$/gm)].map(([, line = '']) => ({ place, line })),
  ),
].flatMap(({ place, line }) =>
  line
    .replace(/ +# .*$/, '')
    .split(' && ')
    .filter((part) => part !== '')
    .map((part) => ({ place, line: part })),
);

/** Each takes a second or two to start. */
const queue = new PQueue({ concurrency: availableParallelism() });

function run(file: string, ...args: readonly string[]): Program['ended'] {
  return queue.add(() => new Program(process.execPath, ['node_modules/ts-node/dist/bin.js', file, ...args]).ended);
}

const helps = new Map<string, Program['ended']>();

/** The output of a program's `--help`. */
function help(file: string): Program['ended'] {
  const known = helps.get(file) ?? run(file, '--help');
  helps.set(file, known);
  return known;
}

/** The options in a command: those after `--` if npm runs it. */
function optionsIn(line: string): string[] {
  return [...line.matchAll(/ (--[a-z][\w-]*)/g)].map(([, option = '']) => option);
}

async function unknownOptions(file: string, line: string): Promise<string[]> {
  const { stdout } = await help(file);
  return optionsIn(line).filter((option) => !stdout.includes(`${option} `));
}

describe('the commands in the documents', () => {
  it('are found', () => {
    expect(told.filter(({ line }) => line.startsWith('npm run '))).not.toHaveLength(0);
    expect(told.filter(({ line }) => line.startsWith('npx ts-node '))).not.toHaveLength(0);
  });

  it('name scripts that exist, with options that these take', async () => {
    const problems: string[] = [];
    for (const { place, line } of told) {
      const [, name = ''] = /^npm (?:run )?([\w:]+)/.exec(line) ?? [];
      if (['', 'ci', 'cit', 'install', 'pack'].includes(name)) continue;
      if (scripts[name] === undefined) problems.push(`${place}: ${line}: no script ${name}`);
      const file = programs.get(name);
      if (file === undefined) continue;
      for (const option of await unknownOptions(file, line)) problems.push(`${place}: ${line}: no option ${option}`);
    }
    expect(problems).toEqual([]);
  });

  it('name programs that exist, with options that these take', async () => {
    const problems: string[] = [];
    for (const { place, line } of told) {
      const [, file] = /^npx ts-node (\S+)/.exec(line) ?? [];
      if (file === undefined) continue;
      if (!demos.includes(file)) problems.push(`${place}: ${line}: no demo ${file}`);
      else for (const option of await unknownOptions(file, line)) problems.push(`${place}: ${line}: no ${option}`);
    }
    expect(problems).toEqual([]);
  });

  // `npm start` runs the other one.
  it.each(demos.filter((file) => file !== programs.get('start')))(
    '%s has the command that runs it in its head',
    (file) => {
      const own = told.filter(({ place, line }) => place === file && line.startsWith(`npx ts-node ${file}`));
      expect(own).not.toEqual([]);
    },
  );
});

describe('each program', () => {
  const all = [...programs, ...demos.map((file) => [basename(file, '.ts'), file] as const)];

  it('explains itself with --help', async () => {
    const endings = await Promise.all(all.map(async ([name, file]) => ({ name, ...(await help(file)) })));
    expect(endings).toEqual(
      all.map(([name]) => ({
        name,
        status: 0,
        stdout: expect.stringMatching(new RegExp(`^Usage: ${name} `)),
        stderr: '',
      })),
    );
  });

  it('answers a mistake in its command line with its usage, and with status 2', async () => {
    const endings = await Promise.all(all.map(async ([name, file]) => ({ name, ...(await run(file, '--nonsense')) })));
    expect(endings).toEqual(
      all.map(([name]) => ({
        name,
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(new RegExp(`^${name}: .*\nusage: ${name} .*\n$`)),
      })),
    );
  });
});
