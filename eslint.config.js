// @ts-check
import js from '@eslint/js';
import globals from 'globals';

export default [
  {
    ignores: [
      'dist/',
      'site/',
      '**/target/',
      '.cache/',
      '.tools/',
      'bench/results/',
      '**/node_modules/',
    ],
  },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 600 }],
      'no-console': ['error', { allow: ['warn', 'error', 'info'] }],
      'no-constructor-return': 'error',
      'no-implicit-coercion': [
        'error',
        { boolean: true, number: true, string: true, allow: ['!!'] },
      ],
      'no-shadow': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      // A promise that a block need not return changes when the next block runs.
      'require-await': 'error',
    },
  },
  { files: ['bench/page/**', 'www/**'], languageOptions: { globals: globals.browser } },
  {
    files: ['extension/**', 'src/**', 'npm/**'],
    languageOptions: {
      // What a page, a worker and a sandbox share; everything else is looked for first.
      globals: {
        ...globals['shared-node-browser'],
        Scratch: 'readonly',
        SCRATCH_MQTT_BUILD: 'readonly',
        SCRATCH_MQTT_WASM: 'readonly',
      },
    },
  },
  {
    files: [
      ...['bench/*.mjs', 'bench/runner/**', 'npm/bin.js', 'scripts/**', 'tests/**'],
      'eslint.config.js',
    ],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.cjs'], languageOptions: { globals: globals.commonjs, sourceType: 'commonjs' } },
  // Functions that are sent to the browser.
  {
    files: ['bench/console.mjs', 'bench/runner/scratch.js', 'tests/docs/**', 'tests/e2e/**'],
    languageOptions: { globals: globals.browser },
  },
];
