import { inspect } from 'node:util';

/** The escapes of Python's repr() that are not `\xNN`. */
const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

/** Bytes as Python shows them: `b'GET / HTTP/1.0\r\n'`. */
export function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replaceAll(/[^ -[\]-~]/g, (unit) => {
    return ESCAPES[unit] ?? `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `b${quote}${quote === "'" ? body.replaceAll("'", "\\'") : body}${quote}`;
}

/** Python's names of encodings that Node calls otherwise. */
function encodingOf(name: string): BufferEncoding {
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  if (plain === 'iso88591') return 'latin1';
  if (Buffer.isEncoding(plain)) return plain;
  throw new RangeError(`unknown encoding: ${name}`);
}

/**
 * In this process alone: bytes are shown as in Python and have `decode()`, and strings have `encode()`, because the
 * lines of tutorials have them.
 */
export function likePython(): void {
  define(Buffer, inspect.custom, function (this: Buffer): string {
    return bytesText(this);
  });
  define(Buffer, 'decode', function (this: Buffer, encoding = 'utf8'): string {
    return this.toString(encodingOf(encoding));
  });
  define(String, 'encode', function (this: string, encoding = 'utf8'): Buffer {
    return Buffer.from(this, encodingOf(encoding));
  });
}

function define(
  { prototype }: { readonly prototype: object },
  name: string | symbol,
  value: (this: never, encoding?: string) => unknown,
): void {
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
}
