// @ts-check
/**
 * The bookmark that puts the blocks into the editor on whose page somebody clicks on it: for editors that
 * keep no address of an extension, or load one only where hats do not run.
 */

/**
 * Its address is a script. It asks for the plugin under another address each time, because a page runs
 * a module only once, and the editor may have lost the blocks since. Where they are, the plugin does nothing.
 *
 * @param {string} plugin the address of `plugin.js`
 * @param {{ noEditor: string, notLoaded: string }} texts what is said when it cannot be done
 */
export function bookmarkOf(plugin, { noEditor, notLoaded }) {
  const [address, loseText, missText] = [`${plugin}?`, notLoaded, noEditor].map((it) =>
    JSON.stringify(it),
  );
  const load = `import(${address}+Date.now()).catch(()=>alert(${loseText}))`;
  return `javascript:${encodeURIComponent(`void(window.vm?${load}:alert(${missText}))`)}`;
}
