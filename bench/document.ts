import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { goalsTable, misses } from './goals-table.ts';
import { documents, replacePart, type Part } from './marks.ts';
import { markdown, type Report } from './report.ts';
import { added, readResults, RESULTS, runsOf, type Run } from './results.ts';
import { chartsOf, resultsTable, SHOWN } from './tables.ts';

const CHARTS = 'docs/performance';

/** Keeps the results of a run, and writes all that the documents show. */
export async function keepResults(report: Report, run: Run): Promise<void> {
  const text = JSON.stringify(added(readResults(), run, report), rounded);
  writeFileSync(RESULTS, await format(text, { ...(await resolveConfig(RESULTS)), parser: 'json' }));
  await writeDocuments();
}

/** Four digits are more than any measurement is good for. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

/** Writes the tables, and draws the charts, from the results that are kept. */
export async function writeDocuments(): Promise<void> {
  const results = readResults();
  const shown = results[SHOWN];
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
  const missed = Object.entries(results).flatMap(([major, report]) =>
    misses(report).map((line) => `Node ${major}: ${line}`),
  );
  await writePart('results', [resultsTable(results), list(runsOf(results))].join('\n\n'));
  if (shown !== undefined) await writePart('details', markdown(shown));
  await writePart('goals', [goalsTable(results), list(missed)].join('\n\n'));
  mkdirSync(CHARTS, { recursive: true });
  for (const [group, svg] of chartsOf(shown?.outcomes ?? [])) writeFileSync(join(CHARTS, `${group}.svg`), svg);
}

/** Replaces a generated part of its document. */
export async function writePart(part: Part, generated: string): Promise<void> {
  const file = documents[part];
  const text = replacePart(readFileSync(file, 'utf8'), part, generated);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }));
}
