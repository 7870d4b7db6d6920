import { describe, expect, it } from '@jest/globals';
import {
  AF_INET,
  AF_UNIX,
  SO_RCVBUF,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_INFO,
} from '../../lib/common/constants.ts';
import { OSError } from '../../lib/common/errors.ts';
import { KernelOptions } from '../../lib/options/kernel-options.ts';
import { checkQuery, checkSetting, Options } from '../../lib/options/options.ts';
import type { Koffi, NoKernel } from '../../lib/kernel/koffi.ts';
import { kernelOf, type Kernel } from '../../lib/kernel/libc.ts';
import { ENOPROTOOPT, ENOTSUP } from '../support/expected-errors.ts';
import { thrown } from '../support/thrown.ts';

const MISSING = Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' });
const without = (): Koffi => {
  throw MISSING;
};

/** The options of a fresh socket, on a Node that has none but the oldest. */
function optionsWith(find: () => Kernel | NoKernel, family = AF_INET): Options {
  const kind = { family, type: SOCK_STREAM, proto: 0 };
  const facts = { ...kind, isListening: () => false, isBound: () => false, takeError: () => 0 };
  const support = { keepAliveInterval: false, typeOfService: false, reusePort: false, reuseDatagramPort: false };
  return new Options(facts, support, new KernelOptions(kind, find));
}

describe('without koffi', () => {
  const options = optionsWith(() => kernelOf(without, 'linux'));

  it('an option that Node does not have raises ENOPROTOOPT, which says what to install', () => {
    const text = (call: string): string =>
      `[Errno 92] Protocol not available: ${call} (Node has no call for it; npm install koffi gives it one)`;
    const set = thrown(() => options.set(checkSetting(SOL_SOCKET, SO_RCVBUF, 5000, undefined)));
    expect(set).toMatchObject({ ...ENOPROTOOPT, message: text('setsockopt'), cause: MISSING });
    const got = thrown(() => options.get(checkQuery(6, TCP_INFO, 104)));
    expect(got).toMatchObject({ ...ENOPROTOOPT, message: text('getsockopt'), cause: MISSING });
    expect(set).toBeInstanceOf(OSError);
  });

  it('an unknown level has the error that it has on Linux', () => {
    expect(thrown(() => options.get(checkQuery(12345, 1, 0)))).toMatchObject(ENOTSUP);
    const unix = optionsWith(() => kernelOf(without, 'linux'), AF_UNIX);
    expect(thrown(() => unix.set(checkSetting(6, TCP_INFO, 1, undefined)))).toMatchObject(ENOTSUP);
  });

  it('an option that Node has works as with koffi, which is not looked for', () => {
    const quiet = optionsWith(() => {
      throw new Error('looked for');
    });
    quiet.set(checkSetting(SOL_SOCKET, 9, 1, undefined));
    expect(quiet.get(checkQuery(SOL_SOCKET, 9, 0))).toBe(1);
    quiet.attach({ descriptor: 1 });
    quiet.detach();
    expect(quiet.wantDescriptor).toBe(false);
  });
});

it('on another system, ENOPROTOOPT says that only Linux has it, and koffi is not loaded', () => {
  let isLoaded = false;
  const load = (): Koffi => {
    isLoaded = true;
    throw MISSING;
  };
  const options = optionsWith(() => kernelOf(load, 'darwin'));
  expect(thrown(() => options.set(checkSetting(SOL_SOCKET, SO_RCVBUF, 5000, undefined)))).toMatchObject({
    ...ENOPROTOOPT,
    message: '[Errno 92] Protocol not available: setsockopt (it is had on Linux only)',
  });
  expect(isLoaded).toBe(false);
});

/** A kernel that records its calls, and refuses option 13. */
class Fake implements Kernel {
  readonly calls: unknown[][] = [];

  setsockopt(descriptor: number, level: number, optname: number, value: Buffer | null, length: number): number {
    this.calls.push([descriptor, level, optname, value?.readInt32LE() ?? null, length]);
    return optname === 13 ? -1 : 0;
  }

  getsockopt(): number {
    return 0;
  }

  withSocket(_kind: unknown, use: (descriptor: number) => number): number {
    return use(1000);
  }
}

describe('the options of the kernel', () => {
  const setting = (optname: number, value: number) => checkSetting(99, optname, value, undefined);

  it('are tried on a socket made for the moment, and set on each new descriptor, in their order', () => {
    const fake = new Fake();
    const options = optionsWith(() => fake);
    options.set(setting(1, 5));
    options.set(setting(2, 6));
    options.set(setting(1, 7));
    expect(options.wantDescriptor).toBe(true);
    fake.calls.splice(0);
    for (const descriptor of [7, 8]) {
      options.attach({ descriptor: -1 });
      expect(fake.calls).toEqual([]);
      options.attach({ descriptor });
      // The number now belongs to another socket.
      options.attach({ descriptor });
      expect(fake.calls.splice(0)).toEqual([
        [descriptor, 99, 2, 6, 4],
        [descriptor, 99, 1, 7, 4],
      ]);
      expect(options.wantDescriptor).toBe(false);
      options.detach();
    }
  });

  it('are not remembered where the kernel refuses them', () => {
    const fake = new Fake();
    const options = optionsWith(() => fake);
    expect(thrown(() => options.set(setting(13, 1)))).toMatchObject({ errno: 1, name: 'PermissionError' });
    expect(options.wantDescriptor).toBe(false);
  });

  it('are remembered once each, not for ever', () => {
    const fake = new Fake();
    const options = optionsWith(() => fake);
    options.attach({ descriptor: 7 });
    for (let count = 0; count < 1000; count += 1) {
      options.set(checkSetting(99, 1, Buffer.alloc(16, count), undefined));
    }
    options.detach();
    fake.calls.splice(0);
    options.attach({ descriptor: 8 });
    expect(fake.calls).toHaveLength(1);
  });

  it('exclude those that must be set before bind(), which only Node could do', () => {
    const options = optionsWith(() => new Fake());
    expect(thrown(() => options.set(checkSetting(SOL_SOCKET, SO_REUSEPORT, 1, undefined)))).toMatchObject(ENOPROTOOPT);
  });
});
