import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What became of the requests of a recipe. */
export interface Figures {
  readonly recipe: string;
  readonly requests: number;
  readonly answers: number;
  /** How many processes have answered. */
  readonly processes: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
}

/** Runs a recipe of docs/deployment.md in small, as `npm run recipes` does. */
export async function figuresOf(recipe: string, ...options: readonly string[]): Promise<Figures> {
  const args = ['--require', require.resolve('ts-node/register'), join(__dirname, '../../scripts/recipes.ts')];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, recipe, '--json', ...options], {
    timeout: 100_000,
  });
  const [figures] = JSON.parse(stdout) as Figures[];
  if (figures === undefined) throw new Error(`${recipe} has given no figures`);
  return figures;
}
