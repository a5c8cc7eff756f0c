// Each read of a global costs a test 150–250 ns unless the sandbox holds it already; a million-step property test notices.
const sandboxInjectedGlobals = [
  'Array',
  'ArrayBuffer',
  'BigInt',
  'BigInt64Array',
  'BigUint64Array',
  'Boolean',
  'DataView',
  'Error',
  'Float32Array',
  'Float64Array',
  'Infinity',
  'Int16Array',
  'Int32Array',
  'Int8Array',
  'Map',
  'Math',
  'Number',
  'Object',
  'RangeError',
  'Set',
  'String',
  'Symbol',
  'TypeError',
  'Uint16Array',
  'Uint32Array',
  'Uint8Array',
  'WeakMap',
];

function swc(syntax) {
  return [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax, decorators: true },
        transform: { legacyDecorator: true, useDefineForClassFields: false },
      },
      sourceMaps: 'inline',
    },
  ];
}

/** Tests run on the sources: no build comes first, and swc only strips the types (`tsc -b` checks them). */
const unit = {
  displayName: 'unit',
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/packages/*/test/**/*.test.ts',
    '<rootDir>/examples/*/test/**/*.test.ts',
    '<rootDir>/scripts/**/*.test.ts',
    '<rootDir>/scenarios/**/*.test.ts',
  ],
  modulePathIgnorePatterns: ['<rootDir>/(packages|examples)/.*/dist/'],
  sandboxInjectedGlobals,
  setupFiles: ['<rootDir>/scripts/seeded-properties.ts'],
  moduleNameMapper: {
    '^proxysched$': '<rootDir>/packages/cli/src/index.ts',
    '^@proxysched/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
    '^@proxysched/([^/]+)/([^/]+)$': '<rootDir>/packages/$1/src/$2/index.ts', // @proxysched/core/test-kit
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: { '^.+\\.ts$': swc('typescript') },
};

/** What has to run on the built packages: worker threads, the command line. */
const e2e = {
  ...unit,
  displayName: 'e2e',
  moduleNameMapper: {},
  modulePathIgnorePatterns: [],
  // Before Node 24.9 Jest cannot load ES modules: our own `dist` is translated as the sources are.
  transform: { ...unit.transform, '/(packages|examples)/[^/]+/dist/.+\\.js$': swc('ecmascript') },
  testMatch: ['<rootDir>/packages/*/e2e/**/*.test.ts'],
  globalSetup: '<rootDir>/jest.build.js',
};

export default {
  coverageProvider: 'v8',
  collectCoverageFrom: ['packages/*/src/**/*.ts', '!**/types.ts'],
  coverageDirectory: 'coverage',
  projects: [unit, e2e],
};
