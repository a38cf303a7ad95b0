// @ts-check
import { placeOf, placesOf } from '../login/places.js';

/** @typedef {import('../editors/support/environment.js').Environment} Environment */
/** Whether an address may be opened. @typedef {(url: string) => Promise<boolean>} Permission */

/**
 * Asks the editor for each address once, however often it is tried. After a "no" nothing more is asked.
 *
 * @param {Permission | null} canFetch
 * @returns {Permission}
 */
export function asksOnce(canFetch) {
  /** @type {Map<string, Promise<boolean>>} */
  const answers = new Map();
  let isRefused = false;
  return (url) => {
    const known = answers.get(url);
    if (known) return known;
    const answer =
      isRefused || !canFetch
        ? Promise.resolve(false)
        : canFetch(url).then((isPermitted) => {
            isRefused ||= !isPermitted;
            return isPermitted;
          });
    answers.set(url, answer);
    return answer;
  };
}

/**
 * The addresses that our own page lets be opened.
 *
 * @param {NonNullable<Environment['mayConnect']>} mayConnect
 * @param {string[]} urls
 * @param {string | null} username
 */
export async function allowed(mayConnect, urls, username) {
  const places = await Promise.resolve()
    .then(() => mayConnect({ places: placesOf(urls), username }))
    .catch(() => /** @type {string[]} */ ([]));
  return urls.filter((url) => places.includes(placeOf(url)));
}
