import type { TraceEvent, TraceProcess } from '../../lib/trace/event.ts';

/** Traces that are made up, for the parts that read them. */

/** The beginning of a process. */
export function began(process: string, command = `node ${process}.js`): TraceProcess {
  return { trace: 'await-socket', version: 1, process, at: 1_000_000, command, node: 'v20.0.0' };
}

let lastId = 0;

/** A call over TCP at a time in milliseconds since the beginning of the trace. */
export function traced(at: number, call: string, fields: Partial<TraceEvent>): TraceEvent {
  lastId += 1;
  const base = { process: 'one', id: lastId, call, socket: 1, kind: 'tcp', args: [], worked: 0.1, waited: 0 } as const;
  return { ...base, ...fields, at: 1_000_000 + at };
}

/** The fields of a client's call, and of the server's connection at the other end. */
export const CLIENT = { process: 'client', socket: 1, local: '127.0.0.1:5000', peer: '127.0.0.1:80' };
export const SERVER = { process: 'server', socket: 2, local: '127.0.0.1:80', peer: '127.0.0.1:5000' };

/** Bytes as a trace has them. */
export function bytes(text: string): Pick<TraceEvent, 'bytes' | 'data'> {
  return { bytes: Buffer.byteLength(text), data: Buffer.from(text).toString('base64') };
}

/** A conversation: a request in two pieces, an answer, and the end of each side. */
export function conversation(): (TraceProcess | TraceEvent)[] {
  return [
    began('client'),
    began('server'),
    traced(0, 'accept', {
      process: 'server',
      socket: 1,
      local: SERVER.local,
      waited: 9,
      accepted: 2,
      result: CLIENT.local,
    }),
    traced(5, 'connect', { ...CLIENT, waited: 3 }),
    traced(9, 'recv', { ...SERVER, ...bytes('GET / HTTP/1.0\r\n\r\n'), waited: 4 }),
    traced(10, 'send', { ...CLIENT, ...bytes('GET / ') }),
    traced(11, 'send', { ...CLIENT, ...bytes('HTTP/1.0\r\n\r\n') }),
    traced(12, 'recv', { ...CLIENT, ...bytes('HTTP/1.0 200 OK\r\n\r\n'), waited: 5 }),
    traced(14, 'sendall', { ...SERVER, ...bytes('HTTP/1.0 200 OK\r\n\r\n') }),
    traced(15, 'close', SERVER),
    traced(18, 'recv', { ...CLIENT, bytes: 0 }),
    traced(19, 'close', CLIENT),
  ];
}
