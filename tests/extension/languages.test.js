// @ts-check
// Which language the blocks speak, by what the page and the browser name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_LANGUAGES, languageOf } from '../../extension/texts/languages.js';

for (const [wanted, language] of [
  [['nl'], 'nl'],
  [['nl-BE'], 'nl'],
  [['de_AT'], 'de'],
  [['es-419'], 'es'],
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
