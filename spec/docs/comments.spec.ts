import { describe, expect, it } from '@jest/globals';
import { filesIn, read } from './blocks.ts';

/** A part of a TSDoc comment: its description, or a block tag with its text. */
interface Part {
  readonly place: string;
  /** The tag's name; '' for the description. */
  readonly tag: string;
  readonly text: string;
}

/** The parts of the comments in a source text. */
function partsOf(name: string, source: string): Part[] {
  return [...source.matchAll(/\/\*\*(.*?)\*\//gs)].flatMap((comment) => {
    const text = (comment[1] ?? '').replaceAll(/^ *\* ?/gm, '');
    const line = source.slice(0, comment.index).split('\n').length;
    return text.split(/^(?=@[a-z]+)/m).map((part) => ({
      place: `${name}, comment in line ${line}`,
      tag: /^@([a-z]+)/.exec(part)?.[1] ?? '',
      text: part.trim(),
    }));
  });
}

/** Tags whose text may have paragraphs. A paragraph after a blank line belongs to any other tag only by mistake. */
const WITH_PARAGRAPHS = ['', 'remarks', 'example', 'internal'];

const strays = (parts: readonly Part[]): Part[] =>
  parts.filter(({ tag, text }) => !WITH_PARAGRAPHS.includes(tag) && /\n\s*\n/.test(text));

/** Differences from Python outside of `@remarks`. */
const misplaced = (parts: readonly Part[]): Part[] =>
  parts.filter(({ tag, text }) => tag !== 'remarks' && /^(@[a-z]+ )?Differs from Python/m.test(text));

const places = (parts: readonly Part[]): string[] => parts.map(({ place, tag }) => `${place}: @${tag}`);

describe('comments of TSDoc in lib/', () => {
  const parts = filesIn('lib', '.ts').flatMap((name) => partsOf(name, read(name)));

  it('are found', () => {
    expect(parts.filter(({ tag }) => tag === 'remarks').length).toBeGreaterThan(10);
  });

  it('have no paragraph that belongs to @see or another short tag', () => {
    expect(places(strays(parts))).toEqual([]);
  });

  it('have differences from Python under @remarks', () => {
    expect(places(misplaced(parts))).toEqual([]);
  });
});

it('a paragraph after @see is found, and so is a difference in the description', () => {
  const source = '/**\n * Text.\n *\n * Differs from Python here.\n *\n * @see there\n *\n * A paragraph.\n */';
  const parts = partsOf('a.ts', source);
  expect(places(strays(parts))).toEqual(['a.ts, comment in line 1: @see']);
  expect(places(misplaced(parts))).toEqual(['a.ts, comment in line 1: @']);
});
