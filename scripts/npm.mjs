// @ts-check
/**
 * `npm run package:npm`: the npm packages, in `package/npm/`. `scratch-mqtt` is made of `dist/`; for each one file of
 * `npm run package` in `package/` there is one more, as `scratch-mqtt-linux-x64`, which npm installs on that system only.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from './build.mjs';
import { scriptFiles } from './bundle.mjs';
import { dist } from './dist.mjs';
import { EDITOR, EDITOR_SOURCE } from './editor.mjs';
import { WASM } from './gallery.mjs';
import { NOTICES } from './notices.mjs';
import { Problem, isMain, main, root, run, say, saysHelp } from './run.mjs';
import { SBOM } from './sbom.mjs';
import { ensureNode, npm } from './tools.mjs';
import { VERSION } from './version.mjs';

/** @typedef {{ file: string, name: string, bytes: number, unpackedBytes: number, contains: string[] }} Packed One `.tgz`. */

const NAME = 'scratch-mqtt';
/** Of use to our pages only, or to the gallery, which has its own copy. */
const NOT_IN_IT = /^(convert|gallery|plot)\//;
const BIN = `bin/${NAME}.mjs`;
/** What is made of the sources for each folder of `dist/`, beside scripts, lists and notices. */
export const CLIENT_FILES = [
  'inline.d.mts',
  'inline.mjs.map',
  'mqtt.d.mts',
  'mqtt.mjs.map',
  'mqtt_bg.wasm',
];
/** What the owner of the accounts fills in, in `package.json` of the repository. */
const OF_THE_OWNER = ['author', 'bugs', 'funding', 'homepage', 'repository'];
/** As the one file is called, for each system and processor. */
const PROGRAM = new RegExp(`^${NAME}-${VERSION.replaceAll('.', '\\.')}-(\\w+)-(\\w+?)(?:\\.exe)?$`);
const GLIBC = 'GLIBC_';

/**
 * Writes the packages and packs them. `dist/` is taken as it is.
 *
 * @param {object} [options]
 * @param {string} [options.folder] Where; what is there is removed.
 * @param {string[]} [options.programs] One files, under the names that `npm run package` gives them.
 * @returns {Promise<Packed[]>}
 */
export async function packNpm({ folder = join(root, 'package', 'npm'), programs } = {}) {
  const systems = (programs ?? programsMade()).map(systemOf);
  rmSync(folder, { recursive: true, force: true });
  const folders = [writeMain(join(folder, NAME), systems.map(nameFor))];
  for (const system of systems) folders.push(writeSystem(join(folder, nameFor(system)), system));
  /** @type {Packed[]} */
  const packed = [];
  for (const each of folders) packed.push(await pack(each, folder));
  return packed;
}

/** Those in `package/` that are of this version. */
function programsMade() {
  const folder = join(root, 'package');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => PROGRAM.test(name));
  return names.sort().map((name) => join(folder, name));
}

/** @typedef {ReturnType<typeof systemOf>} System */

/** @param {string} file */
function systemOf(file) {
  const [, os = '', cpu = ''] = PROGRAM.exec(basename(file)) ?? [];
  if (os === '') {
    throw new Problem(
      `${file} is no one file of version ${VERSION}. Make it with: npm run package`,
    );
  }
  const missing = [file, `${file}-${NOTICES}`, file + SBOM].find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new Problem(`There is no ${missing}. Make it with: npm run package`);
  }
  const { build: wanted } = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8'));
  const { metadata } = JSON.parse(readFileSync(file + SBOM, 'utf8'));
  const { version } = metadata.component;
  if (version !== wanted) {
    throw new Problem(
      `${file} is build ${version}, and dist/ is ${wanted}. Make it again with: npm run package`,
    );
  }
  return { file, os, cpu, build: version };
}

/** @param {System} system */
const nameFor = ({ os, cpu }) => `${NAME}-${os}-${cpu}`;

/**
 * The package for all systems.
 *
 * @param {string} folder
 * @param {string[]} systems The packages with the class server.
 */
function writeMain(folder, systems) {
  const scripts = scriptFiles().filter((file) => !NOT_IN_IT.test(file));
  const lists = scripts.map((file) => file + SBOM);
  const notices = [NOTICES, `split/${NOTICES}`];
  const client = [...CLIENT_FILES.map((name) => `split/${name}`), WASM];
  for (const file of [...scripts, ...lists, ...notices, ...client]) {
    copy(join(dist, file), join(folder, file));
  }
  copy(join(root, 'npm', 'bin.js'), join(folder, BIN));
  copy(join(root, 'npm', 'README.md'), join(folder, 'README.md'));
  copy(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const loaded = scripts.filter((file) => !file.includes('/'));
  writeManifest(folder, {
    name: NAME,
    ...ownFields(),
    description:
      'MQTT 5.0 and 3.1.1 for web pages and Node, as blocks for Scratch, and a broker for a class',
    keywords: ['mqtt', 'mqtt5', 'websocket', 'client', 'broker', 'iot', 'scratch', 'turbowarp'],
    license: 'MPL-2.0',
    type: 'module',
    main: './split/mqtt.mjs',
    types: './split/mqtt.d.mts',
    exports: {
      '.': { types: './split/mqtt.d.mts', default: './split/mqtt.mjs' },
      './inline': { types: './split/inline.d.mts', default: './split/inline.mjs' },
      './mqtt_bg.wasm': './split/mqtt_bg.wasm',
      [`./${WASM}`]: `./${WASM}`,
      ...Object.fromEntries(loaded.map((file) => [`./${file}`, `./${file}`])),
      './package.json': './package.json',
    },
    bin: { [NAME]: BIN },
    files: ['bin', 'split', WASM, ...loaded, '*.cdx.json', NOTICES],
    // The scripts register blocks when they are loaded.
    sideEffects: loaded.map((file) => `./${file}`),
    peerDependencies: { ws: '>=8' },
    peerDependenciesMeta: { ws: { optional: true } },
    optionalDependencies: Object.fromEntries(systems.map((name) => [name, VERSION])),
  });
  return folder;
}

/**
 * The package with the class server for one system.
 *
 * @param {string} folder
 * @param {System} system
 */
function writeSystem(folder, system) {
  const { file, os, cpu, build: name } = system;
  const program = join('bin', os === 'win32' ? `${NAME}.exe` : NAME);
  copy(file, join(folder, program));
  // A file that came through an archive of another system has lost it.
  chmodSync(join(folder, program), 0o755);
  copy(file + SBOM, join(folder, `${program}${SBOM}`));
  copy(`${file}-${NOTICES}`, join(folder, NOTICES));
  copy(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const glibc = os === 'linux' ? glibcOf(readFileSync(file)) : undefined;
  const needs = glibc === undefined ? '' : `, with glibc ${glibc} or newer`;
  writeFileSync(
    join(folder, 'README.md'),
    `# ${nameFor(system)}

The class server of the npm package \`${NAME}\` for ${os}-${cpu}${needs}: \`npx ${NAME}\` starts it.

Build ${name}, under MPL-2.0. Inside is the Scratch editor, ${EDITOR.name} ${EDITOR.version}, unchanged: a work of its own under
${EDITOR.license}, with its sources at <${EDITOR_SOURCE}>. ${NOTICES} has its license and all others.
`,
  );
  writeManifest(folder, {
    name: nameFor(system),
    ...ownFields(),
    description: `The class server of ${NAME} for ${os}-${cpu}`,
    license: `MPL-2.0 AND ${EDITOR.license}`,
    os: [os],
    cpu: [cpu],
    ...(glibc === undefined ? {} : { libc: ['glibc'], glibc }),
    files: ['bin', NOTICES],
    // Yarn would leave it in an archive, from which nothing can be started.
    preferUnplugged: true,
  });
  return folder;
}

/** What all packages have from `package.json` of the repository. */
function ownFields() {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const ofTheOwner = OF_THE_OWNER.filter((field) => field in own).map((field) => [
    field,
    own[field],
  ]);
  return { version: VERSION, engines: own.engines, ...Object.fromEntries(ofTheOwner) };
}

/**
 * The version of glibc that a program for Linux asks for; none for one that brings its C library along.
 *
 * @param {Buffer} program
 */
export function glibcOf(program) {
  /** @type {number[]} */
  const minors = [];
  for (let at = program.indexOf(GLIBC); at >= 0; at = program.indexOf(GLIBC, at + 1)) {
    // A name in the table of an ELF file has a zero before and behind it.
    const name = program.toString('latin1', at - 1, at + GLIBC.length + 8);
    const [, minor] = /^\0GLIBC_2\.(\d+)(?:\.\d+)?\0/.exec(name) ?? [];
    if (minor !== undefined) minors.push(Number(minor));
  }
  return minors.length === 0 ? undefined : `2.${Math.max(...minors)}`;
}

/** @param {string} from @param {string} to */
function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** @param {string} folder @param {object} manifest */
function writeManifest(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} folder @param {string} destination @returns {Promise<Packed>} */
async function pack(folder, destination) {
  const { command, args } = npm(
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    destination,
  );
  const { stdout } = await run(`Packing ${basename(folder)}`, command, args, { cwd: folder });
  const [made] = JSON.parse(stdout);
  return {
    file: join(destination, made.filename),
    name: made.name,
    bytes: made.size,
    unpackedBytes: made.unpackedSize,
    contains: made.files.map((/** @type {{ path: string }} */ { path }) => path).sort(),
  };
}

const HELP = `npm run package:npm

Packs the npm packages into package/npm/: scratch-mqtt, and one for each system whose one file is in package/
(npm run package makes it for this system). Takes seconds, and minutes when dist/ is not built yet. Nothing is
published. Press Ctrl+C to stop.

  --help   this text`;

if (isMain(import.meta.url)) {
  await main(async () => {
    if (saysHelp(HELP)) return;
    ensureNode();
    await build();
    const packed = await packNpm();
    for (const { file, bytes, unpackedBytes } of packed) {
      say(`${file}: ${megabytes(bytes)}, unpacked ${megabytes(unpackedBytes)}`);
    }
    if (packed.length === 1) say('Without the class server: npm run package makes it, before.');
  });
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
