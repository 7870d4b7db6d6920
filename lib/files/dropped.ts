import { LossWatch } from '../common/lost.ts';
import type { FileCore } from './file-core.ts';

/** Closes files that the program has lost, as Python does when it collects them (promise 15). */
const files = new LossWatch<FileCore>((core) => core.drop());

/** Closes a file once it is lost. `file` is the unbuffered one, to which all files of one makefile() refer. */
export function watchUnclosed(file: object, core: FileCore): void {
  files.add(file, core);
}
