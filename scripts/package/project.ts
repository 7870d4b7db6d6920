import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CONSUMERS = 'scripts/package/consumers';

/** The output of a program, and whether it succeeded. */
export interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

const execute = promisify(execFile);

/** Runs a program for two minutes at most. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  try {
    const { stdout, stderr } = await execute(command, args, {
      cwd,
      timeout: 120_000,
      env: { ...environment(), ...env },
    });
    return { passed: true, output: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { passed: false, output: stdout + stderr || String(error) };
  }
}

/** The environment without what npm sets for its scripts: a project must not inherit that. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && !name.startsWith('JEST_'));
  return { ...Object.fromEntries(own), NO_COLOR: '1' };
}

/** An empty project that has installed packages, and the programs of consumers/. */
export class Project {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder);
    cpSync(CONSUMERS, folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  }

  /** Installs packages, each as npm knows it: `name@version` or a file's path. */
  async install(...packages: readonly string[]): Promise<void> {
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact'];
    const { passed, output } = await run('npm', ['install', ...options, ...packages], this.folder);
    if (!passed) throw new Error(`npm install ${packages.join(' ')}:\n${output}`);
  }

  /** Runs a program of Node's in the project. */
  async node(args: readonly string[], node = process.execPath): Promise<Outcome> {
    return await run(node, args, this.folder);
  }
}
