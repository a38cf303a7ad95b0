// @ts-check
/** System programs that only the tests need: looked for before anything is built. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem, capture, which } from './run.mjs';
import { addToPath } from './tools.mjs';

/** Where distributions put servers; not on everyone's PATH. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/**
 * @typedef {object} Needed
 * @property {string} name
 * @property {string[]} programs One of them is enough.
 * @property {string} apt
 */

/** @type {Needed} */
const CHROMIUM = {
  name: 'Chromium',
  programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  apt: 'chromium',
};
/** @type {Needed} */
const CHROMEDRIVER = { name: 'chromedriver', programs: ['chromedriver'], apt: 'chromium-driver' };
/** @type {Needed[]} */
const E2E = [
  CHROMIUM,
  { name: 'Firefox', programs: ['firefox-esr', 'firefox'], apt: 'firefox-esr' },
  { name: 'WebKit', programs: ['WebKitWebDriver'], apt: 'webkit2gtk-driver' },
  { name: 'Xvfb', programs: ['Xvfb'], apt: 'xvfb' },
  { name: 'mosquitto', programs: ['mosquitto'], apt: 'mosquitto' },
  { name: 'mosquitto_pub', programs: ['mosquitto_pub'], apt: 'mosquitto-clients' },
  { name: 'NATS', programs: ['nats-server'], apt: 'nats-server' },
  { name: 'Apache', programs: ['apache2'], apt: 'apache2-bin' },
  { name: 'nginx', programs: ['nginx'], apt: 'nginx-light' },
  { name: 'RabbitMQ', programs: ['rabbitmq-server'], apt: 'rabbitmq-server' },
  { name: 'openssl', programs: ['openssl'], apt: 'openssl' },
  { name: 'certutil', programs: ['certutil'], apt: 'libnss3-tools' },
  { name: 'Python', programs: ['python3'], apt: 'python3' },
  { name: 'C++', programs: ['g++'], apt: 'g++' },
  // Networks that tests make are a matter of Linux.
  ...(process.platform === 'linux' ? [{ name: 'ip', programs: ['ip'], apt: 'iproute2' }] : []),
];

/** The web tests drive Chromium through chromedriver. */
export function ensureBrowser() {
  return ensure([CHROMIUM, CHROMEDRIVER]);
}

/** The end-to-end tests use a browser, a broker and other MQTT programs. */
export async function ensurePeers() {
  ensure(E2E);
  const { code } = await capture('python3', ['-c', 'import ensurepip, venv']);
  if (code === 0) return;
  throw new Problem('Python cannot make a virtual environment. Run: apt install python3-venv');
}

/** @param {Needed[]} list */
function ensure(list) {
  const missing = list.filter((needed) => find(needed) === undefined);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  const packages = missing.map(({ apt }) => apt).join(' ');
  throw new Problem(`Not installed: ${names}. On Debian or Ubuntu run: apt install ${packages}`);
}

/** @param {Needed} needed */
function find({ programs }) {
  const found = programs.map((name) => which(name, SERVER_FOLDERS)).find((path) => path);
  if (found !== undefined && existsSync(found)) addToPath(dirname(found));
  return found;
}
