import { constants } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { overHandles } from '../../lib/transports/libuv-backend.ts';
import type { NodeHandles, Request, LibuvHandle } from '../../lib/transports/node-handles.ts';
import type { StreamHandle } from '../../lib/transports/stream-handle.ts';

/**
 * Events of handles that a real network brings out only on some Nodes, or by chance: these handles report what a test
 * sets.
 */

const PIPE = -constants.errno.EPIPE;
const REMOTE = { host: '127.0.0.1', port: 9 };
const BYTES = Buffer.from('bytes');

class FakeRequest implements Request {
  oncomplete?: (status: number) => void;
  buffer?: Buffer;
  writeStatus: number | null = null;

  getAsyncId(): number {
    return -1;
  }
}

/** A handle that reports what a test sets. */
class FakeHandle implements LibuvHandle {
  /** The latest one. */
  static last: FakeHandle | undefined;
  onread = (): undefined => undefined;
  connected = 0;
  read = 0;
  shut = 0;
  typeOfService = 0;
  written: number | Request = 0;
  /** The request that the latest write was given. */
  request: Request | null = null;
  closed: (this: LibuvHandle) => void = () => undefined;

  constructor() {
    FakeHandle.last = this;
  }

  useUserBuffer(): void {
    // Nothing is ever read.
  }
  readStart(): number {
    return this.read;
  }
  readStop(): number {
    return 0;
  }
  writeBuffer(request: Request | null): number | Request {
    this.request = request;
    return this.written;
  }
  shutdown(): number {
    return this.shut;
  }
  close(done: (this: LibuvHandle) => void): void {
    this.closed = done;
  }
  ref(): void {
    // There is no real handle that could keep the process alive.
  }
  unref(): void {
    // There is no real handle that could keep the process alive.
  }
  connect(): number {
    return this.connected;
  }
  setTypeOfService(): number {
    return this.typeOfService;
  }
}

/** The indices of the last write's outcome in the handles' state. */
const ASYNC = 3;
const FAILED = 4;

/** A stream over such a handle, and the events that its listener received; `newer` for writes as on Node 26. */
function fake(newer: boolean): { stream: StreamHandle; handle: FakeHandle; state: Int32Array; told: string[] } {
  const state = new Int32Array(5);
  const node: NodeHandles = {
    TCP: FakeHandle,
    Pipe: FakeHandle,
    TCPConnectWrap: FakeRequest,
    PipeConnectWrap: FakeRequest,
    ShutdownWrap: FakeRequest,
    WriteWrap: newer ? undefined : FakeRequest,
    state,
    kReadBytesOrError: 0,
    kLastWriteWasAsync: ASYNC,
    kLastWriteErr: newer ? FAILED : undefined,
  };
  const stream = overHandles(node).make(REMOTE);
  const handle = FakeHandle.last;
  if (handle === undefined) throw new Error('a handle was expected');
  const told: string[] = [];
  stream.attach({
    keepsBytes: true,
    take: () => true,
    onWriteDone: (error) => told.push(error === null || error === undefined ? 'sent' : error.message),
    onConnect: () => told.push('connected'),
    onEnd: () => told.push('ended'),
    onBeforeClose: () => told.push('closing'),
    onError: (error) => told.push(error.message),
    onClose: () => told.push('closed'),
  });
  return { stream, handle, state, told };
}

const ticked = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

describe.each([
  ['as on Node 24 and older', false],
  ['as on Node 26 and newer', true],
])('a write, %s', (_name, newer) => {
  it('that is done within the call is reported by its result alone', () => {
    const { stream, handle, told } = fake(newer);
    expect([stream.write(BYTES), stream.write(BYTES)]).toEqual([true, true]);
    expect(told).toEqual([]);
    expect(handle.request === null).toBe(newer);
  });

  it('that fails within the call is reported within the call', () => {
    const { stream, handle, told } = fake(newer);
    handle.written = PIPE;
    expect(stream.write(BYTES)).toBe(false);
    expect(told).toEqual(['write EPIPE']);
  });

  it.each([
    [0, 'sent'],
    [PIPE, 'write EPIPE'],
  ])('that is done later with %p is reported then, and its bytes are kept until then', (status, outcome) => {
    const { stream, handle, state, told } = fake(newer);
    const request = new FakeRequest();
    handle.written = newer ? request : 0;
    state[ASYNC] = 1;
    expect(stream.write(BYTES)).toBe(false);
    expect(told).toEqual([]);
    const pending = newer ? request : handle.request;
    expect(pending?.buffer).toBe(BYTES);
    pending?.oncomplete?.(status);
    expect(told).toEqual([outcome]);
  });
});

describe('a write of Node 26', () => {
  it('that fails with a request is reported', () => {
    const { stream, handle, state, told } = fake(true);
    handle.written = new FakeRequest();
    state[FAILED] = PIPE;
    stream.write(BYTES);
    expect(told).toEqual(['write EPIPE']);
  });

  it('that was done before a callback could be set is reported at once', () => {
    const { stream, handle, told } = fake(true);
    const request = new FakeRequest();
    request.writeStatus = 0;
    handle.written = request;
    stream.write(BYTES);
    expect(told).toEqual(['sent']);
  });
});

describe('what the kernel refuses', () => {
  it('is reported for a connect() in a later tick, before the close', async () => {
    const { stream, handle, told } = fake(false);
    handle.connected = -constants.errno.ENETUNREACH;
    stream.connect(REMOTE, false);
    expect(told).toEqual(['closing']);
    await ticked();
    handle.closed();
    expect(told).toEqual(['closing', 'connect ENETUNREACH 127.0.0.1:9', 'closed']);
  });

  it('is reported for a read', async () => {
    const { stream, handle, told } = fake(false);
    handle.read = -constants.errno.ENOTCONN;
    stream.resume();
    await ticked();
    expect(told).toEqual(['closing', 'read ENOTCONN']);
    // It is closed already: no more events.
    stream.resume();
    stream.write(BYTES);
    stream.readOnceMore();
    stream.destroy();
    await ticked();
    expect(told).toEqual(['closing', 'read ENOTCONN']);
  });

  it('for the end of the output ends it all the same, once', () => {
    const { stream, handle } = fake(false);
    handle.shut = -constants.errno.ENOTCONN;
    stream.end();
    stream.end();
    expect([stream.isWritable, stream.isFinished]).toEqual([false, true]);
  });

  it('is thrown for an option', () => {
    const { stream, handle } = fake(false);
    handle.typeOfService = -constants.errno.EBADF;
    expect(() => stream.setTypeOfService(8)).toThrow('setTypeOfService EBADF');
  });
});
