import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import koffi from 'koffi';
import * as socket from '../../lib/index.ts';
import { acceptedOver, adopt } from '../../lib/transports/descriptor.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { hasKoffi } from '../support/koffi.ts';
import { bound, FAMILIES, listening, own, pair } from '../support/pairs.ts';
import { listeningAt, temporaryPath, unix } from '../support/unix.ts';

/** What Node alone takes over: a process without koffi has no more. koffi only makes the descriptors here. */
const inProcess = hasKoffi ? describe : describe.skip;
const libc = hasKoffi ? koffi.load('libc.so.6') : undefined;

function call(prototype: string, ...args: number[]): number {
  const result: unknown = libc?.func(prototype)(...args);
  if (typeof result !== 'number' || result < 0) throw new Error(`${prototype} failed`);
  return result;
}

const made = (family: number, type: number): number => call('int socket(int, int, int)', family, type, 0);

/** A duplicate of a socket's descriptor, which no socket owns: the socket itself is closed. */
function left(one: socket.Socket): number {
  const descriptor = call('int dup(int)', one.fileno());
  one.close();
  return descriptor;
}

/** Takes a descriptor over for as long as that needs; gives the state or the code of the failure. */
function outcome(descriptor: number, family = -1, type = -1): string {
  const adopted = adopt(descriptor, family, type);
  if (adopted instanceof Failure) {
    try {
      closeSync(descriptor);
    } catch {
      // A descriptor that Node had opened is closed.
    }
    return adopted.code;
  }
  const { state } = adopted;
  if (state.kind === 'bound') state.bound.close();
  else if (state.kind === 'listening') state.listener.close();
  else if (state.kind === 'datagrams') state.datagrams.close();
  else state.stream.close(false);
  return state.kind;
}

inProcess.each(FAMILIES)('a descriptor of %s, by Node alone', (_name, family) => {
  const other = family === socket.AF_INET ? socket.AF_INET6 : socket.AF_INET;

  it('is a listener, a bound socket, a connection or a socket for datagrams', async () => {
    expect(outcome(left(listening(family)))).toBe('listening');
    expect(outcome(left(bound(family)), family, socket.SOCK_STREAM)).toBe('bound');
    expect(outcome(left((await pair(family))[0]))).toBe('connected');
    const datagrams = own(socket.socket(family, socket.SOCK_DGRAM));
    datagrams.bind([family === socket.AF_INET ? '127.0.0.1' : '::1', 0]);
    expect(outcome(left(datagrams))).toBe('datagrams');
  });

  it('is refused where it is of another family or type', () => {
    expect(outcome(left(listening(family)), other)).toBe('EAFNOSUPPORT');
    expect(outcome(left(bound(family)), other)).toBe('EAFNOSUPPORT');
    expect(outcome(left(listening(family)), -1, socket.SOCK_DGRAM)).toBe('EPROTOTYPE');
  });

  it('is refused where it has no address', () => {
    expect(outcome(made(family, socket.SOCK_STREAM), family, socket.SOCK_STREAM)).toBe('ENOTSUP');
    expect(outcome(made(family, socket.SOCK_DGRAM), family, socket.SOCK_DGRAM)).toBe('ENOTSUP');
  });
});

inProcess('a descriptor of AF_UNIX, by Node alone', () => {
  it('is a listener, a bound socket or a connection', async () => {
    const [one, other] = await socket.socketpair();
    own(other);
    expect(outcome(left(one))).toBe('connected');
    const path = temporaryPath();
    expect(outcome(left(listeningAt(path)))).toBe('listening');
    const named = unix();
    named.bind(temporaryPath('bound'));
    expect(outcome(left(named))).toBe('bound');
  });

  it('is refused where it is of datagrams, or has no name', () => {
    expect(outcome(made(socket.AF_UNIX, socket.SOCK_DGRAM))).toBe('EPROTONOSUPPORT');
    expect(outcome(made(socket.AF_UNIX, socket.SOCK_STREAM))).toBe('ENOTSUP');
  });
});

inProcess('a descriptor', () => {
  it('is refused where it is no socket, where it is not open, and where it has a socket already', () => {
    const file = openSync(__filename, 'r');
    expect(outcome(file)).toBe('ENOTSOCK');
    expect(adopt(0x7fff_ffff, -1, -1)).toMatchObject({ code: 'EBADF' });
    expect(adopt(listening().fileno(), -1, -1)).toMatchObject({ code: 'ENOTSUP', reason: /has a socket/ });
  });

  it('that was accepted, and that Node cannot open, is closed', () => {
    const file = openSync(__filename, 'r');
    expect(acceptedOver(file, { path: '' })).toBeInstanceOf(Failure);
    expect(() => closeSync(file)).toThrow('EBADF');
  });
});
