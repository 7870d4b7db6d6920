import { describe, expect, it } from '@jest/globals';
import { AF_INET, AF_PACKET, AF_UNIX, AF_VSOCK, SOCK_DGRAM, SOCK_STREAM } from '../../lib/common/constants.ts';
import { Core } from '../../lib/core/core.ts';
import { kernelTarget } from '../../lib/core/kernel-address.ts';
import { freshSocket, movedSocket } from '../../lib/core/kernel-switch.ts';
import { limitsOf } from '../../lib/core/wait.ts';
import { kernelSystem } from '../../lib/kernel/system.ts';
import { NoKernel } from '../../lib/kernel/koffi.ts';
import { addressOf } from '../../lib/kernel/socket-name.ts';
import { Failure } from '../../lib/transports/failure.ts';

/** A family that Python's module knows no addresses of. */
const UNKNOWN = 200;

function nameOf(family: number, address: unknown): unknown {
  const { name } = kernelTarget(new Core({ family, type: SOCK_DGRAM, proto: 0 }), 'bind', address);
  return name === undefined ? undefined : addressOf(name);
}

describe('addresses for the kernel', () => {
  it('of VSOCK are two numbers, and −1 is the largest', () => {
    expect(nameOf(AF_VSOCK, [-1, 80])).toEqual([0xffff_ffff, 80]);
    expect(() => nameOf(AF_VSOCK, ['2', 80])).toThrow(TypeError);
  });

  it('of packets have two to five fields', () => {
    expect(nameOf(AF_PACKET, ['', 0x800])).toEqual(['', 0x800, 0, 0, Buffer.alloc(0)]);
    expect(nameOf(AF_PACKET, ['lo', 1, 2, 3, Buffer.of(4)])).toEqual(['lo', 1, 2, 3, Buffer.of(4)]);
    expect(() => nameOf(AF_PACKET, ['lo'])).toThrow(/AF_PACKET address must be/);
    expect(() => nameOf(AF_PACKET, [1, 1])).toThrow(/ifname must be a string/);
    expect(() => nameOf(AF_PACKET, ['lo', 0x1_0000])).toThrow(/proto must be 0-65535/);
    expect(() => nameOf(AF_PACKET, ['lo', 1, 0, 0, Buffer.alloc(9)])).toThrow(/8 bytes or less/);
    expect(() => nameOf(AF_PACKET, ['no such interface', 1])).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  });

  it('of other families are what calls return: their number and bytes', () => {
    expect(nameOf(UNKNOWN, [UNKNOWN, Buffer.of(1, 2)])).toEqual([UNKNOWN, Buffer.of(1, 2)]);
    for (const wrong of ['text', [UNKNOWN], [1, Buffer.of(1)], [UNKNOWN, Buffer.alloc(200)]]) {
      expect(() => nameOf(UNKNOWN, wrong)).toThrow(/bad family/);
    }
  });

  it('need no look-up where the name is known', async () => {
    const core = new Core({ family: AF_UNIX, type: SOCK_DGRAM, proto: 0 });
    const target = kernelTarget(core, 'connect', '/a/path');
    expect(await target.resolved(core, 'connect', limitsOf(core, 0, undefined))).toBe(target.name);
  });
});

const system = kernelSystem();

(system instanceof NoKernel ? describe.skip : describe)('a socket of the kernel in the place of one of Node', () => {
  it('is not made where the kernel makes none', () => {
    if (system instanceof NoKernel) throw new Error(system.reason);
    const failing = { ...system, calls: { ...system.calls, socket: () => -24, fcntl: () => -24 } };
    const core = new Core({ family: AF_INET, type: SOCK_STREAM, proto: 0 });
    expect(freshSocket(core, failing)).toMatchObject({ code: 'EMFILE' });
    let closed = 0;
    const moved = { descriptor: 0, close: () => void (closed += 1), shared: {} };
    expect(movedSocket(core, failing, moved)).toMatchObject({ code: 'EMFILE' });
    expect(movedSocket(core, system, { ...moved, descriptor: -1 })).toMatchObject({ code: 'ENOTSUP' });
    expect(closed).toBe(0);
  });

  it('has the options that were set', () => {
    if (system instanceof NoKernel) throw new Error(system.reason);
    const core = new Core({ family: AF_UNIX, type: SOCK_STREAM, proto: 0 });
    const socket = freshSocket(core, system);
    if (socket instanceof Failure) throw new Error(socket.code);
    expect(socket.isListening).toBe(false);
    socket.close();
  });
});
