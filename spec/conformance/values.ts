import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import * as socket from '../../lib/index.ts';
import { memoryOf, type Memory } from './memory.ts';
import { GROUPS, type MemoryKind, type Names, type Value } from './program.ts';

/** The module's constants, by name. */
const MODULE = new Map<string, unknown>(Object.entries(socket));

/** What a step's arguments use. */
export interface Used {
  /** The kind of memory for the arguments. */
  readonly kind: MemoryKind;
  readonly rooms: Memory[];
  /** The bytes that are sent. */
  readonly sent: Memory[];
  readonly files: FileHandle[];
}

/** Converts programs' values to arguments, and results to values that can be compared. */
export class Values {
  /** The last address that each place is known to have had. */
  readonly addresses = new Map<number, socket.Address>();
  readonly #names: Names;
  readonly #ports = new Map<number, string>();

  constructor(names: Names) {
    this.#names = names;
  }

  async decodeAll(values: readonly Value[], used: Used): Promise<unknown[]> {
    const decoded: unknown[] = [];
    for (const value of values) {
      if (isObject(value) && 'file' in value) {
        const handle = await open(this.file(value.file));
        used.files.push(handle);
        decoded.push(handle);
      } else decoded.push(this.#decode(value, used));
    }
    return decoded;
  }

  /** The path of a file of so many bytes. */
  file(size: number): string {
    const path = `${this.#names.folder}/file-${size}`;
    writeFileSync(path, fill(size));
    return path;
  }

  encode(value: unknown): unknown {
    if (value === undefined) return null;
    if (value instanceof Buffer && /^\0[0-9a-f]{5}$/.test(value.toString('latin1'))) return 'a name that Linux chose';
    if (value instanceof Buffer) return { bytes: value.length <= 32 ? value.toString('hex') : digest(value) };
    if (value instanceof socket.Socket) return 'a socket';
    if (typeof value === 'string') {
      return value.replaceAll(this.#names.host, 'HOST').replaceAll(this.#names.folder, 'FOLDER');
    }
    if (!Array.isArray(value)) return value;
    const [host, port, ...rest] = value as unknown[];
    const isAddress = typeof host === 'string' && typeof port === 'number' && (rest.length === 0 || rest.length === 2);
    if (isAddress) return [this.encode(host), this.#port(port), ...rest];
    return value.map((item) => this.encode(item));
  }

  #decode(value: Value, used: Used): unknown {
    if (!isObject(value)) return isTuple(value) ? value.map((item) => this.#decode(item, used)) : value;
    if ('name' in value) return MODULE.get(value.name);
    if ('bytes' in value) return Buffer.from(value.bytes, 'hex');
    if ('fill' in value) {
      const memory = memoryOf(used.kind, fill(value.fill));
      used.sent.push(memory);
      return memory.given;
    }
    if ('room' in value) {
      const memory = memoryOf(used.kind, Buffer.alloc(value.room));
      used.rooms.push(memory);
      return memory.given;
    }
    if ('host' in value) return value.host === 4 ? this.#names.host : '::1';
    if ('path' in value) return `${this.#names.folder}/${value.path}`;
    if ('address' in value) return this.#address(value.address);
    if ('named' in value) return ['localhost', this.#address(value.named)[1]];
    if ('group' in value) return [GROUPS[value.group[0]], this.#address(value.group[1])[1]];
    if ('list' in value) return value.list.map((item) => this.#decode(item, used));
    if ('keywords' in value) {
      return Object.fromEntries(Object.entries(value.keywords).map(([key, one]) => [key, this.#decode(one, used)]));
    }
    if ('file' in value) throw new Error('a file stands by itself');
    return { nan: Number.NaN, inf: Infinity, '-inf': -Infinity }[value.number];
  }

  #address(of: number): socket.Address {
    return this.addresses.get(of) ?? [this.#names.host, 1];
  }

  /** Ports by the order in which they are seen, because the kernel chooses them. */
  #port(number: number): number | string {
    if (number < 1024) return number;
    const known = this.#ports.get(number) ?? `port ${this.#ports.size}`;
    this.#ports.set(number, known);
    return known;
  }
}

type Obj = Exclude<Value, null | boolean | number | string | readonly Value[]>;

function isObject(value: Value): value is Obj {
  return typeof value === 'object' && value !== null && !isTuple(value);
}

function isTuple(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

const PATTERN = Buffer.from(Uint8Array.from({ length: 251 }, (_, index) => index));

export function fill(size: number): Buffer {
  return Buffer.alloc(size, PATTERN);
}

export function digest(value: Buffer): readonly [length: number, sha1: string] {
  return [value.length, createHash('sha1').update(value).digest('hex')];
}
