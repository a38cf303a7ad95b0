// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LOCALES, text } from '../../extension/texts.js';

const { en, ...others } = LOCALES;

/** @param {string} template */
const placeholders = (template) => (template.match(/\[\w+\]|\{\w+\}/g) ?? []).sort();

/** The texts of a type in the contract. @param {string} name @returns {string[]} */
function codesOf(name) {
  const file = new URL('../../src/browser/types.d.ts', import.meta.url);
  const contract = readFileSync(file, 'utf8');
  const start = contract.indexOf(name);
  const body = contract.slice(start, contract.indexOf(';', start));
  return [...body.matchAll(/'([a-z-]+)'/g)].map(([, code]) => String(code));
}

for (const [language, table] of Object.entries(others)) {
  test(`${language} has every text`, () => {
    assert.deepEqual(Object.keys(table).sort(), Object.keys(en).sort());
    assert.ok(Object.values(table).every((template, index) => template || index === 1));
  });

  test(`${language} has the arguments and values of every text`, () => {
    for (const [key, template] of Object.entries(en)) {
      const translated = /** @type {Record<string, string>} */ (table)[key];
      assert.deepEqual(placeholders(String(translated)), placeholders(template), key);
    }
  });
}

test('there is a sentence for every problem of an address', () => {
  const codes = codesOf('export interface BrokerAddress');

  assert.ok(codes.length >= 8);
  for (const code of codes) assert.ok(`address.${code}` in en, code);
});

test('there is a sentence for every problem of a topic', () => {
  const codes = codesOf('export type TopicProblem');

  assert.ok(codes.length >= 9);
  for (const code of codes) assert.ok(`topic.${code}` in en, code);
});

test('there is a sentence for every way in which publishing fails', () => {
  const codes = [...codesOf('export type PublishFailure'), ...codesOf("code: 'bad-argument'")];

  assert.ok(codes.length >= 14);
  for (const code of codes) assert.ok(`publish.${code}` in en, code);
});

test('a value that is missing is left to be seen', () => {
  assert.equal(text('en', 'state.connected', {}), 'Connected to {broker}.');
});

test('a value cannot bring a placeholder along', () => {
  assert.equal(
    text('en', 'subscribe.refused', { topic: '{broker}$&' }),
    'The broker did not allow the subscription to {broker}$&.',
  );
});
