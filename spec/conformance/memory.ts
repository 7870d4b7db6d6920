import type { MemoryKind } from './program.ts';

/** The bytes around a part of larger memory: nothing may be written there. */
const AROUND = 8;
const MARK = 0xa5;

/** Memory that a call is given, and how to inspect it. */
export interface Memory {
  readonly given: ArrayBuffer | ArrayBufferView;
  readonly bytes: Buffer;
  /** Whether the bytes around it are unchanged. */
  isMarked(): boolean;
}

/** Memory of a kind, with these bytes in it. */
export function memoryOf(kind: MemoryKind, content: Uint8Array): Memory {
  const size = content.length;
  const own = (given: ArrayBuffer | ArrayBufferView): Memory => {
    const bytes = bytesOf(given);
    bytes.set(content);
    return { given, bytes, isMarked: () => true };
  };
  switch (kind) {
    case 'buffer':
      return own(Buffer.alloc(size));
    case 'pool':
      return own(Buffer.allocUnsafe(size));
    case 'words':
      return own(size % 2 === 0 ? new Uint16Array(size / 2) : new Int8Array(size));
    case 'data':
      return own(new DataView(new ArrayBuffer(size)));
    case 'arraybuffer':
      return own(new ArrayBuffer(size));
    case 'shared':
      return own(new Uint8Array(new SharedArrayBuffer(size)));
    case 'resizable':
      return own(new Uint8Array(resizable(size)));
    case 'view': {
      const all = new Uint8Array(AROUND + size + AROUND).fill(MARK);
      const given = all.subarray(AROUND, AROUND + size);
      given.set(content);
      const around = [all.subarray(0, AROUND), all.subarray(AROUND + size)];
      const isMarked = (): boolean => around.every((part) => part.every((byte) => byte === MARK));
      return { given, bytes: bytesOf(given), isMarked };
    }
  }
}

function bytesOf(given: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(given) ? Buffer.from(given.buffer, given.byteOffset, given.byteLength) : Buffer.from(given);
}

/** A buffer that may grow; TypeScript's types of ES2023 do not have it. */
function resizable(size: number): ArrayBuffer {
  return Reflect.construct(ArrayBuffer, [size, { maxByteLength: size + AROUND }]) as ArrayBuffer;
}

/** Transfers memory away, as `postMessage()` does; leaves memory that cannot be transferred. */
export function transfer(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) transfer(item);
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(buffer instanceof ArrayBuffer)) return;
  try {
    structuredClone(buffer, { transfer: [buffer] });
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
