import * as socket from '../../lib/index.ts';
import * as proxyProtocol from '../../lib/proxy-protocol/index.ts';
import * as select from '../../lib/select.ts';
import * as selectors from '../../lib/selectors.ts';
import * as serve from '../../lib/serve/index.ts';
import * as ssl from '../../lib/ssl/index.ts';

/**
 * What is at hand at the prompt: the modules by their names, and each name of Python's `socket` by itself, as after `from
 * socket import *`. There `socket` is the class, so here the module can be called, too.
 */
export function names(): Record<string, unknown> {
  const callable = (...args: Parameters<typeof socket.socket>): socket.Socket => socket.socket(...args);
  return {
    ...socket,
    socket: Object.assign(callable, socket),
    proxyProtocol,
    select,
    selectors,
    serve,
    ssl,
    ...PYTHON,
  };
}

/** Names of Python's own that the lines of a tutorial use. */
const PYTHON = {
  None: null,
  True: true,
  False: false,
  len: (sized: { readonly length: number }): number => sized.length,
  print: (...values: unknown[]): void => console.log(...values),
};
