// @ts-check
/** What every Scratch editor can do in a test. */
import { until } from '../wait.js';

/** @typedef {string | number | boolean} Scalar */

/** A page with a Scratch VM in its global `vm`. */
export class Editor {
  /** Errors that reached the page: a block never throws and never rejects, so there must be none. */
  /** @type {string[]} */
  errors = [];

  /**
   * @param {string} name
   * @param {import('playwright-core').Page} page
   */
  constructor(name, page) {
    this.name = name;
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('crash', () => this.errors.push('the page crashed'));
  }

  /**
   * Loads a project file as File > Load from your computer does.
   *
   * @param {Buffer} sb3
   */
  async loadProject(sb3) {
    await this.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      await /** @type {any} */ (globalThis).vm.loadProject(bytes.buffer);
    }, sb3.toString('base64'));
  }

  /** @returns {Promise<Buffer>} the project file, as File > Save to your computer writes it */
  async saveProject() {
    const base64 = await this.page.evaluate(async () => {
      /** @type {Blob} */
      const file = await /** @type {any} */ (globalThis).vm.saveProjectSb3();
      const bytes = new Uint8Array(await file.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    });
    return Buffer.from(base64, 'base64');
  }

  /** Loads an extension by its address, as the library of extensions does. @param {string} url */
  async addExtension(url) {
    await this.page.evaluate(
      (address) => /** @type {any} */ (globalThis).vm.extensionManager.loadExtensionURL(address),
      url,
    );
  }

  /** Clicks on a sprite of the stage. @param {string} sprite */
  async click(sprite) {
    await this.page.evaluate((name) => {
      const { runtime } = /** @type {any} */ (globalThis).vm;
      const target = runtime.getSpriteTargetByName(name);
      runtime.startHats('event_whenthisspriteclicked', null, target);
    }, sprite);
  }

  /** What a sprite says. @param {string} sprite */
  said(sprite) {
    return this.page.evaluate((name) => {
      const target = /** @type {any} */ (globalThis).vm.runtime.getSpriteTargetByName(name);
      return String(target.getCustomState('Scratch.looks')?.text ?? '');
    }, sprite);
  }

  greenFlag() {
    return this.page.evaluate(() => /** @type {any} */ (globalThis).vm.greenFlag());
  }

  stopAll() {
    return this.page.evaluate(() => /** @type {any} */ (globalThis).vm.stopAll());
  }

  /**
   * @param {string} sprite
   * @param {string} name
   * @returns {Promise<Scalar>}
   */
  async variable(sprite, name) {
    return /** @type {Scalar} */ ((await this.#values(sprite, name))[0]);
  }

  /**
   * @param {string} sprite
   * @param {string} name
   * @returns {Promise<Scalar[]>}
   */
  async list(sprite, name) {
    return /** @type {Scalar[]} */ ((await this.#values(sprite, name))[0]);
  }

  /**
   * @param {string} sprite
   * @param {string} name
   * @returns {Promise<Scalar[][]>} the list of the sprite and of each of its clones
   */
  async lists(sprite, name) {
    return /** @type {Scalar[][]} */ (await this.#values(sprite, name));
  }

  /**
   * Waits until a variable fits.
   *
   * @param {string} sprite
   * @param {string} name
   * @param {RegExp | ((value: Scalar) => boolean)} expected
   * @param {number} [withinMs]
   * @returns {Promise<Scalar>}
   */
  async untilVariable(sprite, name, expected, withinMs) {
    /** @type {Scalar} */
    let last = '';
    const fits =
      expected instanceof RegExp
        ? (/** @type {Scalar} */ value) => expected.test(String(value))
        : expected;
    await until(
      `variable "${name}" of ${sprite} in ${this.name} to be ${expected}`,
      async () => fits((last = await this.variable(sprite, name))),
      { withinMs, seen: () => last },
    );
    return last;
  }

  /**
   * Waits until a list has so many items.
   *
   * @param {string} sprite
   * @param {string} name
   * @param {number} length
   * @param {number} [withinMs]
   * @returns {Promise<Scalar[]>}
   */
  async untilLength(sprite, name, length, withinMs) {
    /** @type {Scalar[]} */
    let last = [];
    await until(
      `list "${name}" of ${sprite} in ${this.name} to have ${length} items`,
      async () => (last = await this.list(sprite, name)).length >= length,
      { withinMs, seen: () => last },
    );
    return last;
  }

  /** Closes the page. */
  close() {
    return this.page.close();
  }

  /**
   * @param {string} sprite
   * @param {string} name
   * @returns {Promise<unknown[]>}
   */
  #values(sprite, name) {
    return this.page.evaluate(
      ([spriteName, variableName]) => {
        const targets = /** @type {any} */ (globalThis).vm.runtime.targets.filter(
          (/** @type {any} */ target) => target.getName() === spriteName,
        );
        return targets.map((/** @type {any} */ target) => {
          const found = Object.values(target.variables).find(
            (/** @type {any} */ candidate) => candidate.name === variableName,
          );
          if (!found) throw new Error(`${spriteName} has no variable ${variableName}`);
          return /** @type {any} */ (found).value;
        });
      },
      [sprite, name],
    );
  }
}
