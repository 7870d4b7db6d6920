import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { blocksBefore, documentBlocks, printedBy, type Block } from '../../spec/docs/blocks.ts';
import { SUPPORTED_NODES } from '../nodes.ts';
import { run, type Project } from './project.ts';
import type { Check } from './report.ts';

/** The versions of Node on which a command of a document runs, by the comment beside the command. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  '': ['20', '22', '24', '26'],
  'Node.js 20': ['20'],
  'Node.js 22.18 and later': ['22', '24', '26'],
};

const NEWEST = SUPPORTED_NODES.at(-1);

/** A `using` declaration, which Node 22 does not run as it stands. */
const USING = /^ *(?:await )?using /m;

/** A command that a document gives to run an example. */
interface Command {
  readonly line: string;
  readonly versions: readonly string[];
}

/** What says how the examples are run. */
const GUIDES = ['README.md', 'docs/using.md'];

/** The commands that run the file, as the guides give them. */
function commandsFor(file: string): Command[] {
  const blocks = GUIDES.flatMap((guide) => readFileSync(guide, 'utf8').split('\n```sh\n').slice(1));
  return blocks
    .flatMap((block) => block.slice(0, block.indexOf('```')).split('\n'))
    .filter((line) => line.includes(file))
    .map((line) => {
      const [command = '', comment = ''] = line.split(/ +# /);
      const versions = VERSIONS[comment];
      if (versions === undefined) throw new Error(`On which versions of Node does this run? ${line}`);
      return { line: command, versions };
    });
}

/** Runs each example of the documents by the commands of the guides, in a project that has installed the package. */
export function readmeChecks(project: Project, nodes: ReadonlyMap<string, string>): Check[] {
  const examples = documentBlocks().filter(({ language, mode }) => language === 'ts' && mode !== 'no-run');
  const first = examples.slice(0, 1);
  return [...checksOf('hello.mjs', first, project, nodes), ...checksOf('example.mts', examples, project, nodes)];
}

function checksOf(
  file: string,
  examples: readonly Block[],
  project: Project,
  nodes: ReadonlyMap<string, string>,
): Check[] {
  const commands = commandsFor(file);
  if (commands.length === 0) throw new Error(`No guide says how to run ${file}`);
  return commands.flatMap(({ line, versions }, index) =>
    examples.flatMap((example) =>
      versionsFor(example, examples, versions).map((version) => ({
        table: 'Examples',
        row: `${example.place} as ${file}`,
        column: `Node ${version}`,
        run: async () => {
          const folder = join(project.folder, `${file}-${index}-${version}-${example.place.replaceAll(/\W/g, '-')}`);
          mkdirSync(folder);
          const path = [dirname(nodes.get(version) ?? ''), process.env.PATH].join(delimiter);
          for (const block of [...blocksBefore(example, examples), example]) {
            writeFileSync(join(folder, file), block.code);
            const { passed, output } = await run('sh', ['-c', line], folder, { PATH: path });
            if (!passed || output !== printedBy(block)) return `${block.place}: ${line}\n${output}`;
          }
          return undefined;
        },
      })),
    ),
  );
}

/**
 * The versions on which an example runs by a command: all of them for the first example of a document, the newest for
 * the others. A compiler for each example would take longer than all that is tried besides.
 */
function versionsFor(example: Block, examples: readonly Block[], versions: readonly string[]): readonly string[] {
  const able = USING.test(example.code) ? versions.filter((version) => version !== '22') : versions;
  const first = examples.find(({ file }) => file === example.file);
  return example === first ? able : able.filter((version) => version === NEWEST);
}
