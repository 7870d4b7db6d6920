import { rangeError, typeError } from '../common/arguments.ts';

/**
 * The end of a line in a text file: `null` for `\n`, `\r` and `\r\n`, which are all read as `\n`; `''` for the same
 * three, unchanged; any other value for that one only, and `\n` is written as it.
 */
export type Newline = '' | '\n' | '\r' | '\r\n' | null;

/** Checks the option `newline`. */
export function checkNewline(newline: unknown): Newline {
  if (newline === null || newline === '' || newline === '\n' || newline === '\r' || newline === '\r\n') return newline;
  if (typeof newline !== 'string') throw typeError('newline must be a string or null', newline);
  throw rangeError(`illegal newline value: ${newline}`, newline);
}

const CR = 1;
const LF = 2;
const CRLF = 4;

/**
 * Reads text in which all three end a line: keeps a `\r` until it is known whether a `\n` follows, and notes which of
 * them have occurred.
 */
export class UniversalNewlines {
  readonly #translates: boolean;
  #pending = false;
  #seen = 0;

  /** @param translates - whether all are to be read as `\n`. */
  constructor(translates: boolean) {
    this.#translates = translates;
  }

  /** The newlines so far, in Python's order: `null`, one, or several. */
  get seen(): string | readonly string[] | null {
    const [first, ...others] = [
      ...(this.#seen & CR ? ['\r'] : []),
      ...(this.#seen & LF ? ['\n'] : []),
      ...(this.#seen & CRLF ? ['\r\n'] : []),
    ];
    if (first === undefined) return null;
    return others.length === 0 ? first : [first, ...others];
  }

  /** The next text, after a `\r` that was kept. */
  translate(text: string, final: boolean): string {
    let output = this.#pending && (text !== '' || final) ? `\r${text}` : text;
    if (output !== '') this.#pending = false;
    if (output.endsWith('\r') && !final) {
      output = output.slice(0, -1);
      this.#pending = true;
    }
    if (!output.includes('\r')) {
      if ((this.#seen & LF) === 0 && output.includes('\n')) this.#seen |= LF;
      return output;
    }
    this.#note(output);
    return this.#translates ? output.replace(/\r\n?/g, '\n') : output;
  }

  #note(text: string): void {
    if ((this.#seen & CRLF) === 0 && text.includes('\r\n')) this.#seen |= CRLF;
    if ((this.#seen & CR) === 0 && /\r(?!\n)/.test(text)) this.#seen |= CR;
    if ((this.#seen & LF) === 0 && /(?<!\r)\n/.test(text)) this.#seen |= LF;
  }
}

/** Finds the end of the first line from `start` on, after its newline; −1 if the text has no newline. */
export type LineEnd = (text: string, start: number) => number;

/**
 * Finds the ends of lines. With universal newlines, the text never ends with a `\r` that a `\n` could follow: see
 * {@link UniversalNewlines}.
 */
export function lineEnd(newline: Newline): LineEnd {
  if (newline === '') {
    const end = /\r\n?|\n/g;
    return (text, start) => {
      end.lastIndex = start;
      return end.test(text) ? end.lastIndex : -1;
    };
  }
  const end = newline ?? '\n';
  return (text, start) => {
    const at = text.indexOf(end, start);
    return at === -1 ? -1 : at + end.length;
  };
}
