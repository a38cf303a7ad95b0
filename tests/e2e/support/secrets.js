// @ts-check
/** Looks for a login everywhere where a page can be seen, or leaves something behind. */

/**
 * Everything that a page says, from now on.
 *
 * @param {import('playwright-core').Page} page
 * @returns {() => string}
 */
export function listenTo(page) {
  /** @type {string[]} */
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error), String(error.stack)));
  return () => said.join('\n');
}

/**
 * What a page keeps: its storages without what the login dialog keeps, its databases, its cookies and
 * its address.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string>}
 */
export function kept(page) {
  return page.evaluate(async () => {
    /** @type {unknown[]} */
    const all = [document.cookie, location.href, document.title];
    for (const storage of [localStorage, sessionStorage]) {
      all.push(Object.entries(storage).filter(([name]) => name !== 'scratchmqtt.logins'));
    }
    for (const { name } of await indexedDB.databases()) {
      /** @type {IDBDatabase} */
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open(String(name));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of database.objectStoreNames) {
        all.push(
          await new Promise((resolve, reject) => {
            const request = database.transaction(store).objectStore(store).getAll();
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
          }),
        );
      }
      database.close();
    }
    return JSON.stringify(all);
  });
}

/** What the monitors on the stage show. @param {import('playwright-core').Page} page @returns {Promise<string>} */
export function monitorsOf(page) {
  return page.evaluate(() =>
    JSON.stringify([.../** @type {any} */ (globalThis).vm.runtime.getMonitorState().values()]),
  );
}
