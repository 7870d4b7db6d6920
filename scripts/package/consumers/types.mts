import * as socket from 'await-socket';
import { makeProxyHeader, type ProxyHeader } from 'await-socket/proxy-protocol';
import { serve, type Server } from 'await-socket/serve';
import * as select from 'await-socket/select';
import * as selectors from 'await-socket/selectors';
import * as ssl from 'await-socket/ssl';
import type { Address, WaitOptions } from 'await-socket';
import type { CertificateDict, WrapOptions } from 'await-socket/ssl';

type IsAny<T> = 0 extends 1 & T ? true : false;

/** A Buffer must be one, and not `any`, which it is where the types of Node are missing. */
export const isAny: IsAny<Awaited<ReturnType<socket.Socket['recv']>>> = false;

export async function use(options: WaitOptions): Promise<string> {
  const sock: socket.Socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  await sock.connect(['127.0.0.1', 1]);
  const address: Address = sock.getsockname();
  const port: number = socket.createServer(['127.0.0.1', 0]).getsockname()[1];
  const [, from]: [Buffer, socket.Inet4Address] = await socket.socket(socket.AF_INET, socket.SOCK_DGRAM).recvfrom(port);
  for await (const chunk of await socket.createConnection(from)) chunk.readUInt8();
  for await (const [conn] of socket.createServer(['127.0.0.1', 0])) (await conn.recvExactly(1)).readUInt8();
  const received: Buffer = await sock.recv(1, 0, options);
  const file: socket.BufferedReader = sock.makefile('rb');
  const error: socket.OSError = new socket.OSError(111);
  const wrapOptions: WrapOptions = { serverHostname: 'localhost' };
  const secured: socket.Socket = await ssl.createDefaultContext({ cafile: null }).wrapSocket(sock, wrapOptions);
  const tlsError: socket.OSError = new ssl.SSLCertVerificationError();
  const certificate: CertificateDict | undefined = ssl.createDefaultContext().getCaCerts()[0];
  const source: ProxyHeader['source'] = address;
  const server: Server<socket.Inet4Address> = serve(socket.createServer(['', 0]), async (conn, [host, port]) => {
    await conn.sendall(makeProxyHeader([host, port], conn.getsockname()));
  });
  const [ready]: [socket.Socket[], socket.Socket[], socket.Socket[]] = await select.select([sock], [sock], [sock], 0);
  const selector = new selectors.DefaultSelector<string>();
  const data: string = selector.register(sock, selectors.EVENT_READ, 'data').data;
  // @ts-expect-error: a class that is exported as a type
  socket.BufferedReader;
  // @ts-expect-error: a number is expected
  await sock.recv('1');
  // @ts-expect-error: contexts make these sockets
  new ssl.SSLSocket(sock);
  const texts = [String(address), received.toString(), file.mode, error.strerror, String(source), server.address[0]];
  return [...texts, secured.family, tlsError.message, certificate?.serialNumber, ready.length, data].join();
}
