import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const root = join(__dirname, '..', '..');

/** A block of code in a document, or in a comment of lib/. */
export interface Block {
  /** The file that it is in: `README.md`. */
  readonly file: string;
  /** Its place: `README.md:12`. */
  readonly place: string;
  readonly language: string;
  /** How it is run: `no-run` is only compiled; `first` makes files that the other blocks of its file need. */
  readonly mode: 'run' | 'no-run' | 'first';
  readonly code: string;
}

/** The output of a block, by the comments after its `console.log()`. */
export function printedBy({ code }: Block): string {
  const lines = [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, text = '']) => `${text}\n`);
  return lines.join('');
}

const FENCE = /^( *)```(\w+)(?: (no-run|first))?\n([^]*?)^\1```$/gm;

function blocksOf(file: string, text: string): Block[] {
  return [...text.matchAll(FENCE)].map(({ index, 2: language = '', 3: mode, 4: code = '' }) => ({
    file,
    place: `${file}:${text.slice(0, index).split('\n').length}`,
    language,
    mode: mode === 'no-run' || mode === 'first' ? mode : 'run',
    code,
  }));
}

/** The blocks that make files which a block needs: they run before it, in its folder. Those of docs/ssl.md serve lib/ssl/. */
export function blocksBefore({ file, mode }: Block, blocks: readonly Block[]): Block[] {
  const guide = file.replace(/^lib\/(\w+)\/.*$/, 'docs/$1.md');
  return mode === 'first' ? [] : blocks.filter((other) => other.file === guide && other.mode === 'first');
}

export function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** The names of the files below a folder, from the root. */
export function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

/** The blocks of the documents. */
export function documentBlocks(): Block[] {
  return ['README.md', 'bench/README.md', ...filesIn('docs', '.md')].flatMap((name) => blocksOf(name, read(name)));
}

/** The blocks of the `@example`s in lib/. */
export function exampleBlocks(): Block[] {
  return filesIn('lib', '.ts').flatMap((name) => {
    // Removes only the comment's asterisks, line by line, so that the places stay right.
    const comments = read(name).replace(/^ *\* ?/gm, '');
    return blocksOf(name, comments);
  });
}
