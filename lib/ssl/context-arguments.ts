import { types } from 'node:util';
import { checkOptions, isOptions } from '../common/call-options.ts';
import { raised } from '../common/stack.ts';

/** Whether a value can only be an options object. A URL and memory are values of an argument. */
function areOptions(value: unknown): boolean {
  return isOptions(value) && !(value instanceof URL) && !types.isAnyArrayBuffer(value);
}

/**
 * The optional arguments of a call by their names. They stand in their places, or in an options object, which takes the
 * place of the first one that is left out.
 *
 * @throws TypeError for an option that the call does not have or that was given in its place, and for what follows the
 * options.
 */
export function namedArguments<Name extends string>(
  given: readonly unknown[],
  names: readonly Name[],
  call: string,
): Partial<Record<Name, unknown>> {
  const place = given.findIndex(areOptions);
  const count = place === -1 ? given.length : place;
  const positional: Partial<Record<Name, unknown>> = {};
  for (const [index, name] of names.entries()) if (index < count) positional[name] = given[index];
  if (given.slice(place === -1 ? names.length : place + 1).some((value) => value !== undefined)) {
    throw raised(new TypeError(`${call}() takes nothing after its options`));
  }
  const options = checkOptions(place === -1 ? undefined : given[place], names, call);
  const twice = names.find((name) => positional[name] !== undefined && options[name] !== undefined);
  if (twice !== undefined) throw raised(new TypeError(`${call}() got multiple values for argument '${twice}'`));
  return { ...positional, ...options };
}
