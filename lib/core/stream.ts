import type { ErrorCode } from '../common/errno.ts';
import type { Stream } from '../transports/stream.ts';
import type { Core } from './core.ts';
import { streamOf } from './state.ts';

/** The connection that bytes go over; `code` is the error where there is none. */
export function openStream(core: Core, call: string, code: ErrorCode): Stream {
  return core.state.kind === 'connected' ? core.state.stream : streamInTheMaking(core, call, code);
}

function streamInTheMaking(core: Core, call: string, code: ErrorCode): Stream {
  core.checkOpen(call);
  core.syncConnectState();
  const stream = streamOf(core.state);
  if (stream !== undefined) return stream;
  throw core.error(code, call);
}

/**
 * The connection of a call that asks for nothing special, as most do; else `undefined`. Such a call is short because it
 * leaves out all other questions: in the first moments of a process each function costs its compilation.
 */
export function plainStream({ state, timeout }: Core, flags: unknown, options: unknown): Stream | undefined {
  const isPlain = flags === 0 && options === undefined && timeout === null;
  return isPlain && state.kind === 'connected' ? state.stream : undefined;
}
