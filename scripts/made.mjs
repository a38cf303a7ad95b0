// @ts-check
/**
 * `npm run format` writes what is made of other files, `npm test lint` checks that it is up to date:
 *
 * | made | of |
 * |---|---|
 * | `extension/locales/languages.js`, `index.js` | the tables beside them, those of the pages, and the lessons |
 * | `docs/reference/blocks.md`, from its first group on | the records of the blocks, and the comments on them |
 * | `docs/contributing/translations.md` | the texts that a language lacks |
 * | `docs/reference/api.md`, its tables of options | what `src/browser/` declares |
 * | `docs/contributing/decisions/README.md` | the decisions beside it |
 * | `docs/reference/errors.md` | the sentences of the status, and what they are said of |
 * | `examples/projects/*.sb3` | what `scripts/samples.mjs` describes |
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withTables } from './api-tables.mjs';
import { PAGES } from './made-pages.mjs';
import { Problem, isMain, main, root, say } from './run.mjs';
import { sampleFiles } from './samples.mjs';

const LOCALES = 'extension/locales';
const API_PAGE = 'docs/reference/api.md';
const BLOCKS_PAGE = 'docs/reference/blocks.md';
/** The groups of the palette, and where their blocks are. */
const GROUPS = {
  'For a first lesson': 'beginner-blocks.js',
  'For messages': 'message-blocks.js',
  'For lists': 'list-blocks.js',
  'For a class': 'class-blocks.js',
  'For the connection': 'connection-blocks.js',
};
/** Where a line of a page ends. */
const WIDTH = 120;

/** What is made, by its path. @type {Record<string, () => string | Buffer | Promise<string>>} */
const MADE = {
  [`${LOCALES}/languages.js`]: languageList,
  [`${LOCALES}/index.js`]: localesModule,
  [API_PAGE]: () => withTables(read(API_PAGE)),
  [BLOCKS_PAGE]: blocksPage,
  'docs/contributing/translations.md': translationsPage,
  ...PAGES,
  ...sampleFiles(),
};

if (isMain(import.meta.url)) {
  await main(() => makeAll(process.argv.includes('--check')));
}

/** @param {boolean} isCheck */
async function makeAll(isCheck) {
  for (const [path, make] of Object.entries(MADE)) {
    const content = Buffer.from(await make());
    const file = join(root, path);
    if (existsSync(file) && content.equals(readFileSync(file))) continue;
    if (isCheck) throw new Problem(`${path} is not up to date.\n\nRun: npm run format`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  for (const { language, texts } of await waiting()) {
    if (texts.length)
      say(`  ${language}: ${texts.length} to translate, see docs/contributing/translations.md`);
  }
}

/** English first. */
function languages(folder = LOCALES) {
  const names = readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace('.json', ''));
  return ['en', ...names.filter((name) => name !== 'en').sort()];
}

function languageList() {
  return `// @ts-check
// Made by \`npm run format\`: a language for each table, and for each folder of lessons.

/** Every language of the blocks, by the name that Scratch gives it. */
export const LANGUAGES = ${constantList(languages())}
/** Those of the pages. */
export const PAGE_LANGUAGES = ${constantList(languages('www/texts'))}
/** Those of the lessons, and of all that a reader of the pages is sent to. */
export const LESSON_LANGUAGES = ${constantList(lessonLanguages())}`;
}

/** English, and a folder for each other. */
function lessonLanguages() {
  const folder = join(root, 'docs', 'learn');
  const folders = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory());
  return ['en', ...folders.map(({ name }) => name).sort()];
}

/** @param {string[]} names */
function constantList(names) {
  const lines = names.map((one) => `    '${one}',\n`);
  return `Object.freeze(\n  /** @type {const} */ ([\n${lines.join('')}  ]),\n);\n`;
}

function localesModule() {
  /** @param {string} language such as `pt-br` */
  const name = (language) => language.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const all = languages().map((language) => ({ language, name: name(language) }));
  return `// @ts-check
// Made by \`npm run format\`. The build puts a packed copy in the place of this module.
${all
  .map((one) => `import ${one.name} from './${one.language}.json' with { type: 'json' };\n`)
  .join('')}
/** @typedef {import('../texts/languages.js').Language} Language */
/** What a language has; what it lacks is shown in English. @typedef {Readonly<Record<string, string>>} Table */

/** @type {Readonly<{ en: typeof en } & Record<Exclude<Language, 'en'>, Table>>} */
export const LOCALES = Object.freeze({
${all
  .map((one) => `  ${one.name === one.language ? '' : `'${one.language}': `}${one.name},\n`)
  .join('')}});
`;
}

/** The words before the first group are written by hand; the rest is what the records say. */
async function blocksPage() {
  const { EXAMPLES } = await import('../tests/e2e/support/examples.js');
  const texts = await englishNames();
  /** @type {Record<string, { width: number } | undefined>} */
  const taken = JSON.parse(read('docs/images/blocks/taken.json'));
  /** @param {string} name @param {string} words */
  const picture = (name, words) =>
    `<img src="../images/blocks/${name}.png" width="${taken[name]?.width ?? 300}" alt="${words}">\n`;

  const groups = Object.entries(GROUPS).map(([title, file]) => {
    const sections = sentencesIn(`extension/blocks/${file}`).map(({ opcode, sentence }) => {
      const name = String(texts[`block.${opcode}`]).replace(/\[\w+\]/g, '[ ]');
      return [
        `### ${name}\n`,
        picture(opcode, `The block: ${name}`),
        wrapped(sentence),
        picture(`${opcode}-example`, EXAMPLES[opcode]?.words ?? ''),
      ].join('\n');
    });
    return [`## ${title}\n`, ...sections].join('\n');
  });
  const [words] = read(BLOCKS_PAGE).split(/^## /m);
  return `${words}${groups.join('\n')}`;
}

/** The comments on the records of a file. @param {string} path */
function sentencesIn(path) {
  const records = read(path).matchAll(
    /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*block\(\{\s*opcode: '(\w+)'/g,
  );
  return [...records].map(([, comment = '', opcode = '']) => ({
    opcode,
    sentence: comment
      .replace(/^\s*\* ?/gm, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  }));
}

/** The page for who translates. */
async function translationsPage() {
  const all = await waiting();
  const lists = all
    .filter(({ texts }) => texts.length)
    .map(({ language, texts }) =>
      [
        `## ${language}\n`,
        ...texts.map(({ folder, key, english }) => `* \`${folder}\` \`${key}\`: ${english}`),
      ].join('\n'),
    );
  const table = all.map(({ language, texts }) => `| \`${language}\` | ${texts.length} |`);
  return `# Texts that wait for a translation

Made by \`npm run format\`. What is listed here is shown in English. To translate it, add the key to the file of the language, in
\`extension/locales\` for the blocks and in \`www/texts\` for the pages, at the place where English has it. The names of blocks
stand in their records in \`extension/blocks\`; a word in brackets is a slot, a word in braces a value, and both stay unchanged.

| language | texts |
|---|---|
${table.join('\n')}
${lists.length ? `\n${lists.join('\n\n')}\n` : ''}`;
}

/** What each language lacks, also in the language that it is a kind of. */
async function waiting() {
  const english = {
    [LOCALES]: { ...(await englishNames()), ...tableOf(LOCALES, 'en') },
    'www/texts': tableOf('www/texts', 'en'),
  };
  return languages()
    .filter((language) => language !== 'en')
    .map((language) => ({
      language,
      texts: Object.entries(english).flatMap(([folder, texts]) => {
        const own = fallbacksOf(language).map((one) => tableOf(folder, one));
        return Object.entries(texts)
          .filter(([key]) => !own.some((table) => key in table))
          .map(([key, text]) => ({ folder, key, english: text }));
      }),
    }));
}

/** @param {string} language */
function fallbacksOf(language) {
  return languages().filter((one) => one === language || language.startsWith(`${one}-`));
}

async function englishNames() {
  return (await import('../extension/blocks/palette.js')).englishNames();
}

/** @param {string} folder @param {string} language @returns {Record<string, string>} empty: there is none */
function tableOf(folder, language) {
  return JSON.parse(read(`${folder}/${language}.json`) || '{}');
}

/** @param {string} path */
function read(path) {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** @param {string} text */
function wrapped(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return `${lines.join('\n')}\n`;
}
