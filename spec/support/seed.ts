import fc from 'fast-check';

/**
 * What all random tests are made from. It is kept, so that `npm cit` tests the same each time; `npm run test:fresh` has
 * new ones.
 */
export const randomSeed = Number(process.env.SPEC_SEED ?? 1);

// This file is in the set-up of every spec (jest.config.js), so that no fc.assert() is left to chance.
fc.configureGlobal({ seed: randomSeed });
