// @ts-check
/** The crates whose code is in a program, and the library that Rust itself brings. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nameOf } from './components.mjs';
import { licenseTexts, tidy } from './licenses.mjs';
import { Problem, capture, root } from './run.mjs';

/** @typedef {import('./components.mjs').Component} Component */
/** @typedef {{ name: string, version: string, license: string, source: string, isOurs: boolean, isMacro: boolean, uses: Set<string> }} Crate */

/** Where Rust says whose code its library is made of. */
const ABOUT_RUST = 'share/doc/rust';
/** Licenses of files of the library itself; those of the crates in it stand on that page. */
const OF_RUST = ['Apache-2.0', 'MIT', 'BSD-2-Clause', 'Unicode-3.0'];
const ENTITIES = /** @type {Record<string, string>} */ ({ lt: '<', gt: '>', quot: '"', amp: '&' });

/**
 * All that is compiled into a crate of the workspace, and the macros that wrote parts of it. Nothing is fetched that
 * compiling does not need too.
 *
 * @param {string} crate
 * @param {string} target As `rustc` names it; `all`: every system.
 * @param {string[]} [features]
 * @returns {Promise<Component[]>}
 */
export async function cratesIn(crate, target, features = []) {
  const which = ['--package', crate, '--target', target, '--edges', 'normal'];
  const shown = ['--prefix', 'depth', '--format', '{p}\t{l}\t{r}'];
  const more = features.flatMap((feature) => ['--features', feature]);
  const { code, stdout, output } = await capture('cargo', [
    ...['tree', '--locked', ...which],
    ...[...shown, ...more],
  ]);
  if (code !== 0) throw new Problem(`cargo tree failed.\n\n${output}`);
  const crates = cratesOf(stdout);
  const running = reachedWithoutMacros(crates);
  const sums = checksums();
  // What our own crates use counts for the whole.
  const others = [...crates].filter(([, { isOurs }]) => !isOurs);
  return [
    await rustLibrary(),
    ...others.map(([id, { name, version, license, source, uses }]) => ({
      kind: /** @type {const} */ ('cargo'),
      ...{ name, version, license },
      texts: licenseTexts(name, license, folderOf(`${name}-${version}`)),
      sum: sums.get(id),
      ...(source === '' ? {} : { source }),
      isOnlyForBuilding: !running.has(id),
      uses: [...uses],
    })),
  ];
}

/** By name and version. @param {string} tree Each line below the one that uses it, after its depth. */
function cratesOf(tree) {
  /** @type {Map<string, Crate>} */
  const crates = new Map();
  /** @type {string[]} */
  const above = [];
  for (const line of tree.split('\n')) {
    const [crate = '', license = '', source = ''] = line.replace(/ \(\*\)$/, '').split('\t');
    const [, depth, name, version, rest = ''] = /^(\d+)(\S+) v(\S+)(.*)$/.exec(crate) ?? [];
    if (depth === undefined || name === undefined || version === undefined) continue;
    const id = nameOf({ name, version });
    above.length = Number(depth);
    crates.get(above.at(-1) ?? '')?.uses.add(id);
    above.push(id);
    if (crates.has(id)) continue;
    crates.set(id, {
      ...{ name, version, source, uses: new Set() },
      // As crates wrote it in former times.
      license: license.replaceAll('/', ' OR '),
      isMacro: rest.includes('(proc-macro)'),
      isOurs: /\([^)]*[/\\]/.test(rest),
    });
  }
  return crates;
}

/** What is in the program itself. @param {Map<string, Crate>} crates The first is the whole. */
function reachedWithoutMacros(crates) {
  const found = new Set([...crates.keys()].slice(0, 1));
  for (const id of found) {
    for (const next of crates.get(id)?.uses ?? []) {
      if (crates.get(next)?.isMacro === false) found.add(next);
    }
  }
  return found;
}

/** Where cargo unpacked a crate; `undefined` where it has its sources from elsewhere. @param {string} crate */
function folderOf(crate) {
  const unpacked = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry', 'src');
  const registries = existsSync(unpacked) ? readdirSync(unpacked) : [];
  return registries.map((one) => join(unpacked, one, crate)).find((path) => existsSync(path));
}

function checksums() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8').replaceAll('\r\n', '\n');
  const entries = lock.matchAll(
    /^name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"/gm,
  );
  const algorithm = /** @type {const} */ ('SHA-256');
  return new Map(
    [...entries].map(([, name = '', version = '', hex = '']) => [
      nameOf({ name, version }),
      { algorithm, hex },
    ]),
  );
}

/** The library that `rustc` links into everything, with the crates in it. @returns {Promise<Component>} */
async function rustLibrary() {
  const { stdout: version } = await capture('rustc', ['--version']);
  const { stdout: sysroot } = await capture('rustc', ['--print', 'sysroot']);
  const folder = join(sysroot.trim(), ABOUT_RUST);
  const page = join(folder, 'COPYRIGHT-library.html');
  return {
    kind: 'generic',
    name: 'rust-std',
    version: version.split(' ')[1] ?? '',
    license: 'MIT OR Apache-2.0',
    // Rust that a system brings may come without.
    texts: existsSync(page) ? textsOfRust(folder, readFileSync(page, 'utf8')) : [],
    source: 'https://github.com/rust-lang/rust',
    uses: [],
  };
}

/** @param {string} folder @param {string} page */
function textsOfRust(folder, page) {
  const [own = '', ...crates] = page.split('<h3>');
  const notices = crates
    .flatMap((crate) => [...crate.matchAll(/<pre>([^]*?)<\/pre>/g)])
    .map(([, notice = '']) => plain(notice));
  const licenses = OF_RUST.map((name) =>
    readFileSync(join(folder, 'licenses', `${name}.txt`), 'utf8'),
  );
  return [...new Set([plain(own), ...licenses.map(tidy), ...notices])];
}

/** @param {string} html */
function plain(html) {
  const text = html
    .replace(/<(style|title)[^]*?<\/\1>|<[^>]+>/g, '')
    .replace(/&(?:#(\d+)|(\w+));/g, (all, code, name) =>
      code ? String.fromCodePoint(Number(code)) : (ENTITIES[name] ?? all),
    );
  return tidy(text).replace(/\n{3,}/g, '\n\n');
}
