import { CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW } from 'node:tls';
import { describe, expect, it, jest } from '@jest/globals';
import { settingsOf } from '../../lib/ssl/context-settings.ts';
import type { LayerListener } from '../../lib/ssl/tls-layer.ts';
import { findTlsWrap, type NodeTls, type RecordStream, type TlsWrap } from '../../lib/ssl/tls-wrap.ts';
import { WrapLayer } from '../../lib/ssl/wrap-layer.ts';
import { clientContext, serverContext } from '../support/tls-contexts.ts';

const EPROTO = -71;

function found(): NodeTls {
  const node = findTlsWrap(process);
  if (node === undefined) throw new Error('this Node has no such parts');
  return node;
}

/** A layer, what it has notified, and what Node has made for it; `change` changes that before the layer has it. */
function made(
  isServer: boolean,
  change: (tls: TlsWrap) => void = () => undefined,
): { layer: WrapLayer; events: string[]; finish: (() => void)[]; tls: TlsWrap } {
  const events: string[] = [];
  const finish: (() => void)[] = [];
  const listener: LayerListener = {
    onPlaintext: () => true,
    onOutput(records, done) {
      events.push(`output ${records[0]}`);
      finish.push(done);
    },
    onOutputEnd: () => events.push('output end'),
    onReady: () => events.push('ready'),
    onSecure: () => events.push('secure'),
    onWritten: () => events.push('written'),
    onEnd: () => events.push('end'),
    onError: (error) => events.push(error.message),
    onKeylog: () => events.push('keylog'),
    onSession: () => events.push('session'),
  };
  const node = found();
  let tls: TlsWrap | undefined;
  const wrap = (stream: RecordStream, ...rest: [unknown, boolean, boolean]): TlsWrap => {
    tls = node.wrap(stream, ...rest);
    change(tls);
    return tls;
  };
  const context = isServer ? serverContext() : clientContext();
  const options = { isServer, serverName: undefined, alpnProtocols: [], session: undefined };
  const layer = new WrapLayer({ ...node, wrap }, listener, settingsOf(context), options);
  if (tls === undefined) throw new Error('nothing was made');
  return { layer, events, finish, tls };
}

describe('WrapLayer', () => {
  it('has the ClientHello sent within the call', () => {
    const { layer, events } = made(false);
    layer.start();
    expect(events).toEqual(['output 22']);
    expect(layer.isReady).toBe(true);
    layer.destroy();
  });

  it('says and does nothing once it is destroyed, whatever is under way', () => {
    const { layer, events, finish } = made(false);
    layer.start();
    layer.end();
    layer.destroy();
    layer.destroy();
    layer.feed(Buffer.from('GET / HTTP/1.1\r\n'));
    layer.write(Buffer.from('x'));
    layer.end();
    layer.resume();
    for (const done of finish) done();
    expect(events).toEqual(['output 22']);
    expect(layer).toMatchObject({ isReady: false, version: undefined, cipher: undefined, alpnProtocol: null });
    expect(layer).toMatchObject({ isResumed: false, ownFinished: undefined, peerFinished: undefined });
    expect([layer.fault(), layer.takePeerCertificate()]).toEqual([undefined, undefined]);
  });

  it('reports a write that TLS refuses, at once or later', () => {
    const refuses = made(false, (tls) => (tls.writeBuffer = () => EPROTO));
    refuses.layer.write(Buffer.from('x'));
    expect(refuses.events).toEqual([expect.stringContaining('EPROTO')]);
    // The handshake has not begun: Node keeps the bytes, and gives them up with the connection.
    const waits = made(false);
    waits.layer.write(Buffer.from('x'));
    expect(waits.events).not.toContain('written');
    waits.layer.destroy();
    expect(waits.events.filter((event) => event.includes('write'))).toEqual([]);
  });

  it('ends its output after the write that is under way', () => {
    const shutdown = jest.fn<TlsWrap['shutdown']>(() => 0);
    const { layer, events, finish, tls } = made(false, (made) => (made.shutdown = shutdown));
    const begun: { oncomplete?: (status: number) => void } = {};
    tls.writeBuffer = (request) => (request === null ? begun : (Object.assign(begun, { request }), 0));
    layer.write(Buffer.from('x'));
    layer.end();
    expect(shutdown).not.toHaveBeenCalled();
    const { request = begun } = begun as { request?: typeof begun };
    request.oncomplete?.(0);
    layer.start();
    expect(events).toEqual(['written', 'output 22']);
    expect(shutdown).toHaveBeenCalledTimes(1);
    for (const done of finish) done();
    layer.destroy();
  });

  it('refuses a client that begins handshakes without end, and only that', () => {
    const { layer, events, tls } = made(true);
    const begin = (count: number, now: number): void => {
      for (let turn = 0; turn < count; turn += 1) tls.onhandshakestart(now);
      layer.start();
    };
    begin(1 + CLIENT_RENEG_LIMIT, 1);
    begin(CLIENT_RENEG_LIMIT, 1 + CLIENT_RENEG_WINDOW * 1000);
    expect(events).toEqual([]);
    begin(1, 2 + CLIENT_RENEG_WINDOW * 1000);
    expect(events).toEqual(['TLS session renegotiation attack detected']);
    layer.destroy();
  });

  it('takes what it does not understand for a refusal of the certificate', () => {
    const { layer } = made(false, (tls) => {
      tls.getCipher = () => ({ name: 'a cipher' });
      tls.verifyError = () => 'no error of Node';
    });
    expect(layer.fault()).toMatchObject({ message: 'Node gives no reason' });
    layer.destroy();
  });

  it('lets Node call back for objects that no layer has', () => {
    const { layer, tls } = made(false);
    expect(() => {
      tls.onerror.call(Object.create(null) as TlsWrap, new Error('of another'));
      tls.onread.call(Object.create(null) as TlsWrap, new ArrayBuffer(1));
      tls.onhandshakedone.call(Object.create(null) as TlsWrap);
      tls.onkeylog.call(Object.create(null) as TlsWrap, Buffer.alloc(1));
    }).not.toThrow();
    layer.destroy();
  });
});
