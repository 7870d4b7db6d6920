import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import * as ssl from '../../lib/ssl/index.ts';
import { certificateFile, clientContext, keyFile, serverContext, type CertificateName } from './tls-contexts.ts';

/** How one end of a connection is made. */
export interface EndChoices {
  readonly isServer: boolean;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly certificate: CertificateName | undefined;
  readonly believes: 'ca' | 'other-ca' | undefined;
  readonly asksForCertificate: boolean;
  readonly alpn: readonly string[];
  readonly hostname: string;
}

/** One call of an end, and what has come for it before. */
export interface EndStep {
  readonly call: 'doHandshake' | 'read' | 'readInto' | 'write' | 'unwrap' | 'facts' | 'cipher' | 'subject';
  readonly argument: number | string | null;
  readonly bytes: Buffer;
  readonly isEof: boolean;
}

/** What has come of a call. */
export interface Outcome {
  readonly result?: unknown;
  /** Class, number, library, reason; and for a refused certificate the code. */
  readonly error?: unknown;
  /** What is to be sent. */
  readonly bytes: Buffer;
  /** Whether all that had come was taken. */
  readonly isDrained: boolean;
}

/** One end of a connection in memory, in whatever language. */
export interface TlsEnd {
  run(step: EndStep): Promise<Outcome>;
}

/** Makes ends. */
export type EndMaker = (choices: EndChoices) => Promise<TlsEnd>;

/** An end of the library's. */
export const ourEnd: EndMaker = async (choices) => {
  const { isServer, believes, asksForCertificate, alpn, hostname, certificate } = choices;
  const version = choices.version === 'TLSv1.2' ? ssl.TLSVersion.TLSv1_2 : ssl.TLSVersion.TLSv1_3;
  const make = isServer ? serverContext : clientContext;
  const context = make({ version, certificate, authority: believes, alpn });
  if (asksForCertificate) context.verifyMode = ssl.CERT_REQUIRED;
  const [incoming, outgoing] = [new ssl.MemoryBIO(), new ssl.MemoryBIO()];
  const one = context.wrapBio(incoming, outgoing, isServer ? { serverSide: true } : { serverHostname: hostname });
  return {
    run: async ({ call, argument, bytes, isEof }) => {
      if (bytes.length > 0) incoming.write(bytes);
      if (isEof) incoming.writeEof();
      const told = await outcomeOf(async () => await callOf(one, call, argument));
      return { ...told, bytes: outgoing.read(), isDrained: incoming.pending === 0 };
    },
  };
};

async function callOf(one: ssl.SSLObject, call: EndStep['call'], argument: number | string | null): Promise<unknown> {
  const size = Number(argument);
  switch (call) {
    case 'doHandshake':
      await one.doHandshake();
      return null;
    case 'read':
      return (await one.read(size)).toString('latin1');
    case 'readInto': {
      const memory = Buffer.alloc(20);
      return [await one.read(size, memory), memory.toString('latin1')];
    }
    case 'write':
      return await one.write(Buffer.from(String(argument), 'latin1'));
    case 'unwrap':
      await one.unwrap();
      return null;
    case 'facts':
      return [one.version(), one.selectedAlpnProtocol(), one.pending(), one.sessionReused];
    case 'cipher':
      return one.cipher();
    case 'subject': {
      const certificate = one.getpeercert();
      return certificate !== null && 'subject' in certificate ? certificate.subject[0]?.[0]?.[1] : null;
    }
  }
}

/** An outcome as Python's program tells it. */
async function outcomeOf(call: () => Promise<unknown>): Promise<Pick<Outcome, 'result' | 'error'>> {
  try {
    return { result: (await call()) ?? null };
  } catch (error) {
    if (error instanceof RangeError) return { error: ['ValueError', error.message.replace(/ \(received .*\)$/, '')] };
    if (!(error instanceof ssl.SSLError)) throw error;
    const told = [error.name, error.errno, error.library, error.reason];
    if (error instanceof ssl.SSLCertVerificationError) return { error: [...told, error.verifyCode] };
    return { error: told };
  }
}

/** Ends of Python's, all in one process. */
export class PythonEnds implements Disposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #count = 0;

  constructor() {
    const child = spawn('python3', [join(__dirname, 'ssl-objects.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  readonly make: EndMaker = async ({ certificate, believes, ...choices }) => {
    this.#count += 1;
    const end = this.#count;
    const files = {
      certificate: certificate === undefined ? null : certificateFile(certificate),
      key: certificate === undefined ? null : keyFile(certificate),
      authority: believes === undefined ? null : certificateFile(believes),
    };
    await this.#ask({ end, made: { ...choices, ...files } });
    return {
      run: async ({ bytes, ...step }) => {
        const { bytes: hex, ...told } = await this.#ask({ end, ...step, bytes: bytes.toString('hex') });
        return { ...told, bytes: Buffer.from(hex, 'hex') };
      },
    };
  };

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(question: unknown): Promise<Omit<Outcome, 'bytes'> & { readonly bytes: string }> {
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    const next = await this.#lines.next();
    if (next.done === true) throw new Error('python3 ended');
    return JSON.parse(next.value) as Omit<Outcome, 'bytes'> & { readonly bytes: string };
  }
}

/** One step of a dialogue: a call of one side, or what happens to the bytes on the way to it. */
export type DialogueStep =
  | { readonly side: 'client' | 'server'; readonly call: EndStep['call']; readonly argument?: number | string }
  | { readonly to: 'client' | 'server'; readonly fate: 'damage' | 'garbage' | 'hold' | 'cut' };

/** Has two ends talk, and tells what each call has given. */
export async function dialogue(
  ends: { readonly client: TlsEnd; readonly server: TlsEnd },
  steps: readonly DialogueStep[],
): Promise<unknown[]> {
  const wires = { client: newWire(), server: newWire() };
  const told: unknown[] = [];
  for (const step of steps) {
    if ('fate' in step) {
      const wire = wires[step.to];
      if (step.fate === 'damage' && wire.bytes.length > 0)
        wire.bytes[wire.bytes.length - 1] = 0xff ^ (wire.bytes.at(-1) ?? 0);
      if (step.fate === 'garbage' && !wire.isCut)
        wire.bytes = Buffer.concat([wire.bytes, Buffer.from('no TLS at all')]);
      if (step.fate === 'hold') wire.held = 3;
      if (step.fate === 'cut') wire.isCut = true;
      continue;
    }
    const { side, call, argument = null } = step;
    const wire = wires[side];
    const [bytes, rest] = [wire.bytes.subarray(0, wire.bytes.length - wire.held), wire.bytes.subarray(-wire.held)];
    wire.bytes = wire.held === 0 ? Buffer.alloc(0) : Buffer.from(rest);
    wire.held = 0;
    const isEof = wire.isCut && wire.bytes.length === 0;
    const outcome = await ends[side].run({ call, argument, bytes, isEof });
    const other = wires[side === 'client' ? 'server' : 'client'];
    // OpenSSL answers the end of the bytes by an alert, and Node does not.
    const isOfCut = Array.isArray(outcome.error) && outcome.error.includes('UNEXPECTED_EOF_WHILE_READING');
    if (!other.isCut && !isOfCut) other.bytes = Buffer.concat([other.bytes, outcome.bytes]);
    told.push([side, call, outcome.error ?? outcome.result, ...traces(call, outcome)]);
  }
  return told;
}

/** The calls that take nothing, and give nothing. */
const LOOKS = new Set<EndStep['call']>(['facts', 'cipher', 'subject']);

/**
 * What a call has left. An error apart from SSLWantReadError may come from a later record here, and the end of the bytes
 * makes OpenSSL send an alert.
 */
function traces(call: EndStep['call'], { error, isDrained, bytes }: Outcome): unknown[] {
  if (LOOKS.has(call)) return [];
  const [name] = Array.isArray(error) ? (error as unknown[]) : ['none'];
  return name === 'none' || name === 'SSLWantReadError' ? [isDrained, bytes.length > 0] : [];
}

interface Wire {
  bytes: Buffer;
  /** So many bytes at the end come after the next call. */
  held: number;
  isCut: boolean;
}

function newWire(): Wire {
  return { bytes: Buffer.alloc(0), held: 0, isCut: false };
}
