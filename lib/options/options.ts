import { bytesOf, int, integer, shown, typeError, type Data } from '../common/arguments.ts';
import * as constants from '../common/constants.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../common/constants.ts';
import { osError, textError, type OSError } from '../common/errors.ts';
import { intBytes } from '../common/int-bytes.ts';
import type { KernelOptions, Setting } from './kernel-options.ts';
import { inet6Rows, inetRows, socketRows } from './datagram-options.ts';
import type { OptionSupport, OptionTarget, Refusal } from '../transports/option-target.ts';
import {
  between,
  failure,
  INT_SIZE,
  MAX_INT,
  flag,
  type Kind,
  type Option,
  type OptionFacts,
  type OptionQuery,
  type OptionSetting,
  type Values,
} from './option.ts';
import { reasonAgainst } from './refused-options.ts';
import { SettingsLog } from './settings-log.ts';

/** The value of C's null pointer. */
const NULL = Buffer.alloc(0);

const applyKeepAlive: NonNullable<Option['apply']> = (target, values) =>
  target.setKeepAlive?.({
    on: values.of(KEEPALIVE) === 1,
    idle: values.chosen(KEEPIDLE),
    interval: values.of(KEEPINTVL),
    count: values.of(KEEPCNT),
  });

// The limits and the first values of TCP's keep-alive are tcp(7)'s: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL and
// MAX_TCP_KEEPCNT in Linux.
const KEEPALIVE: Option = { initial: 0, keep: flag, apply: applyKeepAlive };
const KEEPIDLE: Option = { initial: 7200, keep: between(1, 32767), apply: applyKeepAlive };
const KEEPINTVL: Option = {
  initial: 75,
  keep: between(1, 32767),
  apply: applyKeepAlive,
  available: (support) => support.keepAliveInterval,
};
const KEEPCNT: Option = {
  initial: 9,
  keep: between(1, 127),
  apply: applyKeepAlive,
  available: (support) => support.keepAliveInterval,
};

// On from the start, as in asyncio and Go: Nagle's algorithm and delayed acknowledgements together delay small answers
// by 40 ms.
const NODELAY: Option = {
  initial: 1,
  keep: flag,
  apply: (target, values) => target.setNoDelay?.(values.of(NODELAY) === 1),
};

/** Seconds that close() may take to deliver, or this for an option that is off. */
const LINGER_OFF = -1;

// `struct linger` is two C ints: on or off, and seconds (socket(7)).
const LINGER: Option = {
  initial: LINGER_OFF,
  keep: (seconds) => {
    // Node can only do 0, which makes close() reset the connection.
    if (seconds > 0)
      throw osError('ENOPROTOOPT', { syscall: 'setsockopt', note: 'Node cannot set SO_LINGER to more than 0 seconds' });
    return seconds;
  },
  struct: {
    size: 8,
    parse: (bytes) => (bytes.readInt32LE(0) === 0 ? LINGER_OFF : Math.max(0, bytes.readInt32LE(4))),
    format: (seconds) => intBytes(Number(seconds !== LINGER_OFF), Math.max(0, seconds)),
  },
};

const REUSEADDR: Option = { initial: 0, keep: flag };
const REUSEPORT: Option = {
  initial: 0,
  keep: flag,
  available: (support, { type }) => (type === SOCK_STREAM ? support.reusePort : support.reuseDatagramPort),
  beforeBind: true,
};

const V6ONLY: Option = {
  initial: 0,
  available: (_support, { family }) => family === AF_INET6,
  keep: (value, facts) => {
    if (facts.isBound()) throw failure('EINVAL', 'setsockopt');
    return flag(value);
  },
};

// The two lowest bits are for explicit congestion notification, which TCP sets itself (ip(7)).
const typeOfService = (family: number, check = (value: number): number => value): Option => {
  const option: Option = {
    initial: 0,
    keep: (value) => check(value) & 0xfc,
    apply: (target, values) => target.setTypeOfService?.(values.of(option)),
    available: (support, kind) => support.typeOfService && kind.family === family && kind.type === SOCK_STREAM,
  };
  return option;
};

const TABLE: ReadonlyMap<number, ReadonlyMap<number, Option>> = new Map([
  [
    SOL_SOCKET,
    new Map<number, Option>([
      [constants.SO_REUSEADDR, REUSEADDR],
      [constants.SO_REUSEPORT, REUSEPORT],
      [constants.SO_KEEPALIVE, KEEPALIVE],
      [constants.SO_LINGER, LINGER],
      [constants.SO_TYPE, { initial: 0, read: (facts) => facts.type }],
      [constants.SO_DOMAIN, { initial: 0, read: (facts) => facts.family }],
      [constants.SO_PROTOCOL, { initial: 0, read: (facts) => facts.proto }],
      [constants.SO_ACCEPTCONN, { initial: 0, read: (facts) => Number(facts.isListening()) }],
      ...socketRows,
      [constants.SO_ERROR, { initial: 0, read: (facts) => facts.takeError() }],
    ]),
  ],
  [
    IPPROTO_TCP,
    new Map<number, Option>([
      [constants.TCP_NODELAY, NODELAY],
      [constants.TCP_KEEPIDLE, KEEPIDLE],
      [constants.TCP_KEEPINTVL, KEEPINTVL],
      [constants.TCP_KEEPCNT, KEEPCNT],
    ]),
  ],
  [IPPROTO_IP, new Map<number, Option>([[constants.IP_TOS, typeOfService(AF_INET)], ...inetRows])],
  [
    IPPROTO_IPV6,
    new Map<number, Option>([
      ...inet6Rows,
      [constants.IPV6_V6ONLY, V6ONLY],
      // −1 is for what the system chooses, which is 0 (ipv6(7)).
      [constants.IPV6_TCLASS, typeOfService(AF_INET6, (value) => Math.max(0, between(-1, 0xff)(value)))],
    ]),
  ],
]);

/** The options that a listener passes on to the sockets that it accepts. */
export interface InheritedOptions {
  readonly values: ReadonlyMap<Option, number>;
  readonly kept: readonly Setting[];
  /** Whether some have to be set on the transport, or count at close(), even if no call asks for them. */
  readonly isToBeSet: boolean;
}

/** The options of one socket: kept from the start, and set on the transport as soon as that exists. */
export class Options {
  readonly #facts: OptionFacts;
  readonly #support: OptionSupport;
  readonly #kernel: KernelOptions | undefined;
  readonly #values = new Map<Option, number>();
  readonly #all: Values = {
    of: (option) => this.#value(option),
    chosen: (option) => this.#values.get(option),
  };
  /** The actions that wait for the transport, in order. */
  #pending: ((target: OptionTarget) => Refusal | undefined)[] = [];
  #target: OptionTarget | undefined;
  readonly #log = new SettingsLog();
  /** Shared by all sockets that are accepted until an option is set next. */
  #inheritable: InheritedOptions | undefined;

  constructor(facts: OptionFacts, support: OptionSupport, kernel?: KernelOptions) {
    this.#facts = facts;
    this.#support = support;
    this.#kernel = kernel;
  }

  /** Whether bind() shares the port with other sockets that set this too. */
  get reusePort(): boolean {
    return this.#value(REUSEPORT) === 1;
  }

  /** Whether bind() shares a datagram port with other sockets that set this too. */
  get reuseAddress(): boolean {
    return this.#value(REUSEADDR) === 1;
  }

  /** Whether an IPv6 socket takes IPv6 only. */
  get ipv6Only(): boolean {
    return this.#value(V6ONLY) === 1;
  }

  /** Whether close() resets the connection. */
  get resetsOnClose(): boolean {
    return this.#value(LINGER) === 0;
  }

  /** Whether options that need a descriptor have to be set before the socket connects. */
  get wantDescriptor(): boolean {
    return this.#kernel?.areWaiting === true;
  }

  /** Whether options are set that Node does not have: they may make the kernel give ancillary data. */
  get areBeyondNode(): boolean {
    return this.#kernel?.areKept === true;
  }

  /** What was set, for a socket of the kernel's that takes the place of this one. */
  get settings(): readonly OptionSetting[] {
    return this.#log.settings;
  }

  /** Sets an option, also on the transport if that exists. */
  set(setting: OptionSetting): void {
    this.#inheritable = undefined;
    this.#set(setting);
    this.#log.note(setting, this.#target !== undefined);
  }

  #set(setting: OptionSetting): void {
    const { level, optname, value, optlen } = setting;
    const note = hasLevel(this.#facts, level) ? reasonAgainst(this.#facts, setting) : undefined;
    if (note !== undefined) throw osError('ENOPROTOOPT', { syscall: 'setsockopt', note });
    const row = this.#row(level, optname);
    const option = this.#offered(row);
    if (option === undefined) return this.#beyond(row, level, 'setsockopt').set(setting, this.#isSetToo(row, level));
    const bytes = value ?? NULL;
    const length = optlen ?? bytes.length;
    // Options of IPPROTO_IP also take a single byte, and IP_TOS even none at all (do_ip_setsockopt).
    const least = level !== IPPROTO_IP ? INT_SIZE : optname === constants.IP_TOS ? 0 : 1;
    if (length < least || length > MAX_INT) throw failure('EINVAL', 'setsockopt');
    if (length > bytes.length) throw failure('EFAULT', 'setsockopt');
    if (option.read !== undefined) throw failure('ENOPROTOOPT', 'setsockopt');
    if (length < (option.struct?.size ?? option.perform?.size ?? 0)) throw failure('EINVAL', 'setsockopt');
    if (option.perform !== undefined) return this.#perform(option.perform.prepare(bytes));
    const number = option.struct === undefined ? intIn(bytes) : option.struct.parse(bytes);
    const before = this.#values.get(option);
    this.#values.set(option, option.keep === undefined ? number : option.keep(number, this.#facts));
    const refusal = this.#target === undefined ? undefined : option.apply?.(this.#target, this.#all);
    if (refusal === undefined) return throwIfAny(this.#kernel?.restore());
    if (before === undefined) this.#values.delete(option);
    else this.#values.set(option, before);
    throw failure(refusal.code, 'setsockopt');
  }

  /** The value of an option: a number, or bytes if their number is given. */
  get(query: OptionQuery): number | Buffer {
    const { level, optname, buflen } = query;
    const row = this.#row(level, optname);
    const option = this.#offered(row);
    if (option === undefined) return this.#beyond(row, level, 'getsockopt').get(query);
    if (option.perform !== undefined) throw failure('ENOPROTOOPT', 'getsockopt');
    const current = this.#target === undefined ? undefined : option.current?.(this.#target);
    const value = option.read === undefined ? (current ?? this.#value(option)) : option.read(this.#facts);
    const bytes = option.struct === undefined ? intBytes(value) : option.struct.format(value);
    if (buflen === 0) return bytes.readInt32LE(0);
    const isShort = level === IPPROTO_IP && option.struct === undefined && buflen < INT_SIZE && isByte(value);
    return bytes.subarray(0, isShort ? 1 : buflen);
  }

  /**
   * Sets all chosen options on the socket's new transport, which also gets those that are set from now on. If the
   * system refuses some, the first error is raised after all others were set.
   */
  attach(target: OptionTarget): void {
    this.#target = target;
    const applied = new Set<Option['apply']>();
    const refusals: (Refusal | undefined)[] = [];
    for (const option of this.#values.keys()) {
      if (applied.has(option.apply)) continue;
      applied.add(option.apply);
      refusals.push(option.apply?.(target, this.#all));
    }
    for (const action of this.#pending.splice(0)) refusals.push(action(target));
    const refused = this.#kernel?.attach(target);
    const refusal = refusals.find((one) => one !== undefined);
    throwIfAny(refusal === undefined ? refused : failure(refusal.code, 'setsockopt'));
  }

  /** The socket has no transport any more. */
  detach(): void {
    this.#target = undefined;
    this.#kernel?.detach();
  }

  /** The options that accepted sockets inherit from this listener, as on Linux; `undefined` if there are none. */
  get inheritable(): InheritedOptions | undefined {
    const kept = this.#kernel?.inheritable ?? [];
    if (this.#values.size === 0 && kept.length === 0) return undefined;
    this.#inheritable ??= {
      values: new Map(this.#values),
      kept,
      isToBeSet:
        kept.length > 0 || [...this.#values.keys()].some((option) => option.apply !== undefined || option === LINGER),
    };
    return this.#inheritable;
  }

  /** Takes over the options of a listener. */
  inherit({ values, kept }: InheritedOptions): void {
    for (const [option, value] of values) this.#values.set(option, value);
    this.#kernel?.inherit(kept);
  }

  #perform(action: (target: OptionTarget) => Refusal | undefined): void {
    if (this.#target === undefined) {
      this.#pending.push(action);
      return;
    }
    const refusal = action(this.#target);
    if (refusal !== undefined) throw failure(refusal.code, 'setsockopt');
  }

  #value(option: Option): number {
    return this.#values.get(option) ?? option.initial;
  }

  /** The option's row, whether or not this Node has the option. */
  #row(level: number, optname: number): Option | undefined {
    return hasLevel(this.#facts, level) ? TABLE.get(level)?.get(optname) : undefined;
  }

  #offered(row: Option | undefined): Option | undefined {
    return row?.available?.(this.#support, this.#facts) === false ? undefined : row;
  }

  /** Whether Node changes this option, which it has no call for, together with another one. */
  #isSetToo(row: Option | undefined, level: number): boolean {
    if (row?.apply === undefined) return false;
    const others = [...(TABLE.get(level)?.values() ?? [])].filter((one) => one !== row && one.apply === row.apply);
    return others.some((one) => this.#offered(one) !== undefined);
  }

  /** The kernel's options, for an option that Node does not have. */
  #beyond(row: Option | undefined, level: number, call: 'getsockopt' | 'setsockopt'): KernelOptions {
    const missing = this.#kernel?.missing;
    if (this.#kernel !== undefined && missing === undefined && row?.beforeBind !== true) return this.#kernel;
    const { family } = this.#facts;
    // Linux has two errors for a level that does not exist: Unix sockets give one of them, AF_INET both.
    if (!hasLevel(this.#facts, level) || !TABLE.has(level)) {
      if (family === AF_UNIX || (family === AF_INET && call === 'getsockopt')) throw failure('ENOTSUP', call);
    }
    if (missing === undefined) throw failure('ENOPROTOOPT', call);
    throw osError('ENOPROTOOPT', { syscall: call, note: missing.reason, cause: missing.cause });
  }
}

function throwIfAny(error: OSError | undefined): void {
  if (error !== undefined) throw error;
}

/** Checks the arguments of setsockopt(): a number is a C int, and `null` comes with its length. */
export function checkSetting(level: unknown, optname: unknown, value: unknown, optlen: unknown): OptionSetting {
  const names = { level: int(level, 'level'), optname: int(optname, 'optname') };
  if (value === null) {
    if (optlen === undefined) throw typeError('setsockopt(): value may be null only with an optlen', value);
    return { ...names, value, optlen: integer(optlen, 'optlen') };
  }
  if (optlen !== undefined) throw typeError('setsockopt(): optlen is for the value null alone', optlen);
  if (typeof value === 'number' || typeof value === 'boolean') {
    return { ...names, value: intBytes(int(value, 'value')), optlen };
  }
  if (typeof value === 'string') throw typeError('setsockopt(): value must be an integer or bytes', value);
  return { ...names, value: bytesOf(value), optlen };
}

/** Checks the arguments of getsockopt(). */
export function checkQuery(level: unknown, optname: unknown, buflen: unknown): OptionQuery {
  const query = { level: int(level, 'level'), optname: int(optname, 'optname'), buflen: int(buflen, 'buflen') };
  if (query.buflen < 0 || query.buflen > 1024) {
    throw textError('getsockopt buflen out of range', { note: `it must be 0-1024, received ${shown(buflen)}` });
  }
  return query;
}

/** Whether sockets of a family have options at a level. */
function hasLevel({ family, type }: Kind, level: number): boolean {
  if (level === SOL_SOCKET) return true;
  if (level === IPPROTO_TCP && type !== SOCK_STREAM) return false;
  return family === AF_INET6 || (family === AF_INET && level !== IPPROTO_IPV6);
}

/** A C int. At IPPROTO_IP, fewer than four bytes are read as one unsigned char, and none as 0 (do_ip_setsockopt). */
function intIn(bytes: Buffer): number {
  return bytes.length < INT_SIZE ? (bytes[0] ?? 0) : bytes.readInt32LE(0);
}

function isByte(value: number): boolean {
  return value >= 0 && value <= 0xff;
}

/** The values that an option may be set to. */
export type OptionValue = number | boolean | Exclude<Data, string> | null;
