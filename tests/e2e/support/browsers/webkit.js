// @ts-check
/** Debian's WebKitGTK, the nearest to Safari: its MiniBrowser on a screen that nobody sees. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Builder, Capabilities } from 'selenium-webdriver';
import { Program } from '../programs.js';
import { LOOPBACK, answers, freePorts } from '../ports.js';
import { until } from '../wait.js';

/** How long a script of a test may take, in milliseconds. */
const SCRIPT_MS = 60_000;

/**
 * @param {{ folder: string }} options
 * @returns {Promise<import('./page.js').Engine>}
 */
export async function launchWebKit({ folder }) {
  mkdirSync(folder, { recursive: true });
  const screen = await openScreen();
  const [port = 0] = await freePorts(1);
  const env = { ...process.env, HOME: folder, DISPLAY: screen.name, WEBKIT_DISABLE_SANDBOX: '1' };
  const service = new Program('WebKitWebDriver', [`--port=${port}`, `--host=${LOOPBACK}`], { env });
  const end = async () => {
    await service.end();
    await screen.program.end();
  };
  try {
    await until('WebKitWebDriver to listen', () => answers(port), { seen: () => service.output });
    const driver = await new Builder()
      .usingServer(`http://${LOOPBACK}:${port}`)
      .withCapabilities(
        new Capabilities({
          browserName: 'MiniBrowser',
          acceptInsecureCerts: true,
          'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] },
        }),
      )
      .build();
    await driver.manage().setTimeouts({ script: SCRIPT_MS });
    const home = await driver.getWindowHandle();
    return {
      name: 'WebKit',
      newPage: () => WebKitPage.open(driver, home, 'window'),
      // A new tab stays behind the one that was there.
      newHiddenPage: () => WebKitPage.open(driver, home, 'tab'),
      close: async () => {
        await driver.quit().catch(() => {});
        await end();
      },
    };
  } catch (failure) {
    await end();
    throw failure;
  }
}

/** One tab. WebDriver speaks to one at a time. */
class WebKitPage {
  /** @param {import('selenium-webdriver').WebDriver} driver @param {string} handle */
  constructor(driver, handle) {
    this.driver = driver;
    this.handle = handle;
  }

  /**
   * @param {import('selenium-webdriver').WebDriver} driver
   * @param {string} home a window that stays open
   * @param {'window' | 'tab'} kind
   */
  static async open(driver, home, kind) {
    await driver.switchTo().window(home);
    await driver.switchTo().newWindow(kind);
    return new WebKitPage(driver, await driver.getWindowHandle());
  }

  /** @param {string} url */
  async goto(url) {
    await this.#switch();
    await this.driver.get(url);
  }

  async reload() {
    await this.#switch();
    await this.driver.navigate().refresh();
  }

  async goBack() {
    await this.#switch();
    await this.driver.navigate().back();
  }

  #switch() {
    return this.driver.switchTo().window(this.handle);
  }

  /**
   * @template T
   * @param {(argument: any) => T | Promise<T>} run
   * @param {unknown} [argument]
   * @returns {Promise<T>}
   */
  async evaluate(run, argument) {
    await this.#switch();
    const outcome = /** @type {any} */ (
      await this.driver.executeAsyncScript(
        `const [argument, done] = arguments;
        Promise.resolve().then(() => (${run})(argument)).then(
          (value) => done({ value: value === undefined ? null : value }),
          (error) => done({ error: String(error) }),
        );`,
        argument ?? null,
      )
    );
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome.value;
  }

  /** WebDriver tells no errors of pages. */
  on() {}

  async close() {
    await this.#switch();
    await this.driver.close();
  }
}

/** @returns {Promise<{ name: string, program: Program }>} */
async function openScreen() {
  const program = new Program('Xvfb', [
    '-displayfd',
    '1',
    '-screen',
    '0',
    '1280x800x24',
    '-nolisten',
    'tcp',
  ]);
  const number = await until('a screen', () => /^(\d+)$/m.exec(program.output)?.[1], {
    seen: () => program.output,
  });
  return { name: `:${number}`, program };
}

/** Below the folder of the machine's kind. */
function miniBrowser() {
  const found = readdirSync('/usr/lib', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      ['4.1', '4.0'].map((version) => join('/usr/lib', name, `webkit2gtk-${version}`)),
    )
    .find((folder) => list(folder).includes('MiniBrowser'));
  if (found === undefined)
    throw new Error('MiniBrowser is missing. Install it: sudo apt-get install webkit2gtk-driver');
  return join(found, 'MiniBrowser');
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
