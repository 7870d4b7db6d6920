import { describe, expect, it } from '@jest/globals';
import { certificateOf, findTlsWrap } from '../../lib/ssl/tls-wrap.ts';
import type { MaybeBinding } from '../../lib/transports/node-handles.ts';

type Parts = Record<string, unknown>;
type Binding = (name: string) => Parts;

const binding = Reflect.get(process, 'binding') as Binding;

/** Node's process with another binding. */
function processWith(other: unknown, rest: Partial<MaybeBinding> = {}): MaybeBinding {
  return { binding: other, execArgv: [], env: {}, ...rest };
}

/** Node's binding, with some parts of one module changed. */
function changed(module: string, parts: Parts): Binding {
  return (name) => (name === module ? { ...binding(name), ...parts } : binding(name));
}

/** Node's `wrap`, whose results are changed. */
function wrapWith(change: (tls: Parts, stream: Parts) => void): Parts {
  const { wrap } = binding('tls_wrap') as { wrap: (...given: unknown[]) => Parts };
  return {
    wrap: (stream: Parts, ...rest: unknown[]) => {
      const tls = wrap(stream, ...rest);
      change(tls, stream);
      return tls;
    },
  };
}

describe('findTlsWrap', () => {
  it('finds it on every Node that is tested', () => {
    expect(findTlsWrap(process)).toBeDefined();
    expect(findTlsWrap(processWith(binding))).toBeDefined();
  });

  it.each([undefined, 'no function', () => undefined, () => ({})])('finds nothing where the binding is %p', (other) => {
    expect(findTlsWrap(processWith(other))).toBeUndefined();
  });

  it('finds nothing where Node denies access', () => {
    const refuse = (): never => {
      throw new Error('Access to this API has been restricted');
    };
    expect(findTlsWrap(processWith(refuse))).toBeUndefined();
  });

  it('does not look where the user has asked for pending deprecations, or watches TLS sockets', () => {
    const asked: Partial<MaybeBinding>[] = [
      { execArgv: ['--pending-deprecation'] },
      { env: { NODE_PENDING_DEPRECATION: '1' } },
      { execArgv: ['--tls-keylog=keys.txt'] },
      { execArgv: ['--trace-tls'] },
      { env: { NODE_OPTIONS: '--max-old-space-size=100 --trace-tls' } },
    ];
    for (const rest of asked) expect(findTlsWrap(processWith(binding, rest))).toBeUndefined();
    expect(findTlsWrap(processWith(binding, { execArgv: ['--trace-warnings'] }))).toBeDefined();
  });

  class Other {
    getAsyncId(): number {
      return 0;
    }
  }

  it.each([
    ['tls_wrap', { TLSWrap: undefined }],
    ['tls_wrap', { TLSWrap: Other }],
    ['tls_wrap', { TLSWrap: () => undefined }],
    ['tls_wrap', { wrap: undefined }],
    ['tls_wrap', { wrap: () => ({}) }],
    ['js_stream', { JSStream: Other }],
    ['js_stream', { JSStream: 'none' }],
    ['stream_wrap', { ShutdownWrap: Map }],
    ['stream_wrap', { WriteWrap: undefined }],
    ['stream_wrap', { streamBaseState: [0, 0, 0, 0, 0] }],
    ['stream_wrap', { kReadBytesOrError: '0' }],
    ['stream_wrap', { kArrayBufferOffset: undefined }],
  ])('finds nothing where %s has other parts: %p', (module, parts) => {
    expect(findTlsWrap(processWith(changed(module, parts)))).toBeUndefined();
  });

  it.each([
    ['writes nothing when it begins', (tls: Parts) => (tls.start = () => undefined)],
    [
      'writes what is no record',
      (_tls: Parts, stream: Parts) => {
        const onwrite = stream.onwrite as (request: object, chunks: readonly Buffer[]) => number;
        stream.onwrite = (request: object, chunks: readonly Buffer[]) => {
          chunks[0]?.fill(0);
          return onwrite(request, chunks);
        };
      },
    ],
    ['does not say what it cannot read', (_tls: Parts, stream: Parts) => (stream.readBuffer = () => undefined)],
  ])('finds nothing where a client %s', (_what, change) => {
    expect(findTlsWrap(processWith(changed('tls_wrap', wrapWith(change))))).toBeUndefined();
  });
});

describe('certificateOf', () => {
  it('fails where Node makes no certificate', () => {
    const make = (): unknown => Reflect.apply(certificateOf, undefined, [undefined]) as unknown;
    expect(make).toThrow('Node gives no certificate');
  });
});
