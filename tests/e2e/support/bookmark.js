// @ts-check
/** The bookmark of the start page, as somebody drags it to the bar and clicks on it elsewhere. */

/**
 * @param {{ browser: import('playwright-core').BrowserContext, start: string }} bench
 * @param {string} [language]
 * @returns {Promise<string>} its address, as the start page offers it
 */
export async function bookmarkOf({ browser, start }, language = 'en') {
  const page = await browser.newPage();
  try {
    await page.goto(`${start}/?lang=${language}`);
    const link = page.locator('a[href^="javascript:"]');
    return String(await link.getAttribute('href'));
  } finally {
    await page.close();
  }
}

/** What the browser does at a click: it runs the script in the page. @param {import('playwright-core').Page} page @param {string} bookmark */
export const click = (page, bookmark) =>
  page.evaluate((address) => {
    location.href = address;
  }, bookmark);
