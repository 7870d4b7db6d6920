/**
 * A program for sockets, as data, which is run on Python's `socket` and on ours. All of it is JSON, so that a program
 * that failed can be kept.
 */
export type Program = readonly Step[];

/**
 * One call. Sockets and files are in numbered places; both sides leave out a call on an empty place. The call `drop`
 * empties a place without closing the socket or file.
 */
export interface Step {
  readonly on: number;
  /**
   * The method, by Python's name, or `socket` to make one. `exchange` is several calls: `[how, size, receives, part]`
   * sends so many bytes by one of them while the place `into` receives as many, so much at a time. `socketpair` fills the
   * places `on` and `into`; `dup`, `fromfd` and `detach` make another socket in `into`, of the descriptor or of a copy.
   */
  readonly call: string;
  readonly args?: readonly Value[];
  /**
   * The place that gets the socket of `accept()` or the file of `makefile()`; the one that receives what `exchange`
   * sends.
   */
  readonly into?: number;
  /** How our side makes the call, where Python has no such choice. */
  readonly ours?: Manner;
}

/** The forms of a call of ours; the outcome does not depend on them. */
export interface Manner {
  /**
   * The options: none; an empty object; one whose signal is `null`; one with a signal of the call's own, or with that
   * of the whole program.
   */
  readonly options?: 'none' | 'empty' | 'null' | 'own' | 'shared';
  /** Whether the options stand in the place of the first argument that is left out. */
  readonly early?: boolean;
  /** How often the event loop turns before the next call. */
  readonly turns?: number;
  /** The memory that is sent, or received into. */
  readonly memory?: MemoryKind;
  /** Whether all memory is transferred away once the call has settled: its arguments, and its result. */
  readonly transfers?: boolean;
}

/** A Buffer with memory of its own or from the pool, or another kind of memory, or a part of one. */
export type MemoryKind = 'buffer' | 'pool' | 'view' | 'words' | 'data' | 'arraybuffer' | 'shared' | 'resizable';

/** An argument. An array is a tuple; a value that JSON does not have is an object with one key. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  /** A constant of the module. */
  | { readonly name: string }
  /** Bytes, in hexadecimal. */
  | { readonly bytes: string }
  /** So many bytes, all different from their neighbours. */
  | { readonly fill: number }
  /** Memory for so many bytes, to be received into. Its later contents are part of the result. */
  | { readonly room: number }
  /** A host of this machine that no other program uses at the time: '127.1.2.3'. AF_INET6 has only one. */
  | { readonly host: 4 | 6 }
  /** A path of a Unix socket that no other program uses. */
  | { readonly path: string }
  /** The last address that the socket in a place is known to have had. */
  | { readonly address: number }
  /** The same with the host's name, `localhost`. */
  | { readonly named: number }
  /** A list, where Python distinguishes it from a tuple. */
  | { readonly list: readonly Value[] }
  /** Arguments by keyword, which are one object here. */
  | { readonly keywords: Readonly<Record<string, Value>> }
  /** A file of so many bytes, opened to be read. */
  | { readonly file: number }
  /** The multicast group of a family, at the port of the socket in a place. */
  | { readonly group: readonly [family: 4 | 6, of: number] }
  /** A number that JSON does not have. */
  | { readonly number: 'nan' | 'inf' | '-inf' };

/** The result of a step: a value, an error, or a word for anything else. */
export type Result =
  | { readonly value: unknown; readonly room?: unknown }
  | { readonly error: string; readonly errno: number | null; readonly written?: number }
  | 'no socket'
  /** A file of that sort has no such method. */
  | 'no call'
  /** An exchange whose sockets do not wait as long as it takes. */
  | 'does not wait'
  /** The call did not return in time; the program ends there. */
  | 'blocks';

/** The names that a program uses, and no other program at the same time. */
export interface Names {
  readonly host: string;
  readonly folder: string;
}

/** The groups of `group`, which steps join by their bytes. */
export const GROUPS = { 4: '239.255.77.1', 6: 'ff11::4d01' } as const;

/** Seconds after which a call counts as one that blocks. */
export const BLOCKS = 0.4;

/** The same for much data, which takes longer on a busy machine. */
export const EXCHANGE_BLOCKS = 3;
