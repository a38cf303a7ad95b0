// @ts-check
/** `npx scratch-mqtt` on a computer that has Node, a shell and nothing else: no Rust, no home folder of ours. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { which } from '../../../scripts/run.mjs';
import { Program } from './programs.js';
import { until } from './wait.js';

/** All programs of that computer. */
const PROGRAMS = ['node', 'npm', 'npx', 'sh'];
/** On free ports of this computer. */
const FREE_PORTS = ['127.0.0.1:0', '127.0.0.1:0', '--pages', '127.0.0.1:0'];

/**
 * The environment of that computer.
 *
 * @param {string} folder A new one, for its home.
 * @param {string} [registry] Without one, npm asks nobody.
 * @returns {NodeJS.ProcessEnv}
 */
export function bareComputer(folder, registry) {
  const bin = join(folder, 'bin');
  const home = join(folder, 'home');
  for (const each of [bin, home]) mkdirSync(each, { recursive: true });
  for (const name of PROGRAMS) {
    const file = name === 'node' ? process.execPath : which(name);
    if (file === undefined) throw new Error(`there is no ${name}`);
    symlinkSync(file, join(bin, name));
  }
  return {
    PATH: bin,
    HOME: home,
    npm_config_update_notifier: 'false',
    npm_config_ignore_scripts: 'true',
    ...(registry === undefined
      ? { npm_config_offline: 'true' }
      : { npm_config_registry: registry }),
  };
}

/**
 * Runs a program of that computer to its end.
 *
 * @param {string} name
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd: string }} where
 */
export async function ranOn(name, args, { env, cwd }) {
  const program = new Program(join(String(env.PATH), name), args, { env, cwd, input: '' });
  return { code: await program.ended, output: program.output };
}

/**
 * Starts the class server, and waits until it says where it listens.
 *
 * @param {string} command
 * @param {string[]} args Before those of the server.
 * @param {{ env: NodeJS.ProcessEnv, cwd: string }} where
 */
export async function startServer(command, args, { env, cwd }) {
  const program = new Program(command, [...args, ...FREE_PORTS], { env, cwd });
  await until('the server to be ready', () => /^ready /m.test(program.output), {
    seen: () => [program.isRunning, program.output],
  });
  const [, ws = '', pages = ''] = /^ready \S+ (\S+) (\S+)/m.exec(program.output) ?? [];
  return { program, ws, pages };
}
