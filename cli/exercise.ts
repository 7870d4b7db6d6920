import type { Command } from 'commander';
import { programs } from './programs.ts';

/** `await-socket exercise NAME`: runs the solution of an exercise of docs/exercises.md. */
export function exercise(): Command {
  return programs('exercise', 'exercises', 'Runs the solution of an exercise of docs/exercises.md.');
}
