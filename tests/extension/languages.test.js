// @ts-check
// Which language the blocks speak, by what the page and the browser name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  LANGUAGES,
  PAGE_LANGUAGES,
  directionOf,
  languageOf,
  ownNameOf,
} from '../../extension/texts/languages.js';

for (const [wanted, language] of [
  [['nl'], 'nl'],
  [['nl-BE'], 'nl'],
  [['de_AT'], 'de'],
  [['es-419'], 'es-419'],
  [['pt'], 'pt'],
  [['pt-PT'], 'pt'],
  [['pt-BR'], 'pt-br'],
  [['ja-Hira'], 'ja-Hira'],
  [['ja-JP'], 'ja'],
  [['zh-tw'], 'zh-tw'],
  [['zh-Hant'], 'zh-tw'],
  [['zh-HK'], 'zh-tw'],
  [['zh-Hant-MO'], 'zh-tw'],
  [['zh-Hans-HK'], 'zh-cn'],
  [['zh_CN'], 'zh-cn'],
  [['zh'], 'zh-cn'],
  [['zh-Hans-SG'], 'zh-cn'],
  [['en-GB', 'nl'], 'en'],
  [['fy', 'nl', 'en'], 'nl'],
  [['', undefined, 'nl'], 'nl'],
  [['constructor'], 'en'],
  [[null], 'en'],
  [[], 'en'],
]) {
  test(`for ${JSON.stringify(wanted)} the texts are in ${language}`, () => {
    assert.equal(languageOf(wanted ?? []), language);
  });
}

test('the pages, which are not written in ja-Hira, are in ja instead', () => {
  assert.equal(languageOf(['ja-Hira', 'en'], PAGE_LANGUAGES), 'ja');
});

for (const [wanted, language] of /** @type {const} */ ([
  ['es-419', 'es-419'],
  ['es-MX', 'es-419'],
  ['es-US', 'es-419'],
  ['es-ES', 'es'],
  ['es', 'es'],
])) {
  test(`Spanish of ${wanted} is ${language}, and es where there is nothing but that`, () => {
    assert.equal(languageOf([wanted], ['en', 'es', 'es-419']), language);
    assert.equal(languageOf([wanted], ['en', 'es']), 'es');
  });
}

test('Arabic, Hebrew and Persian are written from right to left, and all others from left to right', () => {
  assert.deepEqual(['ar', 'he', 'fa'].map(directionOf), ['rtl', 'rtl', 'rtl']);
  for (const language of LANGUAGES) {
    const isRtl = /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(ownNameOf(language));
    assert.equal(directionOf(language), isRtl ? 'rtl' : 'ltr', language);
  }
});

test('each language is called by its own name', () => {
  const names = ['de', 'es-419', 'zh-cn', 'zh-tw', 'ar'].map(ownNameOf);

  assert.deepEqual(names, [
    'Deutsch',
    'español latinoamericano',
    '简体中文',
    '繁體中文',
    'العربية',
  ]);
});
