#!/usr/bin/env node
// @ts-check
/**
 * `npx scratch-mqtt`: starts the class server that npm installed for this system, as package `scratch-mqtt-linux-x64`
 * or the like. Options, signals and the exit code are passed on.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Something that the person in front of the screen can do something about; shown without a stack. */
class Problem extends Error {}

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const isLinux = process.platform === 'linux';
const wanted = `scratch-mqtt-${process.platform}-${process.arch}`;

try {
  start(programOf(installed()));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** The package for this system: its folder and what it says of itself. */
function installed() {
  const file = find(`${wanted}/package.json`);
  if (file === undefined) throw new Problem(whyMissing());
  /** @type {{ version: string, glibc?: string }} */
  const { version, glibc } = JSON.parse(readFileSync(file, 'utf8'));
  if (version !== own.version) {
    throw new Problem(
      `scratch-mqtt is ${own.version}, but ${wanted} is ${version}. Install both again: npm install scratch-mqtt@${own.version}`,
    );
  }
  return { folder: dirname(file), glibc };
}

/** @param {string} name */
function find(name) {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

function whyMissing() {
  const names = Object.keys(own.optionalDependencies ?? {});
  if (!names.includes(wanted)) {
    const systems = names.map((name) => name.replace('scratch-mqtt-', ''));
    const all = systems.length > 0 ? `, only for ${systems.join(', ')}` : '';
    return `There is no class server for ${process.platform}-${process.arch}${all}. It can be built from the sources, which need Rust.`;
  }
  if (isLinux && ownGlibc() === undefined) {
    return 'The class server needs a Linux with glibc, and this one has none (Alpine, for example).';
  }
  return `The package ${wanted} is missing. npm leaves it out with --omit=optional, and folders that come from another system have another one. Install it: npm install ${wanted}@${own.version}`;
}

/** @param {{ folder: string, glibc?: string | undefined }} from */
function programOf({ folder, glibc }) {
  if (isLinux && glibc !== undefined) {
    const here = ownGlibc();
    if (here === undefined || isOlder(here, glibc)) {
      throw new Problem(
        `The class server needs glibc ${glibc} or newer, and this system has ${here ?? 'none'}.`,
      );
    }
  }
  return join(folder, 'bin', process.platform === 'win32' ? 'scratch-mqtt.exe' : 'scratch-mqtt');
}

/** The version of the C library; nothing where it is another one, as musl. @returns {string | undefined} */
function ownGlibc() {
  /** @type {any} */ (process.report).excludeNetwork = true;
  return /** @type {any} */ (process.report.getReport()).header.glibcVersionRuntime;
}

/** @param {string} version @param {string} least */
function isOlder(version, least) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** @param {string} program */
function start(program) {
  const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
  // On Windows a console says it to both, and `kill` would end the server in the middle of what it stores.
  const passOn = process.platform === 'win32' ? () => {} : child.kill.bind(child);
  for (const signal of SIGNALS) process.on(signal, () => passOn(signal));
  process.once('exit', () => child.kill());
  child.once('error', ({ message }) => {
    console.error(`The class server did not start: ${message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const one of SIGNALS) process.removeAllListeners(one);
    process.kill(process.pid, signal);
  });
}
