import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import * as socket from '../../../lib/index.ts';
import * as ssl from '../../../lib/ssl/index.ts';
import { fill } from '../values.ts';
import { certificates } from './certificates.ts';
import type { Call, End, EndName, Result } from './dialogue.ts';

/** What a context is made with, as driver.py has it. */
interface ContextSettings {
  readonly trusts?: readonly string[];
  readonly check_hostname?: boolean;
  readonly verify_mode?: number;
  readonly chain?: string;
  readonly minimum_version?: number;
  readonly maximum_version?: number;
  readonly ciphers?: string;
  readonly alpn?: readonly string[];
  readonly sni?: 'switch' | 'raise' | 'names' | number;
}

interface WrapSettings {
  readonly server_hostname?: string | null;
  readonly do_handshake_on_connect?: boolean;
  readonly suppress_ragged_eofs?: boolean;
  readonly session?: boolean;
}

/** Calls that wait, with the position of their options. */
const OPTIONS_AT: Readonly<Record<string, number>> = {
  do_handshake: 0,
  recv: 2,
  read: 1,
  send: 2,
  sendall: 2,
  write: 1,
  unwrap: 0,
};

/** Python's name of a method or an attribute as ours. */
function nameHere(name: string): string {
  return name.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

function encode(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) {
    const digest = [value.length, createHash('sha1').update(value).digest('hex')];
    return { bytes: value.length <= 16 ? Buffer.from(value).toString('hex') : digest };
  }
  if (value instanceof socket.Socket) return 'a socket';
  if (Array.isArray(value)) return value.map((one) => encode(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, encode(one)]));
}

/** An error in the form that results have; what is no error of a socket is a fault of ours. */
function failure(error: unknown): Exclude<Result, 'blocks'> {
  if (error instanceof ssl.SSLError) {
    const { name, errno, library, reason } = error;
    const isRefusal = error instanceof ssl.SSLCertVerificationError;
    const verify = isRefusal ? { verify: [error.verifyCode ?? 0, error.verifyMessage ?? ''] as const } : {};
    return { error: name, errno, library, reason, ...verify };
  }
  if (error instanceof socket.OSError) return { error: error.name, errno: error.errno };
  if (error instanceof ssl.NotImplementedError) return { error: 'NotImplementedError' };
  if (error instanceof RangeError) return { error: 'RangeError' };
  // A method that a plain socket does not have is called on one, too.
  if (error instanceof TypeError)
    return { error: error.message.includes('is not a method') ? 'AttributeError' : 'TypeError' };
  throw error;
}

/** One end on our `ssl`. */
export class OurEnd implements End {
  readonly #isServer: boolean;
  #listener: socket.Socket | undefined;
  #sock: socket.Socket | undefined;
  #context: ssl.SSLContext | undefined;
  #session: ssl.SSLSession | null = null;
  #names: (string | null)[] = [];
  #made: socket.Socket[] = [];
  #ending: AbortController | undefined;
  /** All of it happens in turns of the event loop, which the relay counts. */
  readonly isWaiting = true;

  constructor(name: EndName) {
    this.#isServer = name === 'server';
  }

  begin(): Promise<number | null> {
    this.#listener = undefined;
    this.#sock = undefined;
    this.#context = undefined;
    this.#session = null;
    this.#names = [];
    if (!this.#isServer) return Promise.resolve(null);
    this.#listener = this.#keep(socket.createServer(['127.0.0.1', 0]));
    return Promise.resolve(Number(this.#listener.getsockname()[1]));
  }

  async run(calls: readonly Call[], port: number, onResult: (result: Result) => void): Promise<void> {
    const ending = new AbortController();
    this.#ending = ending;
    const interrupted = once(ending.signal, 'abort');
    const make = async (): Promise<void> => {
      for (const call of calls) {
        const result = await this.#outcome(call, port, ending.signal);
        if (ending.signal.aborted) return;
        onResult(result);
      }
    };
    await Promise.race([make(), interrupted]);
  }

  interrupt(): void {
    this.#ending?.abort();
  }

  end(): Promise<void> {
    for (const one of this.#made) one.close();
    this.#made = [];
    return Promise.resolve();
  }

  #keep<S extends socket.Socket>(one: S): S {
    this.#made.push(one);
    return one;
  }

  async #outcome([name, ...args]: Call, port: number, signal: AbortSignal): Promise<Result> {
    try {
      return { value: encode(await this.#call(name, args, port, signal)) };
    } catch (error) {
      return signal.aborted ? 'blocks' : failure(error);
    }
  }

  async #call(name: string, args: readonly unknown[], port: number, signal: AbortSignal): Promise<unknown> {
    const first = args[0];
    if (name === 'context') return this.#makeContext(first as ContextSettings);
    if (name === 'names') return this.#names;
    if (name === 'socket') {
      this.#sock = this.#keep(new socket.Socket());
      return null;
    }
    if (name === 'connect') {
      if (args.length === 0 || this.#sock === undefined) this.#sock = this.#keep(new socket.Socket());
      await this.#sock.connect(['127.0.0.1', port], { signal });
      return null;
    }
    if (name === 'accept') {
      const accepted = await this.#listener?.accept({ signal });
      if (accepted !== undefined) this.#sock = this.#keep(accepted[0]);
      return null;
    }
    if (name.startsWith('wrap') && this.#context === undefined) return 'no context';
    if (name === 'wrap_listener') {
      this.#listener = await this.#wrap(this.#listener, first as WrapSettings);
      return null;
    }
    if (this.#sock === undefined) return 'no socket';
    if (name === 'wrap') {
      this.#sock = await this.#wrap(this.#sock, first as WrapSettings);
      return null;
    }
    return await this.#callOn(this.#sock, name, args, signal);
  }

  async #callOn(one: socket.Socket, name: string, args: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    const size = Number(args[0]);
    switch (name) {
      case 'keep_session':
        this.#session = (await invoke(one, 'session', [])) as ssl.SSLSession | null;
        return this.#session !== null;
      case 'receive':
        return await receive(one, size, signal);
      case 'pending':
        return Number(await invoke(one, 'pending', [])) > 0;
      case 'send':
      case 'sendall':
      case 'write':
        return await invoke(one, name, withSignal(name, [fill(size)], signal));
      case 'recv_into': {
        const room = Buffer.alloc(size);
        return room.subarray(0, await one.recvInto(room, 0, 0, { signal }));
      }
      case 'unwrap':
        this.#sock = (await invoke(one, 'unwrap', [{ signal }])) as socket.Socket;
        return null;
      case 'fileno':
        return one.fileno() >= 0;
      default:
        return await invoke(one, name, name in OPTIONS_AT ? withSignal(name, args, signal) : args);
    }
  }

  #makeContext(settings: ContextSettings): null {
    const made = new ssl.SSLContext(this.#isServer ? ssl.PROTOCOL_TLS_SERVER : ssl.PROTOCOL_TLS_CLIENT);
    this.#context = made;
    for (const name of settings.trusts ?? []) made.loadVerifyLocations({ cafile: file(`${name}.pem`) });
    if (settings.check_hostname !== undefined) made.checkHostname = settings.check_hostname;
    if (settings.verify_mode !== undefined) made.verifyMode = settings.verify_mode;
    if (settings.chain !== undefined) made.loadCertChain(file(`${settings.chain}.pem`), file(`${settings.chain}.key`));
    if (settings.minimum_version !== undefined) made.minimumVersion = settings.minimum_version;
    if (settings.maximum_version !== undefined) made.maximumVersion = settings.maximum_version;
    if (settings.ciphers !== undefined) made.setCiphers(settings.ciphers);
    if (settings.alpn !== undefined) made.setAlpnProtocols(settings.alpn);
    if (settings.sni !== undefined) this.#setSni(made, settings.sni);
    return null;
  }

  #setSni(made: ssl.SSLContext, does: NonNullable<ContextSettings['sni']>): void {
    made.sniCallback = (sock, name) => {
      this.#names.push(name);
      if (does === 'raise') throw new Error('for the test');
      if (does === 'switch' && name === 'elsewhere.test') {
        const other = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
        other.loadCertChain(file('other-name.pem'), file('other-name.key'));
        sock.context = other;
      }
      return typeof does === 'number' ? does : null;
    };
  }

  async #wrap(sock: socket.Socket | undefined, settings: WrapSettings): Promise<ssl.SSLSocket> {
    if (sock === undefined || this.#context === undefined) throw new Error('the dialogue has made nothing to wrap');
    const { session, ...rest } = settings;
    const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => [nameHere(name), value]));
    const wrapped = await this.#context.wrapSocket(sock, {
      serverSide: this.#isServer,
      ...options,
      ...(session === true && { session: this.#session }),
    });
    return this.#keep(wrapped);
  }
}

const file = (name: string): string => join(certificates, name);

/** Arguments, with the options at their place. */
function withSignal(name: string, args: readonly unknown[], signal: AbortSignal): unknown[] {
  const all = [...args];
  while (all.length < (OPTIONS_AT[name] ?? 0)) all.push(undefined);
  return [...all, { signal }];
}

/** Calls a method, or reads an attribute. */
async function invoke(one: socket.Socket, name: string, args: readonly unknown[]): Promise<unknown> {
  const method: unknown = Reflect.get(one, nameHere(name));
  if (typeof method === 'function') return (await Reflect.apply(method, one, args)) as unknown;
  if (!(nameHere(name) in one)) throw new TypeError(`${name} is not a method of this socket`);
  return method;
}

/** So many bytes, by as many calls as it takes; what ends it earlier is in the result. */
async function receive(one: socket.Socket, size: number, signal: AbortSignal): Promise<unknown> {
  const pieces: Buffer[] = [];
  const received = (): unknown => encode(Buffer.concat(pieces));
  for (let left = size; left > 0; left = size - Buffer.concat(pieces).length) {
    try {
      const piece = await one.recv(left, 0, { signal });
      if (piece.length === 0) return [received(), 'end'];
      pieces.push(piece);
    } catch (error) {
      if (pieces.length === 0) throw error;
      return [received(), failure(error)];
    }
  }
  return [received()];
}
