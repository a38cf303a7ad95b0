// @ts-check
/** The official Scratch editor with our extension in its palette: the page of `npm start`. */
import { Host } from './host.js';

/** The editor's page. */
export class OfficialEditor extends Host {
  /** Shows the blocks of our extension in the palette. */
  async openPalette() {
    await this.page.locator('#scratchmqtt.blocklyToolboxCategory').click();
    await this.page.locator('.blocklyFlyout .blocklyDraggable').first().waitFor();
  }
}

/**
 * @param {import('playwright-core').Page} page
 * @param {{ start: string, language?: string }} options
 * @returns {Promise<OfficialEditor>}
 */
export async function officialEditor(page, { start, language = 'en' }) {
  const host = new OfficialEditor('official editor', page);
  await page.goto(`${start}/editor?lang=${language}`);
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  return host;
}
