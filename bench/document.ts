import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { chart } from './charts.ts';
import { goalRows, goalsTable, ratiosOf, tlsGoalRows, type Reached } from './goals.ts';
import { replacePart, type Part } from './marks.ts';
import { markdown, misses, partOf, type Report } from './report.ts';
import { groups, type Group } from './rows.ts';
import { chartRows } from './tables.ts';

/** The document whose generated parts are replaced; the text around them is written by hand. */
const FILE = 'docs/performance.md';
const CHARTS = 'performance';

/** The rows with goals, and the latest results for them on each Node, so that one can be measured without the others. */
const GOALS = [
  { part: 'goals', among: goalRows, file: join('docs', CHARTS, 'goals.json') },
  { part: 'tls-goals', among: tlsGoalRows, file: join('docs', CHARTS, 'tls-goals.json') },
] as const;

/**
 * Writes the tables and charts, those of TLS or the others; `conditions` gives the machine, the time and the method of
 * the measurement.
 */
export async function writeResults(whole: Report, conditions: readonly string[], isTls: boolean): Promise<void> {
  const report = partOf(whole, isTls);
  const image = (group: Group): string => `![${groups[group]}](${CHARTS}/${group}.svg)`;
  const missed = misses(report).map((line) => `- ${line}`);
  const results = [
    conditions.map((condition) => `- ${condition}`).join('\n'),
    markdown(report, image),
    '### What misses its goal',
    missed.length > 0 ? missed.join('\n') : 'Nothing.',
  ].join('\n\n');
  await writePart(isTls ? 'tls' : 'results', results);
  drawCharts();
}

/** Draws the charts from the tables in the document. */
export function drawCharts(): void {
  const document = readFileSync(FILE, 'utf8');
  mkdirSync(join('docs', CHARTS), { recursive: true });
  for (const group of Object.keys(groups) as Group[]) {
    writeFileSync(join('docs', CHARTS, `${group}.svg`), chart(chartRows(document, group)));
  }
}

/** Writes the results for the goals on a Node, as `v20.19.0`, and keeps those of other Nodes. */
export async function writeGoals(report: Report, node: string, run: string): Promise<void> {
  mkdirSync(join('docs', CHARTS), { recursive: true });
  for (const { part, among, file } of GOALS) {
    const ratios = ratiosOf(report, among);
    if (Object.keys(ratios).length === 0) continue;
    const all = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Reached>) : {};
    const version = node.replace('v', '');
    all[parseInt(version)] = { node: version, run, ratios };
    writeFileSync(file, await format(JSON.stringify(all), { ...(await resolveConfig(file)), parser: 'json' }));
    await writePart(part, goalsTable(all, among));
  }
}

/** Replaces a generated part of the document. */
export async function writePart(part: Part, generated: string): Promise<void> {
  const text = replacePart(readFileSync(FILE, 'utf8'), part, generated);
  writeFileSync(FILE, await format(text, { ...(await resolveConfig(FILE)), parser: 'markdown' }));
}
