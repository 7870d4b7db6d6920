import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  IPV6_V6ONLY,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PROTOCOL,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../../lib/common/constants.ts';
import type { KeepAlive, OptionSupport } from '../../lib/transports/option-target.ts';
import { checkQuery, checkSetting, Options } from '../../lib/options/options.ts';

const EVERYTHING: OptionSupport = {
  keepAliveInterval: true,
  typeOfService: true,
  reusePort: true,
  reuseDatagramPort: true,
};

/** What options ask of their socket; tests change it. */
class Facts {
  readonly family: number;
  readonly type = SOCK_STREAM;
  readonly proto = IPPROTO_TCP;
  listening = false;
  bound = false;
  error = 0;

  constructor(family: number) {
    this.family = family;
  }

  isListening(): boolean {
    return this.listening;
  }

  isBound(): boolean {
    return this.bound;
  }

  takeError(): number {
    const { error } = this;
    this.error = 0;
    return error;
  }
}

/** A connection that records what is set on it. */
class Target {
  readonly calls: unknown[][] = [];

  setNoDelay(on: boolean): undefined {
    this.calls.push(['no delay', on]);
  }

  setKeepAlive(keepAlive: KeepAlive): undefined {
    this.calls.push(['keep alive', keepAlive]);
  }

  setTypeOfService(value: number): undefined {
    this.calls.push(['type of service', value]);
  }
}

function make(family = AF_INET, support = EVERYTHING): { options: Options; facts: Facts } {
  const facts = new Facts(family);
  return { options: new Options(facts, support), facts };
}

function set(options: Options, level: number, optname: number, value: unknown, optlen?: number): void {
  options.set(checkSetting(level, optname, value, optlen));
}

function get(options: Options, level: number, optname: number, buflen = 0): unknown {
  return options.get(checkQuery(level, optname, buflen));
}

/** `struct linger`. */
function linger(on: number, seconds: number): Buffer {
  return Buffer.from(Int32Array.of(on, seconds).buffer);
}

describe('an option that was not set', () => {
  it.each([
    ['SO_REUSEADDR', AF_INET, SOL_SOCKET, SO_REUSEADDR, 0],
    ['SO_REUSEPORT', AF_INET, SOL_SOCKET, SO_REUSEPORT, 0],
    ['SO_KEEPALIVE', AF_INET, SOL_SOCKET, SO_KEEPALIVE, 0],
    ['SO_LINGER', AF_INET, SOL_SOCKET, SO_LINGER, 0],
    ['SO_ERROR', AF_INET, SOL_SOCKET, SO_ERROR, 0],
    ['SO_ACCEPTCONN', AF_INET, SOL_SOCKET, SO_ACCEPTCONN, 0],
    ['SO_TYPE', AF_INET, SOL_SOCKET, SO_TYPE, SOCK_STREAM],
    ['SO_DOMAIN', AF_INET6, SOL_SOCKET, SO_DOMAIN, AF_INET6],
    ['SO_PROTOCOL', AF_INET, SOL_SOCKET, SO_PROTOCOL, IPPROTO_TCP],
    ['TCP_NODELAY, which is on here', AF_INET, IPPROTO_TCP, TCP_NODELAY, 1],
    ['TCP_KEEPIDLE', AF_INET, IPPROTO_TCP, TCP_KEEPIDLE, 7200],
    ['TCP_KEEPINTVL', AF_INET, IPPROTO_TCP, TCP_KEEPINTVL, 75],
    ['TCP_KEEPCNT', AF_INET, IPPROTO_TCP, TCP_KEEPCNT, 9],
    ['IP_TOS', AF_INET, IPPROTO_IP, IP_TOS, 0],
    ['IPV6_TCLASS', AF_INET6, IPPROTO_IPV6, IPV6_TCLASS, 0],
    ['IPV6_V6ONLY', AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, 0],
  ])('has Linux’s default: %s', (_name, family, level, optname, value) => {
    expect(get(make(family).options, level, optname)).toBe(value);
  });
});

describe('what bind() and close() ask for', () => {
  const { options } = make(AF_INET6);

  it('follows the options', () => {
    expect([options.reusePort, options.reuseAddress, options.ipv6Only, options.resetsOnClose]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    set(options, SOL_SOCKET, SO_REUSEPORT, 1);
    set(options, SOL_SOCKET, SO_REUSEADDR, 1);
    set(options, IPPROTO_IPV6, IPV6_V6ONLY, true);
    set(options, SOL_SOCKET, SO_LINGER, linger(1, 0));
    expect([options.reusePort, options.reuseAddress, options.ipv6Only, options.resetsOnClose]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    set(options, SOL_SOCKET, SO_LINGER, linger(0, 0));
    expect(options.resetsOnClose).toBe(false);
  });
});

describe('SO_LINGER', () => {
  it('is a structure of two integers', () => {
    const { options } = make();
    expect(get(options, SOL_SOCKET, SO_LINGER, 8)).toEqual(linger(0, 0));
    set(options, SOL_SOCKET, SO_LINGER, linger(2, 0));
    expect(get(options, SOL_SOCKET, SO_LINGER, 8)).toEqual(linger(1, 0));
    expect(get(options, SOL_SOCKET, SO_LINGER, 6)).toEqual(linger(1, 0).subarray(0, 6));
    expect(get(options, SOL_SOCKET, SO_LINGER)).toBe(1);
    set(options, SOL_SOCKET, SO_LINGER, linger(0, 7));
    expect(get(options, SOL_SOCKET, SO_LINGER, 8)).toEqual(linger(0, 0));
  });

  it('of more than 0 seconds is refused, with the reason', () => {
    const { options } = make();
    expect(() => set(options, SOL_SOCKET, SO_LINGER, linger(1, 5))).toThrow(
      '[Errno 92] Protocol not available: setsockopt (Node cannot set SO_LINGER to more than 0 seconds)',
    );
    expect(options.resetsOnClose).toBe(false);
  });
});

describe('the read-only options', () => {
  it.each([SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN, SO_ERROR])('%d cannot be set', (optname) => {
    expect(() => set(make().options, SOL_SOCKET, optname, 1)).toThrow('[Errno 92] Protocol not available: setsockopt');
  });

  it('give the present state of the socket', () => {
    const { options, facts } = make();
    facts.listening = true;
    expect(get(options, SOL_SOCKET, SO_ACCEPTCONN)).toBe(1);
  });

  it('SO_ERROR gives an error once', () => {
    const { options, facts } = make();
    facts.error = 104;
    expect([get(options, SOL_SOCKET, SO_ERROR), get(options, SOL_SOCKET, SO_ERROR)]).toEqual([104, 0]);
  });
});

describe('IPV6_V6ONLY', () => {
  it('cannot be set any more once the socket is bound', () => {
    const { options, facts } = make(AF_INET6);
    facts.bound = true;
    expect(() => set(options, IPPROTO_IPV6, IPV6_V6ONLY, 1)).toThrow('[Errno 22] Invalid argument: setsockopt');
    expect(get(options, IPPROTO_IPV6, IPV6_V6ONLY)).toBe(0);
  });
});

describe('the handle under a socket', () => {
  let target: Target;
  beforeEach(() => {
    target = new Target();
  });

  it('gets no calls where no option was set', () => {
    make().options.attach(target);
    expect(target.calls).toEqual([]);
  });

  it('gets what was set before, each setting once', () => {
    const { options } = make();
    set(options, IPPROTO_TCP, TCP_NODELAY, 0);
    set(options, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(options, IPPROTO_TCP, TCP_KEEPIDLE, 10);
    set(options, IPPROTO_TCP, TCP_KEEPINTVL, 20);
    set(options, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(options, IPPROTO_IP, IP_TOS, 0x10);
    set(options, SOL_SOCKET, SO_REUSEADDR, 1);
    set(options, SOL_SOCKET, SO_LINGER, linger(1, 0));
    options.attach(target);
    expect(target.calls).toEqual([
      ['no delay', false],
      ['keep alive', { on: true, idle: 10, interval: 20, count: 3 }],
      ['type of service', 0x10],
    ]);
  });

  it('gets what is set later, at once', () => {
    const { options } = make();
    options.attach(target);
    set(options, IPPROTO_TCP, TCP_NODELAY, 0);
    set(options, IPPROTO_TCP, TCP_NODELAY, 7);
    set(options, IPPROTO_IP, IP_TOS, 0xff);
    expect(target.calls).toEqual([
      ['no delay', false],
      ['no delay', true],
      ['type of service', 0xfc],
    ]);
  });

  it('gets the traffic class of IPv6 like the type of service of IPv4', () => {
    const { options } = make(AF_INET6);
    options.attach(target);
    set(options, IPPROTO_IPV6, IPV6_TCLASS, 0x20);
    expect(target.calls).toEqual([['type of service', 0x20]]);
  });

  it('gets an idle time only if one was set', () => {
    const { options } = make();
    options.attach(target);
    set(options, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(options, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(options, SOL_SOCKET, SO_KEEPALIVE, 0);
    expect(target.calls.map(([, keepAlive]) => keepAlive)).toEqual([
      { on: true, idle: undefined, interval: 75, count: 9 },
      { on: true, idle: 60, interval: 75, count: 9 },
      { on: false, idle: 60, interval: 75, count: 9 },
    ]);
  });

  it('gets no value that is refused', () => {
    const { options } = make();
    options.attach(target);
    expect(() => set(options, IPPROTO_TCP, TCP_KEEPIDLE, 0)).toThrow('[Errno 22]');
    expect(target.calls).toEqual([]);
    expect(get(options, IPPROTO_TCP, TCP_KEEPIDLE)).toBe(7200);
  });

  it('gets no calls any more once it is detached', () => {
    const { options } = make();
    options.attach(target);
    options.detach();
    set(options, IPPROTO_TCP, TCP_NODELAY, 0);
    expect(target.calls).toEqual([]);
  });

  it('may lack the method that an option needs', () => {
    const { options } = make();
    options.attach({});
    set(options, IPPROTO_TCP, TCP_NODELAY, 0);
    expect(get(options, IPPROTO_TCP, TCP_NODELAY)).toBe(0);
  });
});

describe('an accepted socket', () => {
  it('has the options of its listener, which are separate from then on', () => {
    const listener = make().options;
    set(listener, IPPROTO_TCP, TCP_NODELAY, 0);
    set(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
    const { inheritable } = listener;
    if (inheritable === undefined) throw new Error('there is something to inherit');
    expect(inheritable.isToBeSet).toBe(true);
    const { options } = make();
    options.inherit(inheritable);
    const target = new Target();
    options.attach(target);
    expect(target.calls).toEqual([
      ['no delay', false],
      ['keep alive', { on: true, idle: undefined, interval: 75, count: 9 }],
    ]);
    set(options, IPPROTO_TCP, TCP_NODELAY, 1);
    expect(get(listener, IPPROTO_TCP, TCP_NODELAY)).toBe(0);
    set(listener, SOL_SOCKET, SO_KEEPALIVE, 0);
    expect(get(options, SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
  });

  it('shares the inherited options with all others, until an option is set', () => {
    const listener = make().options;
    expect(listener.inheritable).toBeUndefined();
    set(listener, SOL_SOCKET, SO_REUSEADDR, 1);
    const first = listener.inheritable;
    expect(first).toMatchObject({ isToBeSet: false });
    expect(listener.inheritable).toBe(first);
    set(listener, SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    expect(listener.inheritable).toMatchObject({ isToBeSet: true });
    expect(first?.values.size).toBe(1);
  });
});

describe('a Node that lacks something', () => {
  it.each([
    ['intervals of keep-alive', 'keepAliveInterval', AF_INET, IPPROTO_TCP, TCP_KEEPINTVL],
    ['counts of keep-alive', 'keepAliveInterval', AF_INET, IPPROTO_TCP, TCP_KEEPCNT],
    ['the type of service', 'typeOfService', AF_INET, IPPROTO_IP, IP_TOS],
    ['the traffic class', 'typeOfService', AF_INET6, IPPROTO_IPV6, IPV6_TCLASS],
    ['shared ports', 'reusePort', AF_INET, SOL_SOCKET, SO_REUSEPORT],
  ])('has no option for %s', (_what, missing, family, level, optname) => {
    const { options } = make(family, { ...EVERYTHING, [missing]: false });
    expect(() => set(options, level, optname, 1)).toThrow('[Errno 92] Protocol not available: setsockopt');
    expect(() => get(options, level, optname)).toThrow('[Errno 92] Protocol not available: getsockopt');
  });

  it('keeps the options that it has', () => {
    const { options } = make(AF_INET, {
      keepAliveInterval: false,
      typeOfService: false,
      reusePort: false,
      reuseDatagramPort: false,
    });
    set(options, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(options, IPPROTO_TCP, TCP_KEEPIDLE, 5);
    expect([get(options, SOL_SOCKET, SO_KEEPALIVE), get(options, IPPROTO_TCP, TCP_KEEPIDLE)]).toEqual([1, 5]);
  });
});

describe('a Unix socket', () => {
  it('has only the options of all sockets', () => {
    const { options } = make(AF_UNIX);
    set(options, SOL_SOCKET, SO_KEEPALIVE, 1);
    expect(get(options, SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
    expect(() => set(options, IPPROTO_TCP, TCP_NODELAY, 1)).toThrow('[Errno 95]');
    expect(() => get(options, IPPROTO_IP, IP_TOS)).toThrow('[Errno 95]');
  });
});

describe('checkSetting', () => {
  it.each([
    ['1', 2, 3, undefined, 'level must be an integer'],
    [1, 2.5, 3, undefined, 'optname must be an integer'],
    [1, 2, 1.5, undefined, 'value must be an integer'],
    [1, 2, 'x', undefined, "setsockopt(): value must be an integer or bytes (received 'x')"],
    [1, 2, [], undefined, 'is required (received [])'],
    [1, 2, null, undefined, 'setsockopt(): value may be null only with an optlen'],
    [1, 2, null, 1.5, 'optlen must be an integer'],
    [1, 2, 3, 4, 'setsockopt(): optlen is for the value null alone (received 4)'],
    [1, 2, Buffer.alloc(4), 4, 'setsockopt(): optlen is for the value null alone (received 4)'],
  ])('refuses (%p, %p, %p, %p)', (level, optname, value, optlen, text) => {
    expect(() => checkSetting(level, optname, value, optlen)).toThrow(TypeError);
    expect(() => checkSetting(level, optname, value, optlen)).toThrow(text);
  });

  it.each([
    [2 ** 31, 2, 3, 'level (received 2147483648)'],
    [1, -(2 ** 31) - 1, 3, 'optname (received -2147483649)'],
    [1, 2, 2 ** 31, 'value (received 2147483648)'],
  ])('refuses (%p, %p, %p), which no C int holds', (level, optname, value, text) => {
    expect(() => checkSetting(level, optname, value, undefined)).toThrow(RangeError);
    expect(() => checkSetting(level, optname, value, undefined)).toThrow(text);
  });

  it('takes the same number as an integer, a boolean, and bytes of any kind', () => {
    const one = Int32Array.of(1);
    for (const value of [1, true, one, one.buffer, new DataView(one.buffer), Buffer.from(one.buffer)]) {
      expect(checkSetting(1, 2, value, undefined).value).toEqual(Buffer.from([1, 0, 0, 0]));
    }
  });
});

describe('checkQuery', () => {
  it.each([-1, 1025])('refuses a buflen of %p', (buflen) => {
    expect(() => checkQuery(1, 2, buflen)).toThrow(
      `getsockopt buflen out of range (it must be 0-1024, received ${buflen})`,
    );
  });

  it.each([
    ['1', 2, 0],
    [1, 2.5, 0],
    [1, 2, 1.5],
  ])('refuses (%p, %p, %p)', (level, optname, buflen) => {
    expect(() => checkQuery(level, optname, buflen)).toThrow(TypeError);
  });

  it('refuses what no C int holds', () => {
    expect(() => checkQuery(1, 2, 2 ** 31)).toThrow(RangeError);
    expect(() => checkQuery(2 ** 31, 2, 0)).toThrow(RangeError);
  });
});
