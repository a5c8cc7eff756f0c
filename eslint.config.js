import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const tsFiles = ['**/*.ts'];
const testFiles = ['**/test/**/*.ts', '**/e2e/**/*.ts', '**/*.test.ts', 'packages/core/src/test-kit/**/*.ts'];

export default defineConfig(
  { ignores: ['**/node_modules/**', '**/dist/**', 'coverage/**', 'out/**'] },
  { files: ['**/*.js', '**/*.mjs'], ...js.configs.recommended },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'process', 'performance', 'Buffer', 'URL', 'setTimeout', 'clearTimeout', 'structuredClone'].map(n => [n, 'readonly']),
      ),
    },
  },
  {
    files: tsFiles,
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // The compiler decides these better, or they nag.
      'no-undef': 'off',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-useless-assignment': 'off', // does not see that a decorator reads a constant
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'examples/*/src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['tsyringe', 'reflect-metadata'].map(name => ({ name, message: 'Take the helpers of @proxysched/kit.' })),
          patterns: [{ group: ['@proxysched/*/*', '!@proxysched/core/test-kit'], message: 'Deep imports do not resolve once published.' }],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'Draw from a named stream.' },
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Simulated time only.' },
        { selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']", message: 'Simulated time only.' },
        {
          selector:
            "ClassDeclaration:has(> Decorator[expression.callee.name='Injectable']) > ClassBody > MethodDefinition[kind='constructor'] > FunctionExpression > .params:not(:has(> Decorator, Decorator))",
          message: 'Every constructor parameter of an @Injectable() class needs @Inject(TOKEN).',
        },
      ],
    },
  },
  { files: ['packages/kit/src/di.ts', 'packages/kit/src/polyfill.ts'], rules: { 'no-restricted-imports': 'off' } },
  // The command line measures real runs; the model may not (scripts/tidy.test.ts).
  { files: ['packages/cli/src/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: testFiles,
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
