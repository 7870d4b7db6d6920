import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { explore } from '../../bench/machine.ts';
import { replaceMarked } from '../../bench/marks.ts';
import { markdown, PAGE, TABLES, type Table, type TableName } from './tables.ts';

/** Writes a table into the document, with the machine, the versions and the day. */
export async function writeTable(name: TableName, table: Table): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const conditions = [`${day}: ${explore(undefined, []).description}`, ...(table.conditions ?? [])];
  const text = replaceMarked(readFileSync(PAGE, 'utf8'), name, TABLES[name], markdown({ ...table, conditions }));
  writeFileSync(PAGE, await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
}
