import type { BufferedReader, WaitOptions } from '../../lib/index.ts';

/** What requests and answers of HTTP/1.0 begin with: a line, then headers, one a line, then an empty line. */

/** Whoever sends longer lines, or more headers, is not heard out. */
const LONGEST_LINE = 8192;
const MOST_HEADERS = 100;

/** A message's beginning. */
export interface Head {
  readonly line: string;
  /** The headers as they came. */
  readonly lines: readonly string[];
  /** The headers by their names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What is wrong with a request, and the status of the answer that says so. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Reads up to the empty line; nothing if the connection ends before it begins. */
export async function readHead(file: BufferedReader, options: WaitOptions): Promise<Head | undefined> {
  const first = await readLine(file, 414, options);
  if (first === undefined) return undefined;
  const lines: string[] = [];
  const headers = new Map<string, string>();
  for (;;) {
    const line = await readLine(file, 431, options);
    if (line === undefined) throw new HttpError(400, 'it ended within the headers');
    if (line === '') return { line: first, lines, headers };
    if (lines.push(line) > MOST_HEADERS) throw new HttpError(431, `more than ${MOST_HEADERS} headers`);
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new HttpError(400, 'a header without a name');
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
}

/**
 * Reads a line, without its end; nothing if the connection has ended. `tooLong` is the status for a line over the
 * limit.
 */
async function readLine(file: BufferedReader, tooLong: number, options: WaitOptions): Promise<string | undefined> {
  // latin1 has a character for each byte, so that nothing is lost.
  const line = (await file.readline(LONGEST_LINE, options)).toString('latin1');
  if (line === '') return undefined;
  if (line.length === LONGEST_LINE && !line.endsWith('\n')) {
    throw new HttpError(tooLong, `a line of more than ${LONGEST_LINE} bytes`);
  }
  const [, text] = /^([^\r\n\0]*)\r?\n$/.exec(line) ?? [];
  if (text === undefined) throw new HttpError(400, 'a line that does not end as one');
  return text;
}
