// @ts-check
// Every text in every language: those of the blocks, and those of the pages beside them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MENUS } from '../../extension/blocks/menus.js';
import { BLOCKS } from '../../extension/blocks/palette.js';
import {
  LANGUAGES,
  PAGE_LANGUAGES,
  directionOf,
  languageOf,
} from '../../extension/texts/languages.js';
import { text, textOr } from '../../extension/texts/texts.js';
import { ENGLISH, isTranslated, read, shownIn } from './tables.js';

/** @typedef {import('../../extension/texts/languages.js').Language} Language */

const ROOT = new URL('../../', import.meta.url);
const FOLDERS = ['extension/locales', 'www/texts'];

/** What a text of a language is made of; what is spelled the same everywhere was taken out. */
const SCRIPTS = /** @type {Readonly<Record<string, RegExp>>} */ ({
  ar: /\p{Script=Arabic}/u,
  fa: /\p{Script=Arabic}/u,
  he: /\p{Script=Hebrew}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー]/u,
  ko: /\p{Script=Hangul}/u,
  ru: /\p{Script=Cyrillic}/u,
  uk: /\p{Script=Cyrillic}/u,
  'zh-cn': /\p{Script=Han}/u,
  'zh-tw': /\p{Script=Han}/u,
});

/** Letters of every script but Latin, which names have in any language. */
const NOT_LATIN =
  /[\p{Script=Arabic}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hangul}\p{Script=Hebrew}\p{Script=Hira}\p{Script=Kana}]/gu;

/** Letters that a language cannot do without for long. */
const LETTERS = /** @type {Readonly<Record<string, string>>} */ ({
  ar: 'أإآةىئؤء،؟',
  de: 'äöüß',
  es: 'áéíóúñ¿',
  fr: 'éèêàç’',
  it: 'àèìù’',
  nl: 'éë’',
  pl: 'ąćęłńóśżź',
  pt: 'áãçéíóú',
  'pt-br': 'áãçéêíóú',
  ru: 'йъыэю',
  tr: 'çğıöşüİ',
  uk: 'єіїй’',
  vi: 'ăâđêôơư',
});

/** What another language writes that is close to this one: its characters, or its words. */
const FOREIGN = /** @type {Readonly<Record<string, RegExp>>} */ ({
  ar: /[پچژگکی]/,
  'es-419': /ordenador|\bañad|pulsa\b|\bvídeo|móvil/i,
  ru: /[іїєґ]/i,
  uk: /[ыэъё]/i,
  'zh-cn': /[訊務連線設這個積頁嗎會發訂閱請檢開關網電腦瀏覽]/,
  'zh-tw': /[讯务连线设这个积页吗会发订阅请检开关网电脑浏览]|消息|服务|信息|默认|浏览/,
  'pt-br': /ligação|ligar|palavra-passe|utilizador|ecrã|separador|ficheiro/i,
  pt: /conexão|conectar|senha|usuário|\btela\b|\baba\b|arquivo/i,
});

/** A part of a sentence that reads in a direction of its own: isolate, text, pop directional isolate. */
const ISOLATED = /[\u2066\u2068][^\u2066-\u2069]*\u2069/g;

/** Values that no isolate is needed for. */
const NUMBERS = /\{(?:all|bytes|code|count|groups|kept|most|port|qos|seconds|shown|size)\}/g;

/** What may be the same as in English: names, numbers, and words that both languages have. */
const SHARED_WORDS =
  /^(MQTT|QoS|Scratch MQTT|Brokers?|bytes?|hex|Password|no|Client|Messages?|Port|Topic|10 boards| )$/i;

/** Languages that have only what another writes differently. @type {readonly (readonly [string, Language])[]} */
const VARIANTS = [
  ['es-419', 'es'],
  ['ja-Hira', 'ja'],
];

/** What blocks and choices are called, in the order of the palette. */
const NAME = /^(block|menu)\./;

/** What there is in English. @param {string} folder */
const englishOf = (folder) =>
  folder === 'extension/locales' ? ENGLISH : read(`${folder}/en.json`);

/** @param {string} template */
const placeholders = (template) => (template.match(/\[\w+\]|\{\w+\}/g) ?? []).sort();

/** How much room a line takes: a letter of the far East is twice as wide. @param {string} line */
const width = (line) => line.length + (line.match(/[\u3000-\uffee]/g) ?? []).length;

/** What a text has of its own: no placeholders, addresses, numbers or names. @param {string} template */
const ownWords = (template) =>
  template
    .replace(/\[\w+\]|\{\w+\}/g, ' ')
    .replace(/\b(MQTT|JSON|QoS|WebAssembly|WebSocket|Scratch|TurboWarp|CodeLab|Ctrl\+C)\b/g, ' ')
    .trim();

/** The words of a type that programs see. @param {string} name @returns {string[]} */
function codesOf(name) {
  const file = new URL('dist/pkg/mqtt.d.ts', ROOT);
  const contract = readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\//g, '');
  const start = contract.indexOf(name);
  const body = contract.slice(start, contract.indexOf(';', start));
  return [...body.matchAll(/'([a-z-]+)'/g)].map(([, code]) => String(code));
}

for (const folder of FOLDERS) {
  const en = englishOf(folder);

  test(`${folder} has the languages that are offered, and no other`, () => {
    const files = readdirSync(new URL(folder, ROOT)).filter((name) => name.endsWith('.json'));
    const offered = folder === 'www/texts' ? PAGE_LANGUAGES : LANGUAGES;

    assert.deepEqual(files.sort(), offered.map((language) => `${language}.json`).sort());
  });

  for (const language of PAGE_LANGUAGES.filter((one) => one !== 'en')) {
    const table = read(`${folder}/${language}.json`);
    // What is missing is shown in English.
    const entries = Object.entries(en)
      .filter(([key]) => key in table)
      .map(([key, english]) => ({ key, english, translated: String(table[key]) }));

    test(`${folder} in ${language}: no other texts, in the order of the English ones`, () => {
      for (const isName of [true, false]) {
        assert.deepEqual(
          Object.keys(table).filter((key) => NAME.test(key) === isName),
          entries.map(({ key }) => key).filter((key) => NAME.test(key) === isName),
        );
      }
      for (const [key, one] of Object.entries(table)) {
        assert.ok(one || key === 'separator', key);
        assert.equal(one, key === 'separator' ? one : one.trim(), key);
        assert.doesNotMatch(one, /[\0\t]| {2}/, key);
      }
    });

    test(`${folder} in ${language}: lines only where they are, and none too long for the palette`, () => {
      for (const { key, english, translated } of entries) {
        const lines = translated.split('\n');
        assert.ok(lines.length === 1 || english.includes('\n'), key);
        if (lines.length > 1) for (const line of lines) assert.ok(width(line) <= 40, line);
      }
    });

    test(`${folder} in ${language}: the arguments and values of every text`, () => {
      for (const { key, english, translated } of entries) {
        assert.deepEqual(placeholders(translated), placeholders(english), key);
      }
    });

    test(`${folder} in ${language}: nothing was left in English`, () => {
      for (const { key, english, translated } of entries) {
        if (!ownWords(english) || SHARED_WORDS.test(english)) continue;
        assert.notEqual(translated, english, key);
      }
    });

    test(`${folder} in ${language}: the letters of the language, and of no other`, () => {
      const script = SCRIPTS[language];
      /** @param {string} letter */
      const isOther = (letter) => script?.test(letter) !== true;
      for (const { key, english, translated } of entries) {
        if (!ownWords(english) || SHARED_WORDS.test(english)) continue;
        if (script) assert.match(translated, script, key);
        assert.deepEqual((translated.match(NOT_LATIN) ?? []).filter(isOther), [], key);
        if (FOREIGN[language]) assert.doesNotMatch(translated, FOREIGN[language], key);
      }
    });

    test(`${folder} in ${language}: isolates where a sentence from right to left needs them, and nowhere else`, () => {
      for (const { key, translated } of entries) {
        const rest = translated.replace(ISOLATED, '').replace(NUMBERS, '');
        assert.doesNotMatch(rest, /[\u2066-\u2069]/, key);
        if (directionOf(language) === 'ltr')
          assert.equal(translated, translated.replace(ISOLATED, ''), key);
        else assert.doesNotMatch(rest, /[{}/#+$]/, `${key}: ${translated}`);
      }
    });

    test(`${folder} in ${language}: no text is far longer than in English`, () => {
      for (const { key, english, translated } of entries) {
        assert.ok(translated.length <= 1.6 * english.length + 12, `${key}: ${translated}`);
      }
    });

    test(`${folder} in ${language}: addresses and examples as they are typed`, () => {
      for (const { key, english, translated } of entries) {
        const literal =
          /wss?:\/\/|https?\b|sensor\/\S*[#p]|\$share\/|ff 00 80|\b8084\b|\b443\b|\/mqtt\b/g;
        const examples = new Set(english.match(literal));
        for (const example of examples)
          assert.ok(translated.includes(example), `${key}: ${example}`);
      }
    });
  }
}

for (const language of LANGUAGES) {
  const table = shownIn(language);

  test(`in ${language} no two blocks and no two choices of a menu are called the same`, () => {
    const blocks = BLOCKS.flatMap((block) =>
      typeof block === 'string' ? [] : [table[`block.${block.opcode}`]],
    );
    assert.equal(new Set(blocks).size, blocks.length);
    for (const [menu, { values }] of Object.entries(MENUS)) {
      const labels = values.map((value) => table[`menu.${menu}.${value}`]);
      assert.ok(labels.every(Boolean), menu);
      assert.equal(new Set(labels).size, labels.length, menu);
    }
  });

  test(`in ${language} no digit stands where the editor writes the number of a slot`, () => {
    for (const [key, one] of Object.entries(table)) {
      // An icon and a slot become %1 and %2: a digit behind them would name another slot.
      if (key.startsWith('block.')) assert.doesNotMatch(one, /^\d|\]\d|%/, key);
    }
  });

  test(`in ${language} the editor shows the choices of a menu whole`, () => {
    for (const [menu, { values }] of Object.entries(MENUS)) {
      const labels = values.map((value) => table[`menu.${menu}.${value}`]);
      // Blockly takes a word with which all choices begin or end out of the menu.
      for (const end of [0, -1]) {
        const words = labels.map((label) => String(label).split(' ').at(end));
        assert.ok(new Set(words).size > 1, `${menu}: ${words}`);
      }
    }
  });

  test(`in ${language} the letters are those of the language`, () => {
    const pages = read(`www/texts/${languageOf([language], PAGE_LANGUAGES)}.json`);
    const all = [table, pages].flatMap((one) => Object.values(one)).join('\n');

    for (const letter of LETTERS[language] ?? '') assert.ok(all.includes(letter), letter);
  });

  test(`in ${language} the labels of QoS and of Booleans say what they are`, () => {
    for (const qos of /** @type {const} */ (['0', '1', '2'])) {
      assert.ok(table[`menu.QOS.${qos}`].startsWith(qos));
    }
    for (const key of /** @type {const} */ (['block.isConnected', 'block.messageKept'])) {
      assert.match(table[key], /[?？؟]$/, key);
    }
  });

  test(`in ${language} sentences name blocks and choices as the palette does`, () => {
    for (const [sentence, named] of /** @type {const} */ ([
      ['hint.connect', 'block.connect'],
      ['publish.closed', 'block.connect'],
      ['login.blocked', 'block.login'],
      ['reason.login-needed', 'block.login'],
      ['reason.class-word', 'login.button'],
      ['reason.will', 'block.lastWill'],
      ['will.two', 'block.announce'],
      ['hint.small-boards-kept', 'block.removeKept'],
      ['hint.hatless', 'block.nextMessage'],
      ['publish.retain-not-supported', 'menu.KEEP.no'],
    ])) {
      // One of them waits for its translation.
      if (isTranslated(language, sentence) !== isTranslated(language, named)) continue;
      const names = [...table[sentence].matchAll(/[“«„「]([^“”«»„」]+)[”»“」]/g)];
      const name = String(names.at(-1)?.[1]).replace(/\s/g, '');
      const palette = table[named].replace(/\[\w+\]|\s/g, '');
      for (const part of name.split(/…+/))
        assert.ok(palette.includes(part), `${sentence}: ${name}`);
    }
  });
}

test('in ja-Hira the card, the blocks, their menus and what is always seen have no Chinese characters', () => {
  const table = shownIn('ja-Hira');
  const seen = Object.entries(table).filter(([key]) =>
    /^(extension|block|palette|default|menu|state|login\.button|hint\.connect)\b/.test(key),
  );

  assert.ok(seen.length > 65);
  for (const [key, one] of seen) assert.doesNotMatch(one, /\p{Script=Han}/u, key);
});

for (const [kind, language] of VARIANTS) {
  test(`what is written in ${kind} is there in ${language}, with the same arguments, and another text`, () => {
    for (const folder of FOLDERS) {
      const whole = read(`${folder}/${language}.json`);
      const own = `${folder}/${kind}.json`;
      const table = existsSync(new URL(own, ROOT)) ? read(own) : {};
      for (const [key, one] of Object.entries(table)) {
        assert.deepEqual(placeholders(one), placeholders(String(whole[key])), key);
        assert.notEqual(one, whole[key], key);
        assert.doesNotMatch(one, / {2}|^ | $/, key);
      }
    }
  });
}

test('there is a sentence for every problem of an address', () => {
  const codes = codesOf('export type AddressFault');

  assert.ok(codes.length >= 8);
  for (const code of codes) assert.ok(`address.${code}` in ENGLISH, code);
});

test('there is a sentence for every problem of a topic', () => {
  const codes = [...codesOf('export type TopicProblem'), ...codesOf('export type TopicFault')];

  assert.ok(codes.length >= 9);
  for (const code of codes) assert.ok(`topic.${code}` in ENGLISH, code);
});

test('there is a sentence for every way in which publishing fails', () => {
  const codes = [...codesOf('export type PublishFailure'), ...codesOf("code: 'bad-argument'")];

  assert.ok(codes.length >= 14);
  // What blocks take back is said as a number, when the project starts; without a WebSocket they are not loaded at all.
  const others = ['discarded', 'no-websocket'];
  for (const code of codes.filter((one) => !others.includes(one)))
    assert.ok(`publish.${code}` in ENGLISH, code);
});

test('a text that nobody has translated is shown in English', () => {
  assert.equal(textOr('a new block', 'nl', 'block.newer'), 'a new block');
  assert.equal(text('ja-Hira', 'separator'), '');
  assert.equal(text('nl', 'separator'), ' ');
});

test('what a kind of a language lacks is shown in that language', () => {
  const key = 'reason.certificate';

  assert.equal(text('ja-Hira', key), read('extension/locales/ja.json')[key]);
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
