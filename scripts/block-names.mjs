// @ts-check
/** Blocks as pages write them: `publish [hello] to topic [test]`, in the words of the palette of one language. */

const ARGUMENT = /\[\w+\]/;

/** @param {string} text */
const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * @param {Record<string, string>} table Of a language, as in `extension/locales`.
 * @returns {(code: string) => string[] | undefined} What stands around the arguments, and they themselves in between.
 */
export function blockFinder(table) {
  const patterns = Object.entries(table)
    .filter(([key]) => key.startsWith('block.'))
    .map(([, text]) => new RegExp(`^${text.split(ARGUMENT).map(quoted).join('\\[([^\\]]*)\\]')}$`));
  return (code) => {
    const pattern = patterns.find((one) => one.test(code));
    if (pattern === undefined) return undefined;
    return code.split(/\[([^\]]*)\]/);
  };
}
