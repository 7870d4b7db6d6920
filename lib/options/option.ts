import { osError, type OSError } from '../common/errors.ts';
import type { OptionSupport, OptionTarget, Refusal } from '../transports/option-target.ts';

/** The size of a C int, and the largest. */
export const INT_SIZE = 4;
export const MAX_INT = 0x7fff_ffff;

/** What the read-only options tell of a socket. */
export interface OptionFacts {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  isListening(): boolean;
  isBound(): boolean;
  /** The error that waits to be reported, which this takes away; 0 where there is none. */
  takeError(): number;
}

/** The values of a socket's options: what is in force, or `undefined` where only what was chosen is asked for. */
export interface Values {
  of(option: Option): number;
  chosen(option: Option): number | undefined;
}

/** What decides whether there is an option: the socket's family and type. */
export type Kind = Pick<OptionFacts, 'family' | 'type'>;

/** One option: what it is before anybody sets it, what it may be, and what sets it underneath. */
export interface Option {
  readonly initial: number;
  /** The value as Linux keeps it, or the error that Linux raises for it. */
  readonly keep?: (value: number, facts: OptionFacts) => number;
  /** Sets it underneath; an option without it is kept for bind() or close() to heed. */
  readonly apply?: (target: OptionTarget, values: Values) => Refusal | undefined;
  /** What it is underneath, where the system may have made something else of what was set. */
  readonly current?: (target: OptionTarget) => number | undefined;
  readonly available?: (support: OptionSupport, kind: Kind) => boolean;
  /** To be set before bind(), which only Node can see to: the kernel is not asked where Node cannot. */
  readonly beforeBind?: true;
  /** For what is read off the socket and cannot be set. */
  readonly read?: (facts: OptionFacts) => number;
  /**
   * For what is done and has no value, such as to join a group: it cannot be read, and waits until there is a socket
   * underneath.
   */
  readonly perform?: { readonly size: number; prepare(bytes: Buffer): (target: OptionTarget) => Refusal | undefined };
  /** For a value that is not one C int: how it stands in bytes. */
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
