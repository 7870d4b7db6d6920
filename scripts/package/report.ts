/** One thing to check: a cell in a table. */
export interface Check {
  readonly table: string;
  readonly row: string;
  readonly column: string;
  /** Returns what is wrong, or `undefined`. */
  readonly run: () => Promise<string | undefined>;
}

export interface Result {
  readonly check: Check;
  readonly problem: string | undefined;
}

/** Runs a check; one that throws has failed. */
export async function resultOf(check: Check): Promise<Result> {
  try {
    return { check, problem: await check.run() };
  } catch (error) {
    return { check, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** The tables with a mark in each cell, then the problems, then a summary in Jest's form. */
export function report(results: readonly Result[]): string {
  const tables = unique(results.map(({ check }) => check.table)).map((name) =>
    tableOf(
      name,
      results.filter(({ check }) => check.table === name),
    ),
  );
  const failures = results.filter(({ problem }) => problem !== undefined);
  const problems = failures.map(
    ({ check: { table, row, column }, problem }) => `FAILED ${table}, ${row}, ${column}:\n${problem ?? ''}`,
  );
  const failed = failures.length > 0 ? `${failures.length} failed, ` : '';
  const passed = results.length - failures.length;
  return [...tables, ...problems, `Tests:       ${failed}${passed} passed, ${results.length} total`].join('\n\n');
}

function tableOf(name: string, results: readonly Result[]): string {
  const columns = unique(results.map(({ check }) => check.column));
  const rows = unique(results.map(({ check }) => check.row)).map((row) => [
    row,
    ...columns.map((column) => {
      const cells = results.filter(({ check }) => check.row === row && check.column === column);
      if (cells.length === 0) return '';
      return cells.every(({ problem }) => problem === undefined) ? 'yes' : 'NO';
    }),
  ]);
  const lines = [[name, ...columns], ...rows];
  const widths = lines[0]?.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0))) ?? [];
  return lines.map((line) => line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')).join('\n');
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];
