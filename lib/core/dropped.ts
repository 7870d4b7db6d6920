import { LossWatch, warnOfLoss } from '../common/lost.ts';
import type { Core } from './core.ts';
import { repr } from './repr.ts';
import { descriptorOf } from './state.ts';

/** Closes sockets that the program has lost, as Python does when it collects them as garbage (promise 15). */
const sockets = new LossWatch<Core>((core) => {
  if (!core.isClosed && descriptorOf(core.state) >= 0) warnOfLoss(`unclosed ${repr(core)}`, core);
  core.drop();
});

/** Closes a socket once it is lost. */
export function watchUnclosed(socket: object, core: Core): void {
  sockets.add(socket, core);
}
