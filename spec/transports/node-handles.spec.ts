import { constants } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import {
  findBindFlags,
  findNodeHandles,
  type MaybeBinding,
  type Request,
  type LibuvHandle,
} from '../../lib/transports/node-handles.ts';

type Binding = (name: string) => Record<string, unknown>;

const binding = Reflect.get(process, 'binding') as Binding;

/** Node's process with another binding. */
function processWith(other: unknown, rest: Partial<MaybeBinding> = {}): MaybeBinding {
  return { binding: other, execArgv: [], env: {}, ...rest };
}

/** Node's binding, with some parts of one module changed. */
function changed(module: string, parts: Record<string, unknown>): Binding {
  return (name) => (name === module ? { ...binding(name), ...parts } : binding(name));
}

describe('findNodeHandles', () => {
  it('finds all of them on every Node that is tested', () => {
    expect(findNodeHandles(process)).toBeDefined();
    expect(findNodeHandles(processWith(binding))).toBeDefined();
  });

  it.each([undefined, 'no function', () => undefined, () => ({})])('finds nothing where the binding is %p', (other) => {
    expect(findNodeHandles(processWith(other))).toBeUndefined();
  });

  it('finds nothing where Node denies access', () => {
    const refuse = (): never => {
      throw new Error('Access to this API has been restricted');
    };
    expect(findNodeHandles(processWith(refuse))).toBeUndefined();
  });

  class Other {
    getAsyncId(): number {
      return 0;
    }
  }

  it.each([
    ['tcp_wrap', { TCP: undefined }],
    ['tcp_wrap', { TCP: Other }],
    ['tcp_wrap', { TCP: binding('pipe_wrap').Pipe }],
    ['tcp_wrap', { TCPConnectWrap: 1 }],
    ['pipe_wrap', { Pipe: Other }],
    ['pipe_wrap', { PipeConnectWrap: undefined }],
    ['stream_wrap', { ShutdownWrap: Map }],
    ['stream_wrap', { WriteWrap: undefined }],
    ['stream_wrap', { streamBaseState: [0, 0, 0, 0, 0] }],
    ['stream_wrap', { kReadBytesOrError: '0' }],
    ['stream_wrap', { kBytesWritten: undefined }],
    ['stream_wrap', { kLastWriteWasAsync: undefined }],
  ])('finds nothing where %s has %p', (module, parts) => {
    expect(findNodeHandles(processWith(changed(module, parts)))).toBeUndefined();
  });

  it('finds nothing where handles have the methods, but behave otherwise', () => {
    const TCP = binding('tcp_wrap').TCP as new (type: number) => LibuvHandle;
    class TellsNothing extends TCP {
      override writeBuffer(): number {
        return -constants.errno.EBADF;
      }
    }
    class WritesLater extends TCP {
      override writeBuffer(request: Request, bytes: Buffer): number {
        super.writeBuffer(request, bytes);
        return 0;
      }
    }
    class HasNoDescriptor extends TCP {}
    Object.defineProperty(HasNoDescriptor.prototype, 'fd', { value: undefined });
    class IsAsExpected extends TCP {}
    const found = [TellsNothing, WritesLater, HasNoDescriptor, IsAsExpected].map((handle) =>
      findNodeHandles(processWith(changed('tcp_wrap', { TCP: handle }))),
    );
    expect(found).toEqual([undefined, undefined, undefined, expect.objectContaining({ TCP: IsAsExpected })]);
  });

  it('leaves nothing open', () => {
    const before = process.getActiveResourcesInfo().length;
    findNodeHandles(processWith(binding));
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
  });

  it('knows whether writes need a request', () => {
    const older = changed('stream_wrap', { kLastWriteErr: undefined, WriteWrap: Other });
    expect(findNodeHandles(processWith(older))).toMatchObject({ WriteWrap: Other, kLastWriteErr: undefined });
    const newer = changed('stream_wrap', { kLastWriteErr: 4 });
    expect(findNodeHandles(processWith(newer))).toMatchObject({ WriteWrap: undefined, kLastWriteErr: 4 });
  });

  it.each<Partial<MaybeBinding>>([
    { execArgv: ['--pending-deprecation'] },
    { env: { NODE_PENDING_DEPRECATION: '1' } },
    { env: { NODE_OPTIONS: '--no-warnings --pending-deprecation' } },
  ])('does not look where Node shows pending deprecations: %p', (rest) => {
    expect(findNodeHandles(processWith(binding, rest))).toBeUndefined();
  });
});

describe('findBindFlags', () => {
  const libuv = { IPV6_ONLY: 1, REUSE_PORT: 2 };

  it('finds the flags of libuv on every Node', () => {
    expect(findBindFlags(process)).toEqual(libuv);
  });

  it('finds those that a runtime has instead', () => {
    const constants = { UV_TCP_IPV6ONLY: 2, UV_TCP_REUSEPORT: 4 };
    const found = findBindFlags(processWith(changed('tcp_wrap', { constants })));
    expect(found).toEqual({ IPV6_ONLY: 2, REUSE_PORT: 4 });
  });

  it.each<[string, MaybeBinding]>([
    ['has no binding', processWith(undefined)],
    [
      'denies access',
      processWith(() => {
        throw new Error('Access to this API has been restricted');
      }),
    ],
    ['tells none', processWith(changed('tcp_wrap', { constants: undefined }))],
    [
      'runs with --pending-deprecation',
      processWith(changed('tcp_wrap', { constants: { UV_TCP_IPV6ONLY: 9 } }), { execArgv: ['--pending-deprecation'] }),
    ],
  ])('takes those of libuv where Node %s', (_what, node) => {
    expect(findBindFlags(node)).toEqual(libuv);
  });
});
