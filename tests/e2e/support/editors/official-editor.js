// @ts-check
/** The official Scratch editor with our extension in its palette: the page of `npm start`. */
import { until } from '../wait.js';
import { Editor } from './editor.js';

/** The editor's page. */
export class OfficialEditor extends Editor {
  /** Shows the blocks of our extension in the palette, and waits until it has come to rest. */
  async openPalette() {
    await this.page.locator('#scratchmqtt.blocklyToolboxCategory').click();
    const label = this.page.locator('.blocklyFlyoutLabelText', { hasText: /^MQTT\u200f?$/ });
    /** @type {number | undefined} */
    let before;
    await until('the palette to come to rest', async () => {
      const y = (await label.boundingBox())?.y;
      const rests = y !== undefined && y === before && y > 0;
      before = y;
      return rests;
    });
  }

  /** Presses the button under the first blocks, and waits for the others. @param {string} more what is written on it */
  async showMoreBlocks(more = 'More blocks') {
    await this.openPalette();
    const button = this.page.locator('.blocklyFlyoutButton', { hasText: more });
    await button.click();
    await button.waitFor({ state: 'detached' });
    await this.openPalette();
  }

  /**
   * Our blocks in the palette, from the top: how many pixels of it, and of its slots, are behind its edge.
   *
   * @returns {Promise<{ text: string, hidden: number, hiddenSlots: number }[]>}
   */
  blocksInPalette() {
    return this.page.evaluate(() => {
      /** @param {string} selector @param {Element | Document} [within] */
      const all = (selector, within = document) => [...within.querySelectorAll(selector)];
      /** @param {Element | undefined} element */
      const boxOf = (element) => element?.getBoundingClientRect() ?? new DOMRect();
      const palette = boxOf(all('.blocklyFlyoutBackground')[0]);
      const isRtl = document.documentElement.dir === 'rtl';
      /** How much of it is behind the edge. @param {Element} element */
      const behind = (element) =>
        isRtl ? palette.left - boxOf(element).left : boxOf(element).right - palette.right;
      // From right to left a mark of that direction follows.
      const label = all('.blocklyFlyoutLabelText').find((one) =>
        /^MQTT\u200f?$/.test(one.textContent ?? ''),
      );
      const slots = '.blocklyDraggable, .blocklyDropdownRect, .blocklyEditableField';
      return all('.blocklyFlyout .blocklyBlockCanvas > .blocklyDraggable')
        .filter((block) => boxOf(block).top > boxOf(label).top)
        .sort((one, other) => boxOf(one).top - boxOf(other).top)
        .map((block) => ({
          text: block.textContent ?? '',
          hidden: behind(block),
          hiddenSlots: Math.max(...all(slots, block).map(behind)),
        }));
    });
  }

  /** Clicks on a block in the palette, which runs it. @param {string} text */
  async clickInPalette(text) {
    await this.page.locator('.blocklyFlyout .blocklyText', { hasText: text }).first().click();
  }

  /** What is written on the blocks of the palette. */
  async paletteText() {
    const text = await this.page
      .locator('.blocklyFlyout')
      .evaluate((flyout) => flyout.textContent ?? '');
    return text.replaceAll('\u00a0', ' ');
  }

  /** What the editor itself shows, beside the chip of our page. @param {string} text */
  shown(text) {
    const { page } = this;
    return page.getByText(text).and(page.locator(':not(#chip *):not(#connection *)'));
  }

  /**
   * Waits until a sprite says something.
   *
   * @param {string} sprite
   * @param {string} text
   */
  async untilSaid(sprite, text) {
    const said = () => this.said(sprite);
    await until(`${sprite} to say ${text}`, async () => (await said()) === text, { seen: said });
  }
}

/**
 * Opens the dialog for a login, by the chip in the editor's bar.
 *
 * @param {import('playwright-core').Page} page
 */
export async function openLogin(page) {
  await page.locator('#chip').click();
  await page.getByRole('button', { name: 'Broker login…' }).click();
}

/**
 * Somebody who lets every project connect, from now on.
 *
 * @param {import('playwright-core').Page} page
 */
export async function allowEveryBroker(page) {
  const allow = () => {
    setInterval(() => {
      const asked = document.querySelector('#ask')?.shadowRoot?.querySelector('#allow');
      if (asked instanceof HTMLElement) asked.click();
    }, 100);
  };
  await page.addInitScript(allow);
  await page.evaluate(allow);
}

/**
 * @param {import('playwright-core').Page} page
 * @param {{ start: string, language?: string, isAlone?: boolean, project?: string, isAsked?: boolean }} options `isAlone`:
 *   without a local broker, as on a public server; `project`: where the editor finds a project to open; `isAsked`: the
 *   test answers what the page asks, else every project may connect
 * @returns {Promise<OfficialEditor>}
 */
export async function officialEditor(
  page,
  { start, language = 'en', isAlone = false, project, isAsked = false },
) {
  const editor = new OfficialEditor('official editor', page);
  if (isAlone) await page.route('**/local.json', (route) => route.fulfill({ status: 404 }));
  const query = new URLSearchParams({ lang: language, ...(project && { project }) });
  await page.goto(`${start}/editor?${query}`);
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  if (!isAsked) await allowEveryBroker(page);
  return editor;
}
