import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { chart } from './charts.ts';
import { replaceResults } from './marks.ts';
import { markdown, misses, rowOf, type Report } from './report.ts';
import { groups, type Group } from './rows.ts';

/** The document whose generated part is written anew; what stands around that is written by hand. */
const FILE = 'docs/performance.md';
const CHARTS = 'performance';

/** Writes the tables and charts; `conditions` says on what, when and how they were measured. */
export async function writeDocument(report: Report, conditions: readonly string[]): Promise<void> {
  mkdirSync(join('docs', CHARTS), { recursive: true });
  const image = (group: Group): string => {
    const own = report.outcomes.filter((outcome) => rowOf(outcome).group === group);
    writeFileSync(join('docs', CHARTS, `${group}.svg`), chart(own));
    return `![${groups[group]}](${CHARTS}/${group}.svg)`;
  };
  const missed = misses(report).map((line) => `- ${line}`);
  const results = [
    conditions.map((condition) => `- ${condition}`).join('\n'),
    markdown(report, image),
    '### What misses its goal',
    missed.length > 0 ? missed.join('\n') : 'Nothing.',
  ].join('\n\n');
  const text = replaceResults(readFileSync(FILE, 'utf8'), results);
  writeFileSync(FILE, await format(text, { ...(await resolveConfig(FILE)), parser: 'markdown' }));
}
