import type { Bar, Picture } from '../cli/trace/picture.ts';
import { timeText } from './option.ts';

/** So many bytes stand in a line of the dump. */
const LINE = 16;

/** What a call was, and its first bytes as hexadecimal numbers and as text. All of it is text, never markup. */
export function details(bar: Bar, { lanes }: Picture, count: number): HTMLElement[] {
  const lane = lanes[bar.lane];
  const of = count === 1 ? [] : [block('p', `the first of ${count} calls that are too near to be told apart`)];
  const times = [`at ${timeText(bar.at)}`, `worked ${timeText(bar.worked)}`, `waited ${timeText(bar.waited)}`].join(
    ', ',
  );
  const place = `${lane?.name ?? ''} ${lane?.address ?? ''}`;
  const bytes = decoded(bar.data);
  const rest = bar.bytes > bytes.length && bytes.length > 0 ? [block('p', `and ${bar.bytes - bytes.length} more`)] : [];
  const dump = bytes.length === 0 ? [] : [block('pre', dumpOf(bytes))];
  return [...of, block('p', bar.text), block('p', `${place}: ${times}`), ...dump, ...rest];
}

function block(name: 'p' | 'pre', text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function decoded(data: string): Uint8Array {
  try {
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

function dumpOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += LINE) {
    const line = [...bytes.subarray(start, start + LINE)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${start.toString(16).padStart(4, '0')}  ${hex.padEnd(LINE * 3)} ${text}`);
  }
  return lines.join('\n');
}
