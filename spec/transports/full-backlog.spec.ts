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

/** A handle, and the events that its listener received. */
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
    onConnect: () => tell('connected'),
    onEnd: () => tell('ended'),
    onBeforeClose: () => undefined,
    onError: (error) => tell('code' in error ? String(error.code) : String(error)),
    onClose: () => tell('closed'),
  };
  handle.attach(owner);
  own({ [Symbol.dispose]: () => handle.destroy() });
  const waitFor = async (event: string): Promise<void> => {
    while (!told.includes(event)) await new Promise<void>((resolve) => (onEvent = resolve));
  };
  return { told, received: () => Buffer.concat(blocks).toString(), waitFor };
}

function boundHandle(backend: StreamBackend, path: string): StreamHandle {
  const bound = bind({ path }, { ipv6Only: false, reusePort: false });
  if (bound instanceof Failure) throw new Error(`bind failed: ${bound.code}`);
  return backend.over(bound.toSocket());
}

const backends: [name: string, backend: StreamBackend][] = [['the documented backend', netBackend]];
if (libuvBackend !== undefined) backends.push(['the libuv backend', libuvBackend]);

(hasPython ? describe : describe.skip).each(backends)(
  'a Unix listener whose queue is full, on %s',
  (_name, backend) => {
    it.each(boundPaths ? ['', 'client'] : [''])('is waited for until there is room; from %j', async (name) => {
      const { path, python } = await fullListener();
      const local = name === '' ? '' : temporaryPath(name);
      const handle = local === '' ? backend.make({ path }) : boundHandle(backend, local);
      const { told, received, waitFor } = observed(handle);
      handle.connect({ path }, true);
      handle.resume();
      await turns(50);
      expect(told).toEqual([]);
      python.type('\n');
      await waitFor('connected');
      await python.tells(new RegExp(`from ${local}`));
      expect(handle.write(Buffer.from('hello'))).toBe(true);
      await waitFor('ended');
      expect(received()).toBe('HELLO');
      handle.destroy();
      await waitFor('closed');
      expect(told).toEqual(['connected', 'ended', 'closed']);
    });

    it('is not waited for once the handle is destroyed', async () => {
      const { path } = await fullListener();
      const handle = backend.make({ path });
      const { told, waitFor } = observed(handle);
      handle.connect({ path }, true);
      await turns(50);
      handle.destroy();
      await waitFor('closed');
      await turns(50);
      expect(told).toEqual(['closed']);
    });

    it('is EAGAIN for a connect that does not wait', async () => {
      const { path } = await fullListener();
      const handle = backend.make({ path });
      const { told, waitFor } = observed(handle);
      handle.connect({ path }, false);
      await waitFor('closed');
      expect(told).toContain('EAGAIN');
    });

    it('is ECONNREFUSED once it is closed', async () => {
      const { path, python } = await fullListener();
      const handle = backend.make({ path });
      const { told, waitFor } = observed(handle);
      handle.connect({ path }, true);
      await turns(50);
      await python[Symbol.asyncDispose]();
      await waitFor('closed');
      expect(told).toContain('ECONNREFUSED');
    });
  },
);

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
