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
  /** How many attempts were repeated, and requests not answered, by what the client saw. */
  readonly repeated: Readonly<Record<string, number>>;
  readonly unanswered: Readonly<Record<string, number>>;
}

/** Runs a recipe of docs/deployment.md in small, as `npm run recipes` does. */
export async function allFiguresOf(recipe: string, ...options: readonly string[]): Promise<readonly Figures[]> {
  const args = ['--require', require.resolve('ts-node/register'), join(__dirname, '../../scripts/recipes.ts')];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, recipe, '--json', ...options], {
    timeout: 100_000,
  });
  return JSON.parse(stdout) as Figures[];
}

/** Runs a recipe that has one row of figures. */
export async function figuresOf(recipe: string, ...options: readonly string[]): Promise<Figures> {
  const [figures] = await allFiguresOf(recipe, ...options);
  if (figures === undefined) throw new Error(`${recipe} has given no figures`);
  return figures;
}
