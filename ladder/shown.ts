import type { Arrow, Bar, Picture } from '../cli/trace/picture.ts';
import type { Scale } from './scale.ts';

/** A bar with its places; `count` of them where several are too near each other to be told apart. */
export interface ShownBar {
  readonly bar: Bar;
  readonly begin: number;
  readonly work: number;
  readonly end: number;
  count: number;
}

/** An arrow with its places. */
export interface ShownArrow {
  readonly arrow: Arrow;
  readonly begin: number;
  readonly end: number;
  count: number;
  bytes: number;
}

/** What is drawn of a picture. */
export interface Shown {
  readonly bars: readonly ShownBar[];
  readonly arrows: readonly ShownArrow[];
}

/** From so many on, what is too near to be told apart is drawn as one. */
const CROWD = 2000;

/** The part of a picture that is looked at. */
export interface View {
  readonly from: number;
  readonly to: number;
  /** How many pixels it has. */
  readonly height: number;
}

/** The calls and arrows of a picture by their places, which are found quickly for any view. */
export class Places {
  readonly #bars: ShownBar[];
  readonly #arrows: ShownArrow[];

  /** @param passes - which of the calls are shown, by their numbers. */
  constructor({ bars, arrows }: Picture, scale: Scale, passes: (index: number) => boolean) {
    this.#bars = bars
      .filter((_, index) => passes(index))
      .map((bar) => ({
        bar,
        begin: scale.place(bar.at),
        work: scale.place(bar.at + bar.worked),
        end: scale.place(bar.at + bar.worked + bar.waited),
        count: 1,
      }));
    this.#arrows = arrows
      .filter(({ bar }) => passes(bar))
      .map((arrow) => ({
        arrow,
        begin: scale.place(arrow.begin),
        end: scale.place(arrow.end),
        count: 1,
        bytes: arrow.bytes,
      }));
  }

  /** What is drawn of a view. */
  in({ from, to, height }: View): Shown {
    const isIn = ({ begin, end }: { begin: number; end: number }): boolean => begin <= to && end >= from;
    const row = (place: number): number => Math.round(((place - from) / (to - from)) * (height / 3));
    const [bars, arrows] = [this.#bars.filter(isIn), this.#arrows.filter(isIn)];
    return {
      bars: bars.length <= CROWD ? bars : mergedBars(bars, row),
      arrows: arrows.length <= CROWD ? arrows : mergedArrows(arrows, row),
    };
  }
}

/** One bar for those that begin and end in the same rows of pixels, with the outcome that matters most. */
function mergedBars(bars: readonly ShownBar[], row: (place: number) => number): ShownBar[] {
  const merged = new Map<string, ShownBar>();
  for (const one of bars) {
    const { lane, column, outcome } = one.bar;
    const key = `${lane} ${column} ${outcome} ${row(one.begin)} ${row(one.end)}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ...one });
    else known.count += 1;
  }
  return [...merged.values()];
}

function mergedArrows(arrows: readonly ShownArrow[], row: (place: number) => number): ShownArrow[] {
  const merged = new Map<string, ShownArrow>();
  for (const one of arrows) {
    const { from, to, kind } = one.arrow;
    const key = `${from} ${to} ${kind} ${row(one.begin)} ${row(one.end)}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ...one });
    else {
      known.count += 1;
      known.bytes += one.bytes;
    }
  }
  return [...merged.values()];
}
