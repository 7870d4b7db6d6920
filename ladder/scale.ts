import type { Picture } from '../cli/trace/picture.ts';

/** Where a moment is in a picture. */
export interface Scale {
  /** The place of a moment, in milliseconds since the beginning. */
  place(time: number): number;
  /** The moment of a place. */
  time(place: number): number;
  readonly end: number;
}

/** The moments as they are. */
export function clockScale({ end }: Picture): Scale {
  return { place: (time) => time, time: (place) => place, end: Math.max(end, 0.001) };
}

/** A pause of so many milliseconds takes as much room as the step from one moment to the next. */
const STEP = 0.02;

/**
 * Long pauses shortened, so that both what takes microseconds and what takes seconds can be seen: the room between two
 * moments grows with the logarithm of the time between them.
 */
export function stepScale({ bars, end }: Picture): Scale {
  const moments = [0, end, ...bars.flatMap(({ at, worked, waited }) => [at, at + worked, at + worked + waited])];
  const times = Float64Array.from(moments).sort();
  const places = new Float64Array(times.length);
  for (let index = 1; index < times.length; index += 1) {
    const pause = (times[index] ?? 0) - (times[index - 1] ?? 0);
    places[index] = (places[index - 1] ?? 0) + Math.log1p(pause / STEP);
  }
  return {
    place: (time) => between(times, places, time),
    time: (place) => between(places, times, place),
    end: Math.max(places.at(-1) ?? 0, 0.001),
  };
}

/** The value in `to` that stands where `value` stands in `from`, both in order. */
function between(from: Float64Array, to: Float64Array, value: number): number {
  let low = 0;
  let high = from.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((from[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  const [start, stop] = [from[low] ?? 0, from[high] ?? 0];
  const share = stop === start ? 0 : Math.min(Math.max((value - start) / (stop - start), 0), 1);
  return (to[low] ?? 0) + share * ((to[high] ?? 0) - (to[low] ?? 0));
}
