import { Duplex } from 'node:stream';
import { connect, TLSSocket, type SecureContext } from 'node:tls';

/** One end of a connection in memory. */
class End extends Duplex {
  #other: End | undefined;

  /** Two ends that are joined. */
  static pair(): [End, End] {
    const ends: [End, End] = [new End(), new End()];
    [ends[0].#other, ends[1].#other] = [ends[1], ends[0]];
    return ends;
  }

  override _read(): void {
    // What the other end writes is pushed at once.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#other?.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.#other?.push(null);
    done();
  }
}

/** What became of a handshake, as the client saw it. */
export interface Handshake {
  /** Why it failed, as OpenSSL's reason; `undefined` where it did not. */
  readonly failure?: string;
  /** What Node says against the server's certificate; `null` for nothing. */
  readonly refusal?: string | null;
  readonly protocol?: string | null;
  readonly cipher?: string;
  readonly group?: string | undefined;
  readonly keyType?: string | undefined;
  /** What resumes it. */
  readonly session?: Buffer | undefined;
  readonly isResumed?: boolean;
}

/** Has a client and a server of Node's own shake hands in memory. The client may try to resume a session. */
export async function handshake(server: SecureContext, client: SecureContext, session?: Buffer): Promise<Handshake> {
  const [ours, theirs] = End.pair();
  const accepted = new TLSSocket(theirs, { isServer: true, secureContext: server });
  const failure = new Promise<Handshake>((resolve) => {
    accepted.on('error', (error) => resolve({ failure: error.message }));
  });
  const options = { socket: ours, rejectUnauthorized: false, servername: 'localhost' };
  const socket = connect({ ...options, secureContext: client, session });
  const success = new Promise<Handshake>((resolve) => {
    socket.on('error', (error) => resolve({ failure: error.message }));
    socket.on('secureConnect', () => {
      const group = socket.getEphemeralKeyInfo();
      resolve({
        refusal: socket.authorizationError === null ? null : String(socket.authorizationError),
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        group: group !== null && 'name' in group ? String(group.name) : undefined,
        session: socket.getSession(),
        isResumed: socket.isSessionReused(),
        keyType: socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType,
      });
    });
  });
  try {
    return await Promise.race([success, failure]);
  } finally {
    socket.destroy();
    accepted.destroy();
  }
}
