import fc from 'fast-check';
import type { Program, Step, Value } from './program.ts';

const step = (on: number, call: string, ...args: Value[]): Step => ({ on, call, args });

const INET = [{ name: 'AF_INET' }, { name: 'SOCK_STREAM' }] as const;

/** 0 listens, 1 is connected, 2 is accepted. */
const connected: Program = [
  step(0, 'socket', ...INET),
  step(0, 'bind', [{ host: 4 }, 0]),
  step(0, 'listen'),
  step(1, 'socket', ...INET),
  step(1, 'connect', { address: 0 }),
  { on: 0, call: 'accept', into: 2 },
];

const place = fc.integer({ min: 0, max: 3 });
const size = fc.constantFrom(0, 1, 3, 10, 1000, 20000);
const flags = fc.constantFrom<Value>(0, 0, { name: 'MSG_PEEK' }, { name: 'MSG_WAITALL' }, { name: 'MSG_DONTWAIT' });
const data = fc.constantFrom(0, 1, 5, 10, 1000, 10000).map((fill): Value => ({ fill }));

const call = fc.oneof(
  fc.tuple(fc.constant('recv'), size, flags),
  fc.tuple(fc.constant('send'), data),
  fc.tuple(fc.constant('shutdown'), fc.constantFrom(0, 1, 2)),
  fc.tuple(fc.constant('close')),
  fc.tuple(fc.constant('settimeout'), fc.constantFrom<Value>(null, 0, 0.05)),
);

const anyStep: fc.Arbitrary<Step> = fc.tuple(place, call).map(([on, [name, ...args]]) => step(on, name, ...args));

/** Programs. */
export const programs: fc.Arbitrary<Program> = fc
  .array(anyStep, { minLength: 1, maxLength: 10 })
  .map((steps) => [...connected, ...steps]);
