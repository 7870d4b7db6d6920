import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { bind, boundPaths } from '../../lib/transports/bind.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { libuvBackend } from '../../lib/transports/libuv-backend.ts';
import type { StreamBackend, StreamHandle, StreamHandleListener } from '../../lib/transports/stream-handle.ts';
import { netBackend } from '../../lib/transports/net-stream.ts';
import { RetryPause } from '../../lib/transports/retry-pause.ts';
import { own, turns } from '../support/pairs.ts';
import { fullListener } from '../support/full-listener.ts';
import { hasPython } from '../support/python.ts';
import { temporaryPath } from '../support/unix.ts';

/** A handle with what its owner is told. */
function observed(handle: StreamHandle): {
  told: string[];
  received: () => string;
  waitFor: (event: string) => Promise<void>;
} {
  const told: string[] = [];
  const blocks: Buffer[] = [];
  let onEvent = (): void => undefined;
  const tell = (event: string): void => {
    told.push(event);
    onEvent();
  };
  const owner: StreamHandleListener = {
    keepsBytes: true,
    take: (bytes) => {
      blocks.push(Buffer.from(bytes));
      return true;
    },
    onWriteDone: () => tell('sent'),
    onConnect: () => tell('opened'),
    onEnd: () => tell('ended'),
    onBeforeClose: () => undefined,
    onError: (error) => tell('code' in error ? String(error.code) : String(error)),
    onClose: () => tell('gone'),
  };
  handle.attach(owner);
  own({ [Symbol.dispose]: () => handle.destroy() });
  const waitFor = async (event: string): Promise<void> => {
    while (!told.includes(event)) await new Promise<void>((resolve) => (onEvent = resolve));
  };
  return { told, received: () => Buffer.concat(blocks).toString(), waitFor };
}

function boundHandle(way: StreamBackend, path: string): StreamHandle {
  const bound = bind({ path }, { ipv6Only: false, reusePort: false });
  if (bound instanceof Failure) throw new Error(`bind failed: ${bound.code}`);
  return way.over(bound.toSocket());
}

const ways: [name: string, way: StreamBackend][] = [['the documented path', netBackend]];
if (libuvBackend !== undefined) ways.push(['the fast path', libuvBackend]);

(hasPython ? describe : describe.skip).each(ways)('a Unix listener whose queue is full, on %s', (_name, way) => {
  it.each(boundPaths ? ['', 'client'] : [''])('is waited for until there is room; from %j', async (name) => {
    const { path, python } = await fullListener();
    const local = name === '' ? '' : temporaryPath(name);
    const handle = local === '' ? way.make({ path }) : boundHandle(way, local);
    const { told, received, waitFor } = observed(handle);
    handle.connect({ path }, true);
    handle.resume();
    await turns(50);
    expect(told).toEqual([]);
    python.type('\n');
    await waitFor('opened');
    await python.tells(new RegExp(`from ${local}`));
    handle.write(Buffer.from('hello'));
    await waitFor('ended');
    expect(received()).toBe('HELLO');
    handle.destroy();
    await waitFor('gone');
    expect(told).toEqual(['opened', 'sent', 'ended', 'gone']);
  });

  it('is waited for no longer than the handle is wanted', async () => {
    const { path } = await fullListener();
    const handle = way.make({ path });
    const { told, waitFor } = observed(handle);
    handle.connect({ path }, true);
    await turns(50);
    handle.destroy();
    await waitFor('gone');
    await turns(50);
    expect(told).toEqual(['gone']);
  });

  it('is EAGAIN where nobody waits', async () => {
    const { path } = await fullListener();
    const handle = way.make({ path });
    const { told, waitFor } = observed(handle);
    handle.connect({ path }, false);
    await waitFor('gone');
    expect(told).toContain('EAGAIN');
  });

  it('is ECONNREFUSED once it is closed', async () => {
    const { path, python } = await fullListener();
    const handle = way.make({ path });
    const { told, waitFor } = observed(handle);
    handle.connect({ path }, true);
    await turns(50);
    await python[Symbol.asyncDispose]();
    await waitFor('gone');
    expect(told).toContain('ECONNREFUSED');
  });
});

describe('RetryPause', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('grows from 1 to 100 milliseconds, and ends', () => {
    jest.useFakeTimers();
    const pause = new RetryPause();
    const retry = jest.fn();
    for (const milliseconds of [1, 2, 4, 8, 16, 32, 64, 100, 100]) {
      pause.pause(retry);
      jest.advanceTimersByTime(milliseconds - 1);
      expect(retry).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(retry).toHaveBeenCalledTimes(1);
      retry.mockClear();
    }
    pause.pause(retry);
    pause.end();
    jest.runAllTimers();
    expect(retry).not.toHaveBeenCalled();
  });

  it('keeps no process alive', () => {
    const timer = jest.spyOn(globalThis, 'setTimeout');
    const pause = new RetryPause();
    pause.pause(() => undefined);
    expect((timer.mock.results[0]?.value as NodeJS.Timeout).hasRef()).toBe(false);
    pause.end();
    timer.mockRestore();
  });
});
