import { outcomeOf, type Trace } from './calls.ts';

interface Row {
  calls: number;
  failed: number;
  bytes: number;
  waited: number;
  longest: number;
}

/** A table of the calls by their names: how many, how many failed, bytes, and how long they waited. */
export function summary({ events }: Trace): string {
  const rows = new Map<string, Row>();
  for (const event of events) {
    const row = rows.get(event.call) ?? { calls: 0, failed: 0, bytes: 0, waited: 0, longest: 0 };
    rows.set(event.call, row);
    row.calls += 1;
    if (event.error !== undefined) row.failed += 1;
    row.bytes += event.bytes ?? 0;
    row.waited += event.waited;
    row.longest = Math.max(row.longest, event.waited);
  }
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
  const lines = [...rows]
    .sort(([, one], [, other]) => other.waited - one.waited || other.calls - one.calls)
    .map(([call, row]) => [
      call,
      ...[row.calls, row.failed, row.bytes].map(String),
      ...[row.waited, row.longest].map(seconds),
    ]);
  const waiting = events.filter((event) => outcomeOf(event) === 'waits').length;
  const sockets = new Set(events.filter(({ socket }) => socket !== null).map((e) => `${e.process} ${e.socket ?? ''}`));
  const total = `${events.length} calls of ${sockets.size} sockets${waiting === 0 ? '' : `; ${waiting} still wait`}`;
  return `${table([['call', 'calls', 'failed', 'bytes', 'waited, s', 'longest'], ...lines])}\n${total}\n`;
}

/** Columns: the first to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(cell).join('  ')).join('\n');
}
