import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { chart, marks } from '../../bench/charts.ts';
import { titles } from '../../bench/report.ts';
import { readResults } from '../../bench/results.ts';
import { contenderNames, rows } from '../../bench/rows.ts';
import { chartsOf, SHOWN } from '../../bench/tables.ts';

const charts = chartsOf(readResults()[SHOWN]?.outcomes ?? []);

/** A chart with all contenders and all rows: the most that has to fit. */
const fullest = chart(
  rows.map(({ title }) => ({ title, ratios: Object.fromEntries(contenderNames.map((name) => [name, 1])) })),
);

/** The box of a text in DejaVu Sans, which is wider than most fonts. */
interface Text {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const CHARACTER = 0.64;

function textsIn(svg: string): Text[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes = '', encoded = '']) => {
    const text = encoded.replaceAll('&#39;', "'");
    const number = (pattern: RegExp): number => Number(pattern.exec(attributes)?.[1] ?? 0);
    const size = number(/font-size:(\d+)px/);
    const width = text.length * size * CHARACTER;
    const x = number(/translate\(([-\d.]+) /) + number(/ x="([-\d.]+)"/);
    const y = number(/translate\([-\d.]+ ([-\d.]+)\)/) + number(/ y="([-\d.]+)"/);
    const anchor = /text-anchor="(\w+)"/.exec(attributes)?.[1] ?? 'start';
    const left =
      x - { start: 0, middle: width / 2, end: width }[anchor === 'middle' || anchor === 'end' ? anchor : 'start'];
    return { text, left, right: left + width, top: y - size / 2, bottom: y + size / 2 };
  });
}

function overlap(one: Text, other: Text): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

/** The colours in a chart. */
function coloursIn(svg: string): string[] {
  const found = svg.matchAll(/(?:fill|stroke)="(#[\da-f]{6})"/g);
  return [...new Set([...found].map(([, colour = '']) => colour))];
}

/** How different two colours look: ΔE*76, the distance in CIE Lab. About 2 is the least visible difference. */
function difference(one: string, other: string): number {
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
}

function lab(colour: string): [number, number, number] {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
    const value = parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
  ].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe('the charts of docs/performance.md', () => {
  it.each(charts)('show the results that are kept: %s', (group, svg) => {
    expect(readFileSync(`docs/performance/${group}.svg`, 'utf8')).toBe(svg);
  });

  it.each([...charts, ['fullest', fullest] as const])(
    'have all texts within the picture, and none over another: %s',
    (_, svg) => {
      const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
      const texts = textsIn(svg);
      expect(texts.length).toBeGreaterThan(5);
      const cut = texts.filter(
        ({ left, right, top, bottom }) => left < 0 || top < 0 || right > Number(width) || bottom > Number(height),
      );
      expect(cut).toEqual([]);
      const pairs = texts.flatMap((one, index) => texts.slice(index + 1).map((other) => [one, other] as const));
      expect(pairs.filter(([one, other]) => overlap(one, other))).toEqual([]);
    },
  );

  it('name all contenders, each in a colour of its own', () => {
    const texts = textsIn(fullest).map(({ text }) => text);
    expect(contenderNames.filter((name) => !texts.includes(titles[name]))).toEqual([]);
    // Beside the text and the axes, which are gray.
    const others = ['#374151', '#54555a', '#b7b9be', '#dbdee4', '#ffffff'];
    const colours = coloursIn(fullest).filter((colour) => !others.includes(colour));
    expect(colours).toHaveLength(contenderNames.length);
    const pairs = colours.flatMap((one, index) => colours.slice(index + 1).map((other) => [one, other] as const));
    expect(pairs.filter(([one, other]) => difference(one, other) < 25)).toEqual([]);
  });

  it('give each contender a shape of its own, for readers who cannot tell the colours apart', () => {
    expect(new Set(Object.values(marks).map(({ symbol }) => symbol)).size).toBe(contenderNames.length);
  });
});
