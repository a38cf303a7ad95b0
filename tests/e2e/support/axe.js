// @ts-check
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** @typedef {import('playwright-core').Page} Page */

const AXE = createRequire(import.meta.url).resolve('axe-core');

/**
 * What axe finds: a line for each rule that is broken, with the places.
 *
 * @param {Page} page
 * @param {string[]} [except] what is not ours
 * @returns {Promise<string[]>}
 */
export async function violations(page, except) {
  // Not as an element: the policy of the page allows no scripts of others.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(async (outside) => {
    const { axe } = /** @type {any} */ (globalThis);
    const context = outside ? { exclude: outside.map((one) => [one]) } : document;
    const { violations: found } = await axe.run(context);
    return found.map(
      (/** @type {any} */ { id, help, nodes }) =>
        `${id} (${help}): ${nodes.map((/** @type {any} */ node) => node.target).join(', ')}`,
    );
  }, except);
}
