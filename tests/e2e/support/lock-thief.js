// @ts-check
/** Another program of the same site that takes the lock of a kept session by force. */

export class LockThief {
  #page;

  /** @param {import('./browsers/page.js').Page} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {import('./kept-page.js').KeptPage} kept whose client is the only one that keeps a session now */
  static async rob(kept) {
    const page = await kept.bench.browser.newPage();
    await page.goto(`${kept.bench.origin}/program`);
    // The page that is robbed may not run.
    const name = await page.evaluate(async () => {
      const { held = [] } = await navigator.locks.query();
      return held.find((lock) => lock.name?.startsWith('mqtt-session-'))?.name;
    });
    if (name === undefined) throw new Error('There is no lock to take');
    await page.evaluate(
      (wanted) =>
        new Promise((taken, failed) => {
          const hold = () =>
            new Promise((letGo) => {
              Object.assign(globalThis, { letGo });
              taken(undefined);
            });
          navigator.locks.request(wanted, { steal: true }, hold).catch(failed);
        }),
      name,
    );
    return new LockThief(/** @type {any} */ (page));
  }

  /** Gives the lock back, and goes. */
  async letGo() {
    await this.#page.evaluate(() => /** @type {any} */ (globalThis).letGo());
    await this.#page.close();
  }
}
