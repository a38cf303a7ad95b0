// @ts-check
/** Whether an address may be opened. @typedef {(url: string) => Promise<boolean>} Permission */

/**
 * Asks the host for each address once, however often it is tried. After a "no" nothing more is asked.
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
