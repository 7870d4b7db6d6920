import { Options } from '../../lib/options/options.ts';

/**
 * The options of a fresh socket without koffi: those of Node itself, on a Node that has all of them.
 */
export function withoutKernel(family: number, type: number): Options {
  const facts = {
    family,
    type,
    proto: 0,
    isListening: () => false,
    isBound: () => false,
    takeError: () => 0,
  };
  return new Options(facts, { keepAliveInterval: true, typeOfService: true, reusePort: true, reuseDatagramPort: true });
}
