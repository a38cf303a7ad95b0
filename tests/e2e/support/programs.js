// @ts-check
/** Programs that the tests run, each ended by its own process id, also when the test run is cut short. */
import { spawn, spawnSync } from 'node:child_process';

/** How long a program may take to end when asked, in milliseconds. */
const PATIENCE_MS = 5_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** One running program with everything that it has written. */
export class Program {
  output = '';
  #child;
  /** @type {Promise<number | null>} the exit code; `null` when a signal ended it */
  ended;

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {{ input?: string | Uint8Array, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
   */
  constructor(command, args, { input, env, cwd } = {}) {
    const child = spawn(command, args, { env: env ?? process.env, cwd });
    this.#child = child;
    running.add(child);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        running.delete(child);
        reject(new Error(`${command} did not start: ${error.message}. ${installHint(command)}`));
      });
      child.once('close', (code) => {
        running.delete(child);
        resolve(code);
      });
    });
    this.ended.catch(() => {});
    child.stdout.setEncoding('utf8').on('data', (text) => (this.output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (this.output += text));
    child.stdin.on('error', () => {});
    if (input !== undefined) child.stdin.end(input);
  }

  /** Writes to the program's standard input. @param {string} text */
  write(text) {
    this.#child.stdin.write(text);
  }

  /** Nothing more is written to its standard input. */
  closeInput() {
    this.#child.stdin.end();
  }

  /** The process id; 0 when it did not start. */
  get pid() {
    return this.#child.pid ?? 0;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Asks the program to end and waits until it has; after five seconds it is killed.
   *
   * @param {NodeJS.Signals} [signal]
   */
  async end(signal = 'SIGTERM') {
    if (!this.isRunning) return;
    this.#child.kill(signal);
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await this.ended.finally(() => clearTimeout(kill));
  }
}

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @returns {string} what it wrote to standard output
 */
export function run(command, args) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw new Error(`${command} did not start: ${error.message}. ${installHint(command)}`);
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** @param {string} command */
function installHint(command) {
  /** @type {Record<string, string>} */
  const packages = {
    mosquitto: 'mosquitto',
    mosquitto_ctrl: 'mosquitto',
    mosquitto_passwd: 'mosquitto',
    mosquitto_pub: 'mosquitto-clients',
    mosquitto_sub: 'mosquitto-clients',
    openssl: 'openssl',
    certutil: 'libnss3-tools',
    'g++': 'g++',
    chromium: 'chromium',
    WebKitWebDriver: 'webkit2gtk-driver',
    Xvfb: 'xvfb',
    python3: 'python3-venv',
    epmd: 'rabbitmq-server',
    'rabbitmq-server': 'rabbitmq-server',
    'nats-server': 'nats-server',
    apache2: 'apache2-bin',
    nginx: 'nginx-light',
  };
  const name = packages[command.split('/').at(-1) ?? ''];
  return name ? `Install it: sudo apt-get install ${name}` : '';
}
