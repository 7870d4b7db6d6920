import { expect, it } from '@jest/globals';
import { runProgram } from '../support/peer-child.ts';

const ANSWER = 'the other process: hello0';

it('takes connections that another process sends, and cannot be sent itself', async () => {
  const { result, strays } = await runProgram('peer-sent', { args: ['child'] });
  expect(result).toEqual({ answers: [ANSWER, ANSWER], refusal: 'ERR_INVALID_HANDLE_TYPE' });
  expect(strays).toEqual([]);
}, 60_000);

it('takes connections that the primary of node:cluster sends', async () => {
  const { result, strays } = await runProgram('peer-sent', { args: ['worker'] });
  expect(result).toEqual({ answers: [ANSWER, ANSWER] });
  expect(strays).toEqual([]);
}, 60_000);

it('goes to a child process as a descriptor that the child is started with', async () => {
  const { result, strays } = await runProgram('peer-sent', { args: ['started-with-descriptor'] });
  expect(result).toEqual({ answers: [ANSWER] });
  expect(strays).toEqual([]);
}, 60_000);
