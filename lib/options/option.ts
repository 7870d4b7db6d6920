import { osError, type OSError } from '../common/errors.ts';
import type { OptionSupport, OptionTarget, Refusal } from '../transports/option-target.ts';

/** The size of a C int, and the largest. */
export const INT_SIZE = 4;
export const MAX_INT = 0x7fff_ffff;

/** The facts about a socket that read-only options return. */
export interface OptionFacts {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  isListening(): boolean;
  isBound(): boolean;
  /** The pending error, which this clears; 0 where there is none. */
  takeError(): number;
}

/** The values of a socket's options: those in force, or only those that were set (otherwise `undefined`). */
export interface Values {
  of(option: Option): number;
  chosen(option: Option): number | undefined;
}

/** A socket's family and type, which decide whether it has an option. */
export type Kind = Pick<OptionFacts, 'family' | 'type'>;

/** One option: its default, its allowed values, and the function that sets it on the transport. */
export interface Option {
  readonly initial: number;
  /** The value as Linux keeps it, or the error that Linux raises for it. */
  readonly keep?: (value: number, facts: OptionFacts) => number;
  /** Sets it on the transport; bind() or close() applies an option without this function. */
  readonly apply?: (target: OptionTarget, values: Values) => Refusal | undefined;
  /** Its value on the transport, where the system may have changed the value that was set. */
  readonly current?: (target: OptionTarget) => number | undefined;
  readonly available?: (support: OptionSupport, kind: Kind) => boolean;
  /** Has to be set before bind(), which only Node can do: the kernel is not asked where Node cannot set it. */
  readonly beforeBind?: true;
  /** For an option that can only be read. */
  readonly read?: (facts: OptionFacts) => number;
  /**
   * For an action without a value, such as to join a group: it cannot be read, and waits until the transport exists.
   */
  readonly perform?: { readonly size: number; prepare(bytes: Buffer): (target: OptionTarget) => Refusal | undefined };
  /** For a value that is not one C int: its form in bytes. */
  readonly struct?: { readonly size: number; parse(bytes: Buffer): number; format(value: number): Buffer };
}

/** The checked arguments of setsockopt(). */
export interface OptionSetting {
  readonly level: number;
  readonly optname: number;
  /** The value's bytes; `null` is C's null pointer. */
  readonly value: Buffer | null;
  readonly optlen: number | undefined;
}

/** The checked arguments of getsockopt(). */
export interface OptionQuery {
  readonly level: number;
  readonly optname: number;
  readonly buflen: number;
}

/** A value that is on or off. */
export const flag = (value: number): number => Number(value !== 0);

/** A value within limits. */
export const between =
  (least: number, most: number) =>
  (value: number): number => {
    if (value < least || value > most) throw failure('EINVAL', 'setsockopt');
    return value;
  };

/** The error of setsockopt() and getsockopt(). */
export function failure(code: string, syscall: string): OSError {
  return osError(code, { syscall });
}
