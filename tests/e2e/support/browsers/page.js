// @ts-check
/**
 * What the tests need of a page, whoever drives it: Playwright's own pages are such, and Puppeteer's.
 *
 * @typedef {object} Page
 * @property {(url: string) => Promise<unknown>} goto
 * @property {() => Promise<unknown>} reload
 * @property {() => Promise<unknown>} goBack
 * @property {<T>(run: (argument: any) => T | Promise<T>, argument?: unknown) => Promise<T>} evaluate
 * @property {(event: string, listen: (error: unknown) => void) => unknown} on
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {() => Promise<Page>} newPage
 * @property {() => Promise<Page>} newHiddenPage behind another one
 * @property {() => Promise<unknown>} close
 */

export {};
