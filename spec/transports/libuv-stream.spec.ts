import { constants } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { overHandles } from '../../lib/transports/libuv-backend.ts';
import type { NodeHandles, Request, LibuvHandle } from '../../lib/transports/node-handles.ts';
import type { StreamHandle } from '../../lib/transports/stream-handle.ts';

/** What handles tell of which a real network gives only some, on some Nodes: here they tell what they are told to. */

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

/** A handle that tells what it is to. */
class FakeHandle implements LibuvHandle {
  /** The one that was made last. */
  static last: FakeHandle | undefined;
  onread = (): undefined => undefined;
  connected = 0;
  read = 0;
  shut = 0;
  typeOfService = 0;
  written: number | Request = 0;
  /** What a write was given. */
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
    // Nothing keeps the process.
  }
  unref(): void {
    // Nothing keeps the process.
  }
  connect(): number {
    return this.connected;
  }
  setTypeOfService(): number {
    return this.typeOfService;
  }
}

/** Where the handles' state has what the last calls came to. */
const ASYNC = 3;
const FAILED = 4;

/** A stream over such a handle, and what its owner is told; `newer` for writes as Node 26 has them. */
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
    onConnect: () => told.push('opened'),
    onEnd: () => told.push('ended'),
    onBeforeClose: () => told.push('leaving'),
    onError: (error) => told.push(error.message),
    onClose: () => told.push('gone'),
  });
  return { stream, handle, state, told };
}

const ticked = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

describe.each([
  ['as up to Node 24', false],
  ['as from Node 26 on', true],
])('a write, %s', (_name, newer) => {
  it('that is done within the call is told within the call', () => {
    const { stream, handle, told } = fake(newer);
    stream.write(BYTES);
    stream.write(BYTES);
    expect(told).toEqual(['sent', 'sent']);
    expect(handle.request === null).toBe(newer);
  });

  it('that fails within the call is told so', () => {
    const { stream, handle, told } = fake(newer);
    handle.written = PIPE;
    stream.write(BYTES);
    expect(told).toEqual(['write EPIPE']);
  });

  it.each([
    [0, 'sent'],
    [PIPE, 'write EPIPE'],
  ])('that is done later with %p is told then, and its bytes stay till then', (status, outcome) => {
    const { stream, handle, state, told } = fake(newer);
    const request = new FakeRequest();
    handle.written = newer ? request : 0;
    state[ASYNC] = 1;
    stream.write(BYTES);
    expect(told).toEqual([]);
    const pending = newer ? request : handle.request;
    expect(pending?.buffer).toBe(BYTES);
    pending?.oncomplete?.(status);
    expect(told).toEqual([outcome]);
  });
});

describe('a write of Node 26', () => {
  it('that fails with a request is told so', () => {
    const { stream, handle, state, told } = fake(true);
    handle.written = new FakeRequest();
    state[FAILED] = PIPE;
    stream.write(BYTES);
    expect(told).toEqual(['write EPIPE']);
  });

  it('that was done before it could be listened to is told at once', () => {
    const { stream, handle, told } = fake(true);
    const request = new FakeRequest();
    request.writeStatus = 0;
    handle.written = request;
    stream.write(BYTES);
    expect(told).toEqual(['sent']);
  });
});

describe('what the kernel refuses', () => {
  it('notifies of a connect() in a later tick, and then that the stream is gone', async () => {
    const { stream, handle, told } = fake(false);
    handle.connected = -constants.errno.ENETUNREACH;
    stream.connect(REMOTE, false);
    expect(told).toEqual(['leaving']);
    await ticked();
    handle.closed();
    expect(told).toEqual(['leaving', 'connect ENETUNREACH 127.0.0.1:9', 'gone']);
  });

  it('is told of a read', async () => {
    const { stream, handle, told } = fake(false);
    handle.read = -constants.errno.ENOTCONN;
    stream.resume();
    await ticked();
    expect(told).toEqual(['leaving', 'read ENOTCONN']);
    // Gone already: nothing is told any more.
    stream.resume();
    stream.write(BYTES);
    stream.readOnceMore();
    stream.destroy();
    await ticked();
    expect(told).toEqual(['leaving', 'read ENOTCONN']);
  });

  it('of the end of the output ends it all the same, once', () => {
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
