// @ts-check
/**
 * The pictures of the documentation, taken again with `UPDATE_PICTURES=1`; they are not compared, because fonts
 * differ from computer to computer.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PICTURES = fileURLToPath(new URL('../../../docs/images', import.meta.url));

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {{ x: number, y: number, width: number, height: number }} [clip]
 */
export async function take(page, name, clip) {
  if (isUpdate()) await page.screenshot({ path: fileOf(name), clip });
}

/**
 * A part of a page.
 *
 * @param {import('playwright-core').Locator} part
 * @param {string} name
 * @param {{ left?: number, width: number, height: number }} [inside] no more of it than this
 */
export async function takePart(part, name, inside) {
  if (!isUpdate()) return;
  const box = inside && (await part.boundingBox());
  if (!box) return void (await part.screenshot({ path: fileOf(name) }));
  const { left = 0, width, height } = inside;
  await take(part.page(), name, { x: box.x + left, y: box.y, width, height });
}

const isUpdate = () => process.env.UPDATE_PICTURES === '1';

/** @param {string} name */
function fileOf(name) {
  const file = join(PICTURES, `${name}.png`);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}
