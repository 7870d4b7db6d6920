import { expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { NoKernel, type Koffi } from '../../lib/kernel/koffi.ts';
import { socketCalls, socketCallsOf } from '../../lib/kernel/socket-calls.ts';
import { findWatchHandles } from '../../lib/kernel/watch.ts';
import { describeKernel } from '../support/kernel-kinds.ts';

const MISSING = Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' });
const none = (): Koffi => {
  throw MISSING;
};

it('without koffi, or on another system, they say what to install', () => {
  expect(socketCallsOf(none, 'linux')).toMatchObject({
    reason: 'Node has no call for it; npm install koffi gives it one',
    cause: MISSING,
  });
  expect(socketCallsOf(none, 'darwin')).toMatchObject({ reason: 'it is had on Linux only' });
});

it('with a koffi that does not load, they give its own reason', () => {
  const broken = (): Koffi => {
    throw new Error('Cannot find the native Koffi module; did you bundle it correctly?');
  };
  expect(socketCallsOf(broken, 'linux')).toMatchObject({
    reason: 'koffi cannot be loaded: Cannot find the native Koffi module; did you bundle it correctly?',
  });
});

it('with a koffi that is too old, they say which one is needed', () => {
  const func = (): (() => number) => () => 0;
  // Before koffi 3, an address may be a number.
  const old = { load: () => ({ func }), errno: () => 0, address: () => 5 } as unknown as Koffi;
  expect(socketCallsOf(() => old, 'linux')).toMatchObject({ reason: expect.stringContaining('koffi 3') as unknown });
  const older = { load: () => ({ func }), errno: () => 0 } as unknown as Koffi;
  expect(socketCallsOf(() => older, 'linux')).toBeInstanceOf(NoKernel);
});

describeKernel('the calls of sockets', () => {
  it('give the negated number of an error', () => {
    const calls = socketCalls();
    if (calls instanceof NoKernel) throw new Error(calls.reason);
    expect(calls.socket({ family: 77, type: 1, proto: 0 })).toBe(-97);
    expect(calls.socketpair({ family: 77, type: 1, proto: 0 })).toBe(-97);
    expect([calls.getsockname(-1), calls.getpeername(-1), calls.accept(-1)]).toEqual([-9, -9, -9]);
    expect([calls.epollOn(-1, 1), calls.close(-1), calls.fcntl(-1, 1, 0)]).toEqual([-9, -9, -9]);
    expect(findWatchHandles({ ...calls, socketpair: () => -24 })).toMatchObject({
      reason: 'the system makes no sockets',
    });
  });

  it('end no wait, and spin for nothing, where an error is queued', async () => {
    const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    sock.bind(['127.0.0.1', 0]);
    const closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    closed.bind(['127.0.0.1', 0]);
    const nowhere = closed.getsockname();
    closed.close();
    sock.settimeout(0.05);
    await expect(sock.recvmsg(1, 100)).rejects.toBeInstanceOf(socket.TimeoutError);
    const IP_RECVERR = 11;
    sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1);
    await sock.connect(nowhere);
    await sock.send('refused');
    await expect(sock.recv(1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(sock.recv(1)).rejects.toBeInstanceOf(socket.TimeoutError);
    const [data, items, flags] = await sock.recvmsg(100, 200, socket.MSG_ERRQUEUE);
    expect([String(data), items[0]?.slice(0, 2), flags & socket.MSG_ERRQUEUE]).toEqual([
      'refused',
      [0, IP_RECVERR],
      8192,
    ]);
    sock.close();
  });
});
