import { median } from '../statistics.ts';

/**
 * Counts that do not depend on the machine's speed, by operation and by kind of count, for one operation.
 */
export type Figures = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The kinds of counts: the name in the table, and the tolerance, which is 0 where a count is exact. */
export const kinds: Readonly<
  Record<string, { readonly title: string; readonly margin: number; readonly digits: number }>
> = {
  promises: { title: 'promises', margin: 0, digits: 1 },
  timers: { title: 'timers', margin: 0, digits: 1 },
  bytes: { title: 'bytes allocated', margin: 0.05, digits: 0 },
  reads: { title: 'reads', margin: 0, digits: 1 },
  writes: { title: 'writes', margin: 0, digits: 1 },
  registrations: { title: 'epoll_ctl', margin: 0, digits: 1 },
  listeners: { title: 'listeners', margin: 0, digits: 0 },
  heap: { title: 'bytes held', margin: 0.05, digits: 0 },
};

/** Rounds a count, so that work that is done only once makes no difference. */
export function rounded(figures: Figures): Figures {
  return mapped(figures, (value, kind) => Number(value.toFixed(kindOf(kind).digits)));
}

/** All figures of two; where both have one, the smaller: disturbances only add to a count. */
export function least(one: Figures, other: Figures): Figures {
  return merged(one, other, Math.min);
}

/** The median of each figure. */
export function medians(all: readonly [Figures, ...Figures[]]): Figures {
  return mapped(all.reduce(joined), (_value, kind, name) =>
    median(all.flatMap((figures) => figures[name]?.[kind] ?? [])),
  );
}

/** All figures of two; where both have one, the first one's. */
export function joined(one: Figures, other: Figures): Figures {
  return merged(one, other, (first) => first);
}

/** One line for each figure that exceeds its limit or has none. */
export function excess(figures: Figures, allowed: Figures): string[] {
  return lines(figures, (name, kind, value) => {
    const limit = allowed[name]?.[kind];
    const { title, margin } = kindOf(kind);
    if (limit === undefined) return `${name}: ${value} ${title}, and no limit`;
    return value > limit * (1 + margin) ? `${name}: ${value} ${title}, ${limit} allowed` : undefined;
  });
}

/** One line for each figure that is clearly below its limit. */
export function savings(figures: Figures, allowed: Figures): string[] {
  return lines(figures, (name, kind, value) => {
    const limit = allowed[name]?.[kind] ?? 0;
    const { title, margin } = kindOf(kind);
    return value < limit * (1 - margin) ? `${name}: ${value} ${title}, ${limit} allowed` : undefined;
  });
}

/** The figures of several Nodes as a table; where they differ, from the least to the most. */
export function countsTable(byNode: Readonly<Record<string, Figures>>): string {
  const all = Object.values(byNode);
  const names = [...new Set(all.flatMap((figures) => Object.keys(figures)))];
  const shown = Object.entries(kinds).filter(([kind]) => all.some((one) => names.some((name) => has(one, name, kind))));
  const rows = names.map((name) => [
    `\`${name}\``.replace(/^`([^()]*)`$/, '$1'),
    ...shown.map(([kind]) => range(all.flatMap((figures) => figures[name]?.[kind] ?? []))),
  ]);
  const head = ['', ...shown.map(([, { title }]) => title)];
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) return '';
  return low === high ? low.toLocaleString('en') : `${low.toLocaleString('en')}–${high.toLocaleString('en')}`;
}

function has(figures: Figures, name: string, kind: string): boolean {
  return figures[name]?.[kind] !== undefined;
}

function kindOf(kind: string): { title: string; margin: number; digits: number } {
  const found = kinds[kind];
  if (found === undefined) throw new RangeError(`there is no kind of count ${kind}`);
  return found;
}

function lines(figures: Figures, line: (name: string, kind: string, value: number) => string | undefined): string[] {
  return Object.entries(figures).flatMap(([name, own]) =>
    Object.entries(own).flatMap(([kind, value]) => line(name, kind, value) ?? []),
  );
}

function mapped(figures: Figures, change: (value: number, kind: string, name: string) => number): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, own]) => [
      name,
      Object.fromEntries(Object.entries(own).map(([kind, value]) => [kind, change(value, kind, name)])),
    ]),
  );
}

function merged(one: Figures, other: Figures, choose: (first: number, second: number) => number): Figures {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const own = { ...other[name] };
      for (const [kind, value] of Object.entries(one[name] ?? {})) own[kind] = choose(value, own[kind] ?? value);
      return [name, own];
    }),
  );
}
