import { appendFileSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bytesOf, rangeError, shown, typeError } from '../common/arguments.ts';
import { osError } from '../common/errors.ts';
import { fsencode } from '../common/file-names.ts';

/** The path of a file: text, bytes, or a `file:` URL. */
export type FilePath = string | Uint8Array | URL;

/** A path as bytes, as Python's `os.fsencode()` makes it of a string; `text` is what Python says of another type. */
export function checkPath(value: unknown, text: string): Buffer {
  const path = value instanceof URL ? fileURLToPath(value) : value;
  if (typeof path !== 'string' && !ArrayBuffer.isView(path)) throw typeError(text, value);
  const bytes = typeof path === 'string' ? fsencode(path) : Buffer.from(bytesOf(path));
  if (bytes === undefined) throw rangeError('surrogates not allowed', value);
  if (bytes.includes(0)) throw rangeError('embedded null byte', value);
  return bytes;
}

/** The text of a file, each byte a character; PEM is ASCII, and what is not stays what it was. */
export function readText(path: Buffer): string {
  return onFile('open', path, () => readFileSync(path, 'latin1'));
}

/** Opens a file to append to it, and makes it where it is missing. */
export function openForAppending(path: Buffer): number {
  return onFile('open', path, () => openSync(path, 'a', 0o666));
}

/** Whether an open file is empty. */
export function isEmpty(descriptor: number): boolean {
  return fstatSync(descriptor).size === 0;
}

/** Writes bytes to the end of a file that is open for that. */
export function append(descriptor: number, bytes: Uint8Array | string, path: Buffer): void {
  onFile('write', path, () => appendFileSync(descriptor, bytes));
}

/** Gives Python's error for one of Node's. */
function onFile<T>(syscall: string, path: Buffer, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'EIO';
    throw osError(code, { syscall, address: shown(path.toString()), cause: error });
  }
}
