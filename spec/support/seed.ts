import fc from 'fast-check';

/**
 * The seed of all random tests. It is fixed, so that `npm cit` tests the same each time; `npm run test:fresh` uses new
 * seeds.
 */
export const randomSeed = Number(process.env.SPEC_SEED ?? 1);

// jest.config.js runs this file before every spec, so that every fc.assert() has the seed.
fc.configureGlobal({ seed: randomSeed });
