import type { BufferedReader, WaitOptions } from '../../lib/index.ts';

/** Requests and answers of HTTP/1.0 begin with a line, then headers, one a line, then an empty line. */

/** Longer lines, or more headers, are refused. */
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

/** A mistake in a request, with the status of the answer that reports it. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Reads up to the empty line. The result is `undefined` if the connection ends before the first line. */
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
 * Reads a line, without its end. The result is `undefined` if the connection has ended. `tooLong` is the status for a
 * line over the limit.
 */
async function readLine(file: BufferedReader, tooLong: number, options: WaitOptions): Promise<string | undefined> {
  // latin1 has a character for each byte, so that nothing is lost.
  const line = (await file.readline(LONGEST_LINE, options)).toString('latin1');
  if (line === '') return undefined;
  if (line.length === LONGEST_LINE && !line.endsWith('\n')) {
    throw new HttpError(tooLong, `a line of more than ${LONGEST_LINE} bytes`);
  }
  const [, text] = /^([^\r\n\0]*)\r?\n$/.exec(line) ?? [];
  if (text === undefined) throw new HttpError(400, 'a line with a control character, or without its end');
  return text;
}
