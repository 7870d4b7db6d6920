import { typeError } from './arguments.ts';
import { raised } from './stack.ts';

/** The options that every awaited call takes as its last argument. */
export interface WaitOptions {
  /**
   * Ends the wait when it is aborted: the call rejects with the signal's reason, and nothing that arrived is lost.
   * `null` and `undefined` are no signal.
   */
  readonly signal?: AbortSignal | null | undefined;
}

/** The options of most calls; one object for all, which saves memory in each call. */
export const NO_OPTIONS: WaitOptions = {};

const WAIT_OPTIONS = ['signal'] as const;

/**
 * Whether a value can only be a call's options, in the place of an optional argument that is a number or an address: an
 * object that is neither an array nor bytes.
 */
export function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/**
 * Checks that a value is an options object with no other names than these.
 *
 * @throws TypeError if it is not a plain object, or has another name.
 */
export function checkOptions<Name extends string>(
  options: unknown,
  names: readonly Name[],
  call: string,
): Partial<Record<Name, unknown>> {
  if (options === undefined) return {};
  if (!isPlainObject(options)) throw typeError(`${call}() takes an options object`, options);
  for (const name in options) {
    const known: readonly string[] = names;
    if (!known.includes(name)) {
      throw raised(new TypeError(`${call}() has no option '${name}' (it has ${names.join(', ')})`));
    }
  }
  return options;
}

/** Checks the options that every awaited call takes, and returns the signal. */
export function signalOf(options: unknown, call: string): AbortSignal | undefined {
  if (options === undefined) return undefined;
  return checkSignal(checkOptions(options, WAIT_OPTIONS, call).signal, call);
}

/** Checks that an option is an AbortSignal, or none. */
export function checkSignal(signal: unknown, call: string): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (isAbortSignal(signal)) return signal;
  throw typeError(`${call}(): signal must be an AbortSignal`, signal);
}

/**
 * Finds the options among the optional arguments of a call: they come after these, or in the place of one of them.
 *
 * @param given - the optional arguments and the options, as far as they are given.
 * @param count - how many optional arguments the call has.
 * @throws TypeError if an argument follows the options.
 */
export function takeOptions(
  given: readonly unknown[],
  count: number,
  call: string,
): { readonly values: readonly unknown[]; readonly options: unknown } {
  const place = given.findIndex((argument) => isOptions(argument));
  if (place === -1) return { values: given.slice(0, count), options: given[count] };
  const after = given.slice(place + 1).find((argument) => argument !== undefined);
  if (after !== undefined) throw typeError(`${call}() takes nothing after its options`, after);
  return { values: given.slice(0, place), options: given[place] };
}

/** Objects of another realm, such as a vm context, have another `Object.prototype`. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null);
}

const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted');

/** Whether it is a real signal: for an object that only looks like one, the getter throws. */
function isAbortSignal(value: unknown): value is AbortSignal {
  if (aborted?.get === undefined) return value instanceof AbortSignal;
  try {
    aborted.get.call(value);
    return true;
  } catch {
    return false;
  }
}
