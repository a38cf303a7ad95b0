// @ts-check
/**
 * The pictures of the documentation, taken again with `UPDATE_PICTURES=1`; they are not compared, because fonts
 * differ from computer to computer.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PICTURES = fileURLToPath(new URL('../../../docs/images', import.meta.url));

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {{ x: number, y: number, width: number, height: number }} [clip]
 */
export async function take(page, name, clip) {
  if (process.env.UPDATE_PICTURES !== '1') return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), clip });
}
