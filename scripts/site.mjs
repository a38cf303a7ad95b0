// @ts-check
/**
 * `npm run site`: the website, as files for any static host, also below a path. It has the pages and the editor of the class
 * server, and the scripts for other editors; there is no server, so its editor connects to the broker in the browser.
 *
 * | file | what |
 * |---|---|
 * | `index.html` | what it is, with a project to try |
 * | `tools.html` | the start page of the class server: console, converter, bookmark |
 * | `editor/` | the Scratch editor with the blocks |
 * | `docs/`, `examples/` | the pages of the documentation, sample projects, programs for boards |
 * | `mqtt.js` and the others of `dist/` | the extension, always the newest |
 * | `v/1.2.3/`, `v/1/`, `versions.json` | the same, of each version |
 * | `_headers`, `.htaccess`, `.nojekyll`, `404.html` | for hosts that look for them |
 */
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { scriptFiles } from './bundle.mjs';
import { dist } from './dist.mjs';
import { editorDir, ensureEditor } from './editor.mjs';
import { noticesOf } from './notices.mjs';
import { Problem, isMain, main, root, say, step } from './run.mjs';
import { SBOM, sbomOf, sha256 } from './sbom.mjs';
import { descriptionsOf, siteComponents } from './shipped.mjs';
import { TERMS, changedEditor } from './site-editor.mjs';
import { LIST, versionFiles } from './site-versions.mjs';
import { ensureNode, ensurePackages } from './tools.mjs';
import { VERSION } from './version.mjs';

export const siteDir = join(root, 'site');
/** `sha256sum -c` reads it. */
export const SUMS = 'SHA256SUMS.txt';
/** What its editor connects to: no server is needed, and nothing leaves the browser. */
const BROKER = 'practice';
/** What only a class server answers. */
const FOR_CLASSES = ['class', 'word', 'board'];
/** Pages that stand elsewhere on the website. @type {Record<string, string>} */
const PAGES = {
  'site.html': 'index.html',
  'index.html': 'tools.html',
  'not-found.html': '404.html',
};
/** What is in the folder of the client, beside the script. */
const CLIENT_FILES = ['split/mqtt.d.ts', 'split/mqtt.d.mts', 'split/mqtt_bg.wasm'];
const CONVERTER_AND_PLOT = /^(convert|plot)\//;
/** The edition that TurboWarp's gallery takes a copy of. */
const FOR_OTHERS = /^gallery\//;
const COMPRESSED = '.gz';
/** Where the scripts say that the page about the blocks is. */
const BLOCKS_PAGE = 'docs/reference/blocks.html';

/**
 * @typedef {object} SiteOptions
 * @property {string} [folder] where it is made; default: `site/`
 * @property {string} [address] where it will be: `https://…/`. The sample projects name it, so that other editors open them
 * @property {string} [previous] the folder of the website as it is published now, whose versions are taken over
 * @property {string} [releases] the page from which the class server is downloaded
 */

/**
 * Makes the website; nothing is in its place before it is whole.
 *
 * @param {SiteOptions} [options]
 */
export async function buildSite({ folder = siteDir, address, previous, releases } = {}) {
  const place = address === undefined ? undefined : checkedAddress(address);
  const page = releases === undefined ? undefined : checkedAddress(releases, '--releases');
  refuseForeign(folder);
  ensureNode();
  const [name] = await Promise.all([build(), ensurePackages('.').then(ensureEditor)]);
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  try {
    const made = await step('Making the website', async () => {
      const files = await siteFiles(name, { address: place, previous, releases: page });
      copyEditor(join(half, 'editor'));
      for (const [path, content] of files) put(join(half, path), content);
      return describe(half, name);
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(half, folder);
    return { folder, name, ...made };
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/**
 * All but the editor's own files, by their paths.
 *
 * @param {string} name of the build
 * @param {Omit<SiteOptions, 'folder'>} options
 */
async function siteFiles(name, { address, previous, releases }) {
  const [{ docsFiles, movedPage, textsIn }, { samplesFor }] = await Promise.all([
    import('./docs.mjs'),
    import('./samples.mjs'),
  ]);
  /** @type {Map<string, string | Buffer>} */
  const files = new Map();
  for (const [path, bytes] of filesIn('www')) {
    const [top = ''] = path.split('/');
    if (!FOR_CLASSES.includes(top)) files.set(PAGES[path] ?? path, below(path, bytes));
  }
  files.set('index.html', withTexts(String(files.get('index.html')), textsIn('en')));
  for (const [path, bytes] of filesIn('extension')) files.set(`extension/${path}`, bytes);
  for (const [path, bytes] of filesIn('examples')) files.set(`examples/${path}`, bytes);
  const extensionUrl = address && new URL('mqtt.js', address).href;
  for (const [file, bytes] of Object.entries(samplesFor({ broker: BROKER, extensionUrl }))) {
    files.set(`examples/projects/${file}`, bytes);
  }
  for (const [path, content] of docsFiles('website')) files.set(`docs/${path}`, content);
  for (const path of [...distFiles(), 'build.json', 'plot/uplot.css']) {
    files.set(path, readFileSync(join(dist, path)));
  }
  const own = new Map(
    distFiles()
      .filter((path) => !CONVERTER_AND_PLOT.test(path))
      .map((path) => [path, readFileSync(join(dist, path))]),
  );
  // The button of the palette leads to a page beside the script.
  own.set(BLOCKS_PAGE, Buffer.from(movedPage(`../../../../${BLOCKS_PAGE}`)));
  const versions = versionFiles(own, { version: VERSION, build: name }, previous);
  for (const [path, bytes] of versions) files.set(path, bytes);
  files.set('local.json', json({ broker: BROKER, terms: `editor/${TERMS}` }));
  files.set('site.json', json({ address, releases }));
  files.set('demo.png', readFileSync(join(root, 'docs', 'images', 'demo.png')));
  files.set('LICENSE.txt', readFileSync(join(root, 'LICENSE')));
  files.set('licenses.txt', noticesOf('this website', await siteComponents()));
  files.set('_headers', headers(JSON.parse(String(versions.get(LIST))).versions));
  files.set('.htaccess', apacheSettings(address));
  files.set('.nojekyll', '');
  return files;

  /** What is built, and what is said of it. */
  function distFiles() {
    const scripts = scriptFiles().filter((path) => !FOR_OTHERS.test(path));
    return [...scripts, ...descriptionsOf(scripts), ...CLIENT_FILES].sort();
  }
}

/** The folder that the pages share with the blocks: beside `www` in the repository, within it on a server. */
const SHARED = 'extension/';

/**
 * A script of `www` asks for what it shares with the blocks above itself, which is right at the root of a server only.
 *
 * @param {string} path below `www`
 * @param {Buffer} bytes
 */
function below(path, bytes) {
  if (!path.endsWith('.js')) return bytes;
  const depth = path.split('/').length - 1;
  const up = '../'.repeat(depth);
  return Buffer.from(String(bytes).replaceAll(`../${up}${SHARED}`, `${up || './'}${SHARED}`));
}

/** Files of a folder of the repository, without compressed copies: hosts compress by themselves. @param {string} folder @returns {[string, Buffer][]} */
const filesIn = (folder) =>
  pathsIn(join(root, folder)).map((path) => [path, readFileSync(join(root, folder, path))]);

/** @param {string} folder @returns {string[]} */
function pathsIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(COMPRESSED))
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** @param {string} folder */
function copyEditor(folder) {
  const changed = changedEditor();
  for (const path of pathsIn(editorDir)) {
    if (path in changed) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(editorDir, path), join(folder, path), constants.COPYFILE_FICLONE);
  }
  for (const [path, content] of Object.entries(changed)) put(join(folder, path), content);
}

/** @param {string} file @param {string | Buffer} content */
function put(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** The English texts in the page itself: for who has no JavaScript, and for those that show a link to it. @param {string} html @param {(key: string) => string} text */
function withTexts(html, text) {
  return html
    .replace(
      /(<(\w+)[^>]*? data-text="([\w.-]+)"[^>]*>)\s*(?=<\/\2>)/g,
      (_, start, _name, key) => start + escaped(text(key)),
    )
    .replace(/ data-content="([\w.-]+)"/g, (_, key) => ` content="${escaped(text(key))}"`);
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${String(sign.codePointAt(0))};`);

/** @param {object} value */
const json = (value) => `${JSON.stringify(value)}\n`;

/** Sent once for each address that has a version in it, and never asked for again. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

/**
 * For Netlify and Cloudflare Pages. Both let browsers ask each time whether a file is still the same, unless it is said
 * otherwise; two rules for one header and file would be joined.
 *
 * @param {{ folder: string }[]} versions
 */
function headers(versions) {
  const kept = ['editor/static/assets/', ...versions.map(({ folder }) => folder)];
  const rules = kept.map((folder) => `/${folder}*\n  Cache-Control: ${FOR_GOOD}\n`);
  return `/*\n  Access-Control-Allow-Origin: *\n  X-Content-Type-Options: nosniff\n${rules.join('')}`;
}

/**
 * For Apache. All of it is allowed where `AllowOverride FileInfo` is.
 *
 * @param {string} [address] where the website will be; without it, Apache shows a page of its own for what is missing
 */
function apacheSettings(address) {
  const missing = address && `ErrorDocument 404 ${new URL('404.html', address).pathname}\n`;
  return `AddType text/javascript .js .mjs
AddType application/wasm .wasm
AddCharset utf-8 .html .css .js .mjs .json .txt .py .ino
${missing ?? ''}<IfModule mod_headers.c>
  SetEnvIf Request_URI "/v/[0-9]+\\.[0-9]+\\.[0-9]+[^/]*/" for-good
  SetEnvIf Request_URI "/editor/static/assets/" for-good
  Header set Access-Control-Allow-Origin "*"
  Header set X-Content-Type-Options "nosniff"
  Header set Cache-Control "no-cache" env=!for-good
  Header set Cache-Control "${FOR_GOOD}" env=for-good
</IfModule>
`;
}

/** Sums of all files and the list of others' code; says how many there are. @param {string} folder @param {string} name */
async function describe(folder, name) {
  const paths = pathsIn(folder);
  let bytes = 0;
  const lines = paths.map((path) => {
    const content = readFileSync(join(folder, path));
    bytes += content.length;
    return `${sha256(content)}  ${path}\n`;
  });
  const sums = Buffer.from(lines.join(''));
  const artifact = /** @type {const} */ ({
    name: 'scratch-mqtt-site',
    version: name,
    type: 'application',
    bytes: sums,
  });
  put(join(folder, SUMS), sums);
  const bom = await sbomOf(artifact, await siteComponents());
  put(join(folder, `site${SBOM}`), bom);
  return {
    files: paths.length + 2,
    bytes: bytes + sums.length + Buffer.byteLength(bom),
    sum: sha256(sums),
  };
}

/** @param {string} typed @param {string} [option] */
function checkedAddress(typed, option = '--address') {
  const address = URL.canParse(typed) ? new URL(typed) : undefined;
  if (address?.protocol !== 'https:' || address.search + address.hash + address.username !== '') {
    throw new Problem(
      `${option} ${typed}: give the whole address, as https://example.org/scratch-mqtt/. ` +
        'Editors load extensions from https:// only.',
    );
  }
  if (option === '--address' && !address.pathname.endsWith('/')) address.pathname += '/';
  return address.href;
}

/** Everything in the folder will be gone. @param {string} folder */
function refuseForeign(folder) {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder);
  if (names.length === 0 || (names.includes(LIST) && names.includes(SUMS))) return;
  throw new Problem(
    `${folder} has files that are no website of this project, and would be deleted. Name an empty folder with --out.`,
  );
}

const HELP = `npm run site -- [options]

Makes the website in site/: files for any static host, also below a path.
The first time it compiles for some minutes and downloads 150 MB. Press Ctrl+C to stop.

  --address URL       where it will be, https://…/; the sample projects name it, so that other editors open them
  --previous FOLDER   the website as it is published now: its versions are taken over, and none of them may change
  --releases URL      the page from which people download the class server
  --out FOLDER        where it is made; default: site
  --help              this text`;

/** @param {string[]} args */
function optionsIn(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const options = {
    address: text,
    previous: text,
    releases: text,
    out: text,
    help: /** @type {const} */ ({ type: 'boolean' }),
  };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem(`${why}\n\n${HELP}`);
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { out, help, previous, ...options } = optionsIn(process.argv.slice(2));
    if (help) {
      say(HELP);
      return;
    }
    const made = await buildSite({
      ...options,
      ...(previous !== undefined && { previous: resolve(previous) }),
      folder: out === undefined ? siteDir : resolve(out),
    });
    const megabytes = Math.round(made.bytes / 1e6);
    say(`The website ${made.name} is in ${made.folder}: ${made.files} files, ${megabytes} MB.`);
    say(`Its sum, of all that is in ${SUMS}: ${made.sum}`);
    if (made.name.endsWith('-dirty'))
      say('Its sources are in no commit: try it, and do not publish it.');
    if (options.address === undefined) {
      say(
        'Its samples open in its own editor only: --address says where it will be, and lets others open them.',
      );
    }
  });
}
