import { describe, expect, it } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import type * as socket from '../../lib/index.ts';
import { serve, serveDatagrams, type Server } from '../../lib/serve/index.ts';
import type * as ssl from '../../lib/ssl/index.ts';

/** The calls below are checked by `npm run typecheck`, and never made. */
function typecheck(check: () => unknown): void {
  expect(check).toBeInstanceOf(Function);
}

declare const inet: socket.Listener<socket.Inet4Address>;
declare const secured: ssl.SSLSocket;
declare const datagrams: socket.DatagramSocket<socket.Inet6Address>;

describe('the types of servers', () => {
  it('follow from the listener', () =>
    typecheck(() => {
      const server = serve(inet, (conn, address) => {
        expectTypeOf(conn).toEqualTypeOf<socket.Connection<socket.Inet4Address>>();
        expectTypeOf(address).toEqualTypeOf<socket.Inet4Address>();
      });
      expectTypeOf(server).toEqualTypeOf<Server<socket.Inet4Address>>();
      expectTypeOf(server.address).toEqualTypeOf<socket.Inet4Address>();
      serve(secured, (conn) => expectTypeOf(conn).toEqualTypeOf<ssl.SSLConnection>());
    }));

  it('allow any address after a proxy', () =>
    typecheck(() => {
      const proxyProtocol = { trusted: ['127.0.0.1'] };
      serve(inet, (_, address) => expectTypeOf(address).toEqualTypeOf<socket.Address>(), { proxyProtocol });
    }));

  it('follow from the socket for datagrams', () =>
    typecheck(() => {
      serveDatagrams(datagrams, (data, address) => {
        expectTypeOf(data).toEqualTypeOf<Buffer>();
        expectTypeOf(address).toEqualTypeOf<socket.Inet6Address>();
      });
    }));
});
