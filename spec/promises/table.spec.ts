import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { FUNCTIONS, METHODS, SYNCHRONOUS_FUNCTIONS, SYNCHRONOUS_METHODS } from './calls.ts';

const isClass = (value: unknown): boolean =>
  typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;

describe('the tables of calls', () => {
  it('have every method of a socket', () => {
    const { prototype } = socket.Socket;
    const methods = Object.getOwnPropertyNames(prototype).filter(
      (name) => name !== 'constructor' && Object.getOwnPropertyDescriptor(prototype, name)?.value !== undefined,
    );
    expect(methods.sort()).toEqual([...Object.keys(METHODS), ...SYNCHRONOUS_METHODS].sort());
  });

  it('have every function of the module', () => {
    const functions = Object.entries(socket).filter(([, value]) => typeof value === 'function' && !isClass(value));
    const names = functions.map(([name]) => name);
    expect(names.sort()).toEqual([...Object.keys(FUNCTIONS), ...SYNCHRONOUS_FUNCTIONS].sort());
  });
});
