import fc from 'fast-check';
import * as socket from '../../lib/index.ts';

/** Calls with hostile arguments on sockets of the kernel, and on those that become some. */

/** How many calls a program makes. */
export const CALLS_OF_A_PROGRAM = 20;

/** Stands for bytes whose memory another thread has now, which fast-check cannot show. */
const DETACHED = Symbol('detached bytes');

function detached(): Uint8Array {
  const memory = new ArrayBuffer(16);
  const view = new Uint8Array(memory);
  structuredClone(memory, { transfer: [memory] });
  return view;
}

/** Arguments of all types, among them numbers at the ends of the kernel's ranges and addresses of other families. */
const argument = fc.oneof(
  fc.integer({ min: -50, max: 300 }),
  fc.constantFrom<unknown>(2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, Number.NaN, Infinity, 0.5),
  fc.constantFrom<unknown>(null, undefined, true, {}, [], new Map(), Symbol('x'), (): number => 1, DETACHED),
  fc.constantFrom<unknown>('', '\0x', 'x'.repeat(200), '/none/none', { signal: null }, { signal: AbortSignal.abort() }),
  fc.constantFrom<unknown>(new DataView(new ArrayBuffer(8)), new SharedArrayBuffer(8), [Buffer.alloc(3), 'x']),
  fc.constantFrom<unknown>([[1, 1, 'x']], [0, 0], [40, Buffer.alloc(126)], [40, Buffer.alloc(127)]),
  fc.tuple(fc.constantFrom('127.0.0.1', '::1', 'lo'), fc.integer({ min: -1, max: 70_000 })),
  fc.tuple(fc.constant('::1'), fc.nat(65_535), fc.nat(9), fc.nat(9)),
  fc.tuple(fc.constant('lo'), fc.nat(70_000), fc.nat(9), fc.nat(9), fc.uint8Array({ maxLength: 12 })),
  fc.tuple(fc.tuple(fc.nat(300), fc.nat(50), fc.uint8Array({ maxLength: 40 }))),
  fc.uint8Array({ maxLength: 200 }),
);

/** Arguments of the type that a call expects. */
const GOOD = {
  address: fc.oneof(
    fc.constantFrom<unknown>('/none/none', '\0await-socket fuzz', '', Buffer.from('\0\x80'), [0, 0], [0xffff_ffff, 5]),
    fc.tuple(fc.constant('127.0.0.1'), fc.nat(65_535)),
    fc.tuple(fc.constant('::1'), fc.nat(65_535), fc.nat(9), fc.nat(9)),
    fc.tuple(fc.constant('lo'), fc.nat(65_535), fc.nat(9), fc.nat(9), fc.uint8Array({ maxLength: 8 })),
  ),
  buffers: fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 4 }),
  bytes: fc.uint8Array({ maxLength: 200 }),
  descriptors: fc.array(fc.constantFrom(0, 1, 2), { maxLength: 3 }),
  flags: fc.oneof(
    fc.constant(0),
    fc.nat(18).map((bit) => 2 ** bit),
    fc.integer(),
  ),
  items: fc.array(fc.tuple(fc.constantFrom(0, 1, 41), fc.nat(80), fc.uint8Array({ maxLength: 40 })), { maxLength: 3 }),
  kind: fc.constantFrom(0, 1, 2, 3, 5, 6, 10, 16, 17, 40),
  level: fc.constantFrom(0, 1, 6, 17, 40, 41, 136, 270, 284),
  memory: fc.nat(200).map((length) => Buffer.alloc(length)),
  number: fc.oneof(fc.nat(100), fc.integer()),
  size: fc.oneof(fc.nat(300), fc.constantFrom(65_536, 65_537, 2 ** 20)),
} as const;

/** The methods, and what they expect; options that wait may follow. */
const METHODS: Readonly<Record<string, readonly (keyof typeof GOOD)[]>> = {
  ...{ accept: [], bind: ['address'], connect: ['address'], connectEx: ['address'], listen: ['number'] },
  ...{ detach: [], dup: [], getInheritable: [], getpeername: [], getsockname: [], setInheritable: ['number'] },
  ...{ getsockopt: ['level', 'number', 'size'], setsockopt: ['level', 'number', 'bytes', 'size'], shutdown: ['kind'] },
  ...{ readable: [], writable: [], recv: ['size', 'flags'], recvExactly: ['size'], recvLine: [] },
  ...{ recvInto: ['memory', 'size', 'flags'], recvfrom: ['size', 'flags'], recvfromInto: ['memory', 'size', 'flags'] },
  ...{ recvmsg: ['size', 'size', 'flags'], recvmsgInto: ['buffers', 'size', 'flags'] },
  ...{ send: ['bytes', 'flags'], sendall: ['bytes', 'flags'], sendto: ['bytes', 'flags', 'address'] },
  sendmsg: ['buffers', 'items', 'flags', 'address'],
};

/** Calls that are no methods, of which some take a socket first. */
const FUNCTIONS: Readonly<Record<string, readonly [call: unknown, ...expected: (keyof typeof GOOD)[]]>> = {
  sendFds: [socket.sendFds, 'buffers', 'descriptors', 'flags', 'address'],
  recvFds: [socket.recvFds, 'size', 'number', 'flags'],
  socket: [socket.socket, 'kind', 'kind', 'number'],
  socketpairSync: [socket.socketpairSync, 'kind', 'kind', 'number'],
  fromfd: [socket.fromfd, 'number', 'kind', 'kind', 'number'],
  dup: [socket.dup, 'number'],
};
const TAKE_SOCKETS: readonly string[] = ['sendFds', 'recvFds'];

/** Kinds of which one socket is made. This kernel may have, or allow, fewer. */
const KINDS = [
  [socket.AF_INET, socket.SOCK_STREAM, 0],
  [socket.AF_INET, socket.SOCK_DGRAM, 0],
  [socket.AF_INET6, socket.SOCK_DGRAM, 0],
  [socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE],
  [socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP],
  [socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP],
  [socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_USERSOCK],
  [socket.AF_PACKET, socket.SOCK_RAW, 0],
  [socket.AF_VSOCK, socket.SOCK_STREAM, 0],
] as const;

type Call = readonly [which: number, method: string, args: readonly unknown[]];

/** Arguments, of which most are what is expected; some may be missing, and there may be one too many. */
function argumentsFor(expected: readonly (keyof typeof GOOD)[]): fc.Arbitrary<unknown[]> {
  const each = expected.map((name) =>
    fc.oneof({ weight: 4, arbitrary: GOOD[name] as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: argument }),
  );
  const more = fc.option(argument, { freq: 5, nil: undefined });
  return fc
    .tuple(fc.tuple(...each, more), fc.nat(5))
    .map(([args, fewer]) => (fewer > 3 ? args.slice(0, expected.length - fewer + 3) : args));
}

const callsOf = (name: string, expected: readonly (keyof typeof GOOD)[]): fc.Arbitrary<Call> =>
  fc.tuple(fc.nat(), fc.constant(name), argumentsFor(expected));

const call: fc.Arbitrary<Call> = fc.oneof(
  ...Object.entries(METHODS).map(([name, expected]) => callsOf(name, expected)),
  ...Object.entries(FUNCTIONS).map(([name, [, ...expected]]) => callsOf(`${name}()`, expected)),
);

const program = fc.array(call, { minLength: CALLS_OF_A_PROGRAM, maxLength: CALLS_OF_A_PROGRAM });

/** The errors that a program may be given; each other one is a fault. */
function isExpected(error: unknown): boolean {
  const kinds = [socket.OSError, TypeError, RangeError, socket.EOFError, socket.LimitOverrunError];
  // Not `instanceof`, which is false for what Node makes where a test runner gives each test its own realm.
  const isAbort = (error as { name?: unknown }).name === 'AbortError';
  const isKnown = isAbort || kinds.some((kind) => error instanceof kind);
  return isKnown && !/is not a function|of undefined|koffi/i.test(String(error));
}

function freshSockets(): socket.Socket[] {
  const types = [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET];
  const made: socket.Socket[] = types.flatMap((type) => [...socket.socketpairSync(socket.AF_UNIX, type)]);
  for (const [family, type, proto] of KINDS) {
    try {
      made.push(socket.socket(family, type, proto));
    } catch (error) {
      if (!(error instanceof socket.OSError)) throw error;
    }
  }
  for (const one of made) one.settimeout(0);
  return made;
}

/** Closes the sockets that a call has given, and the descriptors in its ancillary data. */
function closeAll(result: unknown): void {
  if (result instanceof socket.Socket) return result.close();
  if (!Array.isArray(result)) return;
  const [level, type, data] = result as readonly unknown[];
  if (level === socket.SOL_SOCKET && type === socket.SCM_RIGHTS && Buffer.isBuffer(data)) {
    for (let at = 0; at + 4 <= data.length; at += 4) socket.close(data.readInt32LE(at));
  } else {
    result.forEach(closeAll);
  }
}

/** The options whose value has an address in it, of a filter's instructions (socket(7)). */
const SO_ATTACH_FILTER = 26;
const SO_ATTACH_REUSEPORT_CBPF = 51;

function isLeftOut(method: string, [level, optname]: readonly unknown[]): boolean {
  if (method !== 'setsockopt' || level !== socket.SOL_SOCKET) return false;
  return optname === SO_ATTACH_FILTER || optname === SO_ATTACH_REUSEPORT_CBPF;
}

async function make(sockets: readonly socket.Socket[], [which, method, given]: Call): Promise<string> {
  if (isLeftOut(method, given)) return 'left out';
  const one = sockets[which % sockets.length];
  const name = method.slice(0, -'()'.length);
  const isFunction = method.endsWith('()');
  // Not to take over a descriptor that belongs to Node.
  const args = TAKE_SOCKETS.includes(name) ? [one, ...given] : name === 'socket' ? given.slice(0, 3) : [...given];
  args.forEach((arg, index) => (args[index] = arg === DETACHED ? detached() : arg));
  // A socket that is bound to a relative path would leave a file.
  if (method === 'bind' && args[0] instanceof Uint8Array && args[0].length > 0)
    args[0] = Buffer.concat([Buffer.of(0), args[0]]);
  const called: unknown = isFunction ? FUNCTIONS[name]?.[0] : one && Reflect.get(one, method);
  if (typeof called !== 'function') throw new Error(`${method} is no call`);
  try {
    const result: unknown = await Reflect.apply(called, isFunction ? undefined : one, args);
    if (name === 'recvFds' && Array.isArray(result)) (result[1] as number[]).forEach((fd) => socket.close(fd));
    else if ((method === 'detach' || method === 'dup()') && Number(result) >= 0) socket.close(Number(result));
    else closeAll(result);
    return 'done';
  } catch (error) {
    if (!isExpected(error)) throw error;
    return (error as Error).constructor.name;
  }
}

/** Makes so many programs, and gives how their calls ended; rejects with the first program that is a mistake. */
export async function fuzzKernel(programs: number, seed: number): Promise<ReadonlyMap<string, number>> {
  const outcomes = new Map<string, number>();
  const property = fc.asyncProperty(program, async (calls) => {
    const sockets = freshSockets();
    try {
      for (const one of calls) {
        const outcome = await make(sockets, one);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    } finally {
      for (const one of sockets) one.close();
    }
  });
  await fc.assert(property, { numRuns: programs, seed });
  return outcomes;
}
