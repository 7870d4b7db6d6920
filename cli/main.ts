import { commandLine } from './command-line.ts';

/** `npx await-socket`: what bin in package.json starts. */
void commandLine().parseAsync();
