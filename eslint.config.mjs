import { builtinModules } from 'node:module';
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The floors of lib/, the lowest first. A file imports from its own floor and from floors below, never from above. A name ending
 * in `/` is a folder. A file that is on no floor is an error: docs/how-it-works.md shows where things belong.
 */
const floors = [
  ['common/'],
  ['queues/', 'waiting/', 'trace/'],
  ['transports/', 'names/'],
  ['kernel/'],
  ['options/'],
  ['files/'],
  ['core/'],
  ['streams/'],
  ['socket'],
  ['select/'],
  ['connection', 'fds', 'server', 'select', 'selectors'],
  ['ssl/', 'proxy-protocol/'],
  ['serve/'],
  ['index'],
];

/** Queues and waiting lists are pure: of the lowest floor they know only how stacks are made. */
const ALL_BUT_STACK = 'common/(?!stack\\.).*';

/** Neighbours on one floor, and below, that a part knows nothing of. */
const strangers = {
  'queues/': ['waiting/', 'trace/', ALL_BUT_STACK],
  'waiting/': ['queues/', 'trace/', ALL_BUT_STACK],
  'trace/': ['queues/', 'waiting/'],
  'transports/': ['names/'],
  'names/': ['transports/'],
  'ssl/': ['proxy-protocol/'],
  'proxy-protocol/': ['ssl/'],
  'serve/': ['ssl/'],
};

/** Modules of Node that one part of lib/ has to itself, so that what is not documented or not portable stays in one place. */
const reserved = {
  'node:net': ['proxy-protocol/', 'transports/'],
  'node:dgram': ['transports/'],
  'node:dns': ['names/'],
  'node:dns/promises': ['names/'],
  'node:os': ['kernel/', 'names/', 'transports/'],
  'node:tls': ['ssl/'],
};

const moduleWithoutPrefix = {
  // Some of Node's newer modules have no name but the one with the prefix.
  regex: `^(${builtinModules.filter((name) => !name.startsWith('node:')).join('|')})$`,
  message: "Node's own modules are written with 'node:' in front.",
};
const relativeWithoutExtension = {
  regex: String.raw`^\.{1,2}/.*(?<!\.(ts|json))$`,
  message: 'Relative imports carry .ts: Node runs these files as they are.',
};
const everywhere = [moduleWithoutPrefix, relativeWithoutExtension];

const restrictImports = (patterns, paths = []) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [...everywhere, ...patterns], paths }],
});

/** The modules of Node that a part of lib/ may not import because they are reserved to others. */
const reservedToOthers = (part) =>
  Object.entries(reserved)
    .filter(([, owners]) => !owners.includes(part))
    .map(([name, owners]) => ({
      name,
      message: `Only ${owners.map((owner) => `lib/${owner}`).join(', ')} may import it.`,
    }));

/** The rule for one file or folder of lib/: which of its neighbours, and which modules of Node, it may not import. */
function floorRule(part, floor) {
  const isFolder = part.endsWith('/');
  const barred = floors.slice(floor + 1).flat();
  const targets = [...barred, ...(strangers[part] ?? [])].map((name) => (name.endsWith('/') ? name : `${name}\\.ts$`));
  const neighbours = {
    regex: `^${isFolder ? '\\.\\.' : '\\.'}/(${targets.join('|')})`,
    message: 'Imports go downwards only: see the floors in eslint.config.mjs.',
  };
  return {
    files: [isFolder ? `lib/${part}**/*.ts` : `lib/${part}.ts`],
    rules: restrictImports(targets.length > 0 ? [neighbours] : [], reservedToOthers(part)),
  };
}

export default defineConfig(
  // Programs that use the package as it is installed, in many ways, are no part of the project.
  { ignores: ['dist/', 'coverage/', 'site/', 'scripts/package/consumers/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...restrictImports([]),
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // A promise that is returned without await drops its function from the stack of a rejection.
      '@typescript-eslint/return-await': ['error', 'always'],
      // An awaited call never throws, it rejects: `async` alone is what says so.
      '@typescript-eslint/require-await': 'off',
      // It takes no notice of what changes during an await or in an event handler.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(AwaitExpression, ForOfStatement[await=true]):not(:function *)',
          message: 'ts-node and Jest run these files as CommonJS, which has no await outside of functions.',
        },
        {
          selector: 'MetaProperty[meta.name="import"]',
          message: 'ts-node and Jest run these files as CommonJS, which has no import.meta.',
        },
      ],
    },
  },
  { files: ['lib/**/*.ts'], rules: { 'no-console': 'error', ...restrictImports([], reservedToOthers('')) } },
  ...floors.flatMap((parts, floor) => parts.map((part) => floorRule(part, floor))),
  {
    files: ['lib/**/*.ts'],
    ignores: floors.flat().map((part) => (part.endsWith('/') ? `lib/${part}**` : `lib/${part}.ts`)),
    rules: { 'no-restricted-syntax': ['error', { selector: 'Program', message: 'This file is on no floor.' }] },
  },
  {
    // The gate alone makes the promises of awaited calls, so that none escapes its turn (promise 11).
    files: ['lib/**/*.ts'],
    ignores: ['lib/waiting/**', 'lib/core/wait.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['resolve', 'reject'].map((property) => ({
          object: 'Promise',
          property,
          message: 'An awaited call gives its outcome by settled(), rejected() or awaited() of lib/waiting/gate.ts.',
        })),
      ],
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable', require: 'readonly' } },
  },
);
