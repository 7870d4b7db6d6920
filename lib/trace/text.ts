import { inspect, styleText, type InspectColor } from 'node:util';
import type { TraceEvent, TraceProcess } from './event.ts';

/** How many bytes of the data a line shows. */
const SHOWN_BYTES = 32;

/** Waits from this many milliseconds on stand out. */
const LONG_WAIT = 1000;

/** Turns a trace into lines for people, as strace(1) does for system calls. */
export class TraceText {
  readonly #colours: boolean;
  readonly #processes = new Set<string>();

  /** @param colours - whether the lines have colours. */
  constructor(colours: boolean) {
    this.#colours = colours;
  }

  /** The lines of some objects of a trace; a call that still waits has none. */
  lines(entries: readonly (TraceProcess | TraceEvent)[]): string {
    return entries
      .filter((entry) => !('waits' in entry))
      .map((entry) => `${'trace' in entry ? this.#process(entry) : this.line(entry)}\n`)
      .join('');
  }

  #process({ process: name, command, node }: TraceProcess): string {
    this.#processes.add(name);
    return this.#styled('dim', `process ${name}: ${plain(command)} (Node ${plain(node)})`);
  }

  /** The line of a call. */
  line(event: TraceEvent): string {
    const { process: name, call, args, socket, waited, waits } = event;
    const place = this.#processes.size > 1 ? `[${name}] ` : '';
    const number = socket === null ? '' : `#${socket} `;
    const begin = this.#styled('dim', `${clock(event.at)} ${place}`);
    const text = `${this.#styled('cyan', number)}${this.#styled('bold', call)}(${args.map(plain).join(', ')})`;
    const wait = waits === undefined ? waitText(waited) : '';
    const style = waited >= LONG_WAIT ? 'yellow' : 'dim';
    return `${begin}${text}${this.#outcome(event)}${wait === '' ? '' : this.#styled(style, ` <${wait}>`)}`;
  }

  #outcome({ waits, error, bytes, accepted, result, other, tls, data, peer, call }: TraceEvent): string {
    if (waits === true) return this.#styled('yellow', ' still waits');
    const shown = data === undefined ? '' : ` ${this.#styled('green', quoted(data, bytes ?? 0))}`;
    if (error !== undefined) {
      return `${this.#styled('red', ` = ${plain(error.code ?? error.name)}: ${plain(error.message)}`)}${shown}`;
    }
    const where = other === undefined ? '' : ` ${call.startsWith('recv') ? 'from' : 'to'} ${plain(other)}`;
    if (bytes !== undefined) {
      const isEnd = bytes === 0 && other === undefined && call.startsWith('recv');
      const count = isEnd ? 'the end' : `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
      return ` = ${count}${where}${tls === true ? ' over TLS' : ''}${shown}`;
    }
    if (accepted !== undefined) return ` = #${accepted} from ${plain(result ?? '')}`;
    if (call === 'connect' && peer !== undefined) return ` = connected to ${plain(peer)}`;
    return result === undefined ? '' : ` = ${plain(result)}`;
  }

  #styled(style: InspectColor | 'dim' | 'bold', text: string): string {
    return this.#colours && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Whether what is written to a stream may have colours (https://no-color.org). */
export function mayColour(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? '') === '';
}

/** Text without control characters, with which a peer could write over the terminal. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters to replace
  return text.replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Bytes as a quoted text, with the others as `\x..`; `…` where there are more. */
function quoted(data: string, bytes: number): string {
  const first = Buffer.from(data, 'base64').subarray(0, SHOWN_BYTES);
  const text = inspect(first.toString('latin1')).replaceAll(/[\x7f-\xff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16)}`;
  });
  return `${text}${bytes > first.length ? '…' : ''}`;
}

/** The time of the day, in milliseconds. */
function clock(at: number): string {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, '0');
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`;
}

/** How long a call has waited; nothing where it did not. */
export function waitText(milliseconds: number): string {
  if (milliseconds === 0) return '';
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(3)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)} ms`;
}
