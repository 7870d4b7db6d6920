// Packages that ship ES modules only: Jest loads CommonJS, so these are compiled as the sources are.
const esmPackages = ['p-queue', 'p-timeout', 'eventemitter3'];

/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  testTimeout: 30_000,
  setupFiles: ['<rootDir>/spec/support/seed.ts'],
  // Many tests wait for other programs: a worker more than Jest's own choice of all processors but one pays.
  maxWorkers: '100%',
  // The built copy in dist/ has a package.json of its own.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '\\.[mc]?[jt]s$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        // Native async functions are needed for the stacks that name the caller's line; `using` is compiled down for Node 20.
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  collectCoverageFrom: ['lib/**/*.ts'],
  // A run has 95.0 % of the branches; races reach some of them in one run and not in the next.
  coverageThreshold: { global: { lines: 95, branches: 94 } },
};
