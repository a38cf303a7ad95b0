// @ts-check
/**
 * What TurboWarp's gallery checks by ESLint, as `docs/editors/gallery.md` lists it. Its plugin is not on npm: here are the
 * same rules, those of ESLint with the gallery's options, and its own as selectors.
 */
import js from '@eslint/js';
import globals from 'globals';

/** @param {string} selector @returns {import('eslint').Rule.RuleModule} what matches it is a finding */
const forbids = (selector) => ({
  create: (context) => ({
    [selector]: (/** @type {import('eslint').Rule.Node} */ node) =>
      context.report({ node, message: selector }),
  }),
});

/** @param {string} name */
const called = (name) =>
  `CallExpression[callee.name=${name}], CallExpression[callee.object.name=window][callee.property.name=${name}]`;
const LOCATION = ':matches([name=location], [property.name=location])';
const TRANSLATE = '[object.name=Scratch][property.name=translate]';
const INFO = 'MethodDefinition[key.name=getInfo]';

/** By the names that the gallery gives them, which its comments use. */
const OWN = {
  iife: 'Program > :not(ExpressionStatement[expression.type=CallExpression][expression.callee.type=/FunctionExpression/])',
  'no-new-syntax': 'MemberExpression[object.name=Object][property.name=hasOwn]',
  'no-xmlhttprequest': 'NewExpression[callee.name=XMLHttpRequest]',
  'use-scratch-vm': 'MemberExpression[object.name=window][property.name=vm]',
  'use-scratch-fetch': called('fetch'),
  'use-scratch-open-window': called('open'),
  'use-scratch-redirect': [
    `AssignmentExpression > ${LOCATION}.left`,
    `AssignmentExpression > MemberExpression.left[property.name=href] > ${LOCATION}.object`,
    `CallExpression > MemberExpression.callee[property.name=/^(assign|replace)$/] > ${LOCATION}.object`,
  ].join(', '),
  'check-can-fetch': 'NewExpression[callee.name=/^(WebSocket|Image|Audio)$/]',
  'no-translate-setup': `CallExpression > MemberExpression.callee[property.name=setup] > ${TRANSLATE}.object`,
  'no-translate-alias': `VariableDeclarator > ${TRANSLATE}.init, AssignmentExpression > ${TRANSLATE}.right`,
  'should-translate': [
    `${INFO} Property[key.name=name][value.type=Literal]`,
    `${INFO} Property[key.name=blocks] Property[key.name=text][value.type=Literal]`,
  ].join(', '),
  'should-not-translate': `${INFO} Property[key.name=/^(id|docsURI|opcode)$/][value.callee.property.name=translate]`,
};

/** @type {import('eslint').Linter.Config[]} */
export const GALLERY_RULES = [
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: 'commonjs',
      globals: { ...globals.browser, Blockly: 'readonly', Scratch: 'readonly' },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: {
      extension: {
        rules: Object.fromEntries(
          Object.entries(OWN).map(([name, selector]) => [name, forbids(selector)]),
        ),
      },
    },
    rules: {
      ...Object.fromEntries(Object.keys(OWN).map((name) => [`extension/${name}`, 'error'])),
      'no-async-promise-executor': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-constructor-return': 'error',
      'no-empty': ['error', { allowEmptyCatch: true }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-mixed-operators': ['error', { groups: [['&&', '||']] }],
      'no-new-func': 'error',
      'no-restricted-globals': ['error', 'vm'],
      'no-script-url': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'no-unused-vars': ['error', { args: 'none', caughtErrors: 'none', varsIgnorePattern: '^_' }],
      'require-await': 'error',
      strict: ['error', 'function'],
    },
  },
];
