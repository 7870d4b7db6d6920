import { Options } from '../../lib/options/options.ts';

/**
 * The options of a fresh socket as they are without koffi: those that Node itself has, on a Node that has everything.
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
