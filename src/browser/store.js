// @ts-check
/**
 * The records of a kept session in IndexedDB, for one page at a time.
 *
 * A database for each session, with one object store of bytes under numbers. A lock with the same
 * name, which the browser releases when the page is gone, whatever ended it.
 */

/** @typedef {(number: number, keys?: number[], values?: Uint8Array[]) => void} Tell */
/**
 * @typedef {object} Store
 * @property {string} name
 * @property {Tell} tell
 * @property {IDBDatabase | null} database
 * @property {() => void} release lets go of the lock
 * @property {boolean} isClosed
 */

/** Told instead of the number of a commit. */
const LOADED = 0;
const FAILED = -1;
const IN_USE = -2;

/** Instead of a key: all records. */
const ALL = -1;

/** A page that is loaded again asks before the old one is gone, in milliseconds. */
const PATIENCE_MS = 3_000;

const RECORDS = 'records';

/**
 * Takes the session of this name and tells its records.
 *
 * @param {string} name
 * @param {Tell} tell
 * @returns {Store}
 */
export function openStore(name, tell) {
  /** @type {Store} */
  const store = { name, tell, database: null, release() {}, isClosed: false };
  hold(store).catch((error) => store.tell(error?.name === 'TimeoutError' ? IN_USE : FAILED));
  return store;
}

/**
 * All changes are made, or none; then the number is told.
 *
 * @param {Store} store
 * @param {number} number
 * @param {number[]} keys
 * @param {(Uint8Array | undefined)[]} values Undefined: the record is removed.
 */
export function commit({ database, tell }, number, keys, values) {
  try {
    const transaction = /** @type {IDBDatabase} */ (database).transaction(RECORDS, 'readwrite');
    const records = transaction.objectStore(RECORDS);
    keys.forEach((key, index) => {
      const value = values[index];
      if (key === ALL) records.clear();
      else if (value) records.put(value, key);
      else records.delete(key);
    });
    transaction.oncomplete = () => tell(number);
    transaction.onabort = () => tell(FAILED);
  } catch {
    tell(FAILED);
  }
}

/**
 * Lets go of the session; nothing is told any more.
 *
 * @param {Store} store
 * @param {boolean} isOver Its records are removed.
 */
export function closeStore(store, isOver) {
  store.tell = () => {};
  store.isClosed = true;
  if (isOver && store.database) commit(store, 0, [ALL], []);
  // Waits for what is being written.
  store.database?.close();
  store.release();
}

/** @param {Store} store */
async function hold(store) {
  const { name } = store;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  await navigator.locks.request(name, { signal }, async () => {
    if (store.isClosed) return;
    const released = new Promise((resolve) => {
      store.release = () => resolve(undefined);
    });
    await load(store);
    await released;
  });
}

/** @param {Store} store */
async function load(store) {
  const opening = globalThis.indexedDB.open(store.name);
  opening.onupgradeneeded = () => opening.result.createObjectStore(RECORDS);
  const database = await answer(opening);
  if (store.isClosed) return database.close();
  store.database = database;
  // Somebody deletes it, by hand or with all data of the site.
  database.onversionchange = database.onclose = () => {
    database.close();
    store.tell(FAILED);
  };
  const records = database.transaction(RECORDS).objectStore(RECORDS);
  const [keys, values] = await Promise.all([
    answer(records.getAllKeys()),
    answer(records.getAll()),
  ]);
  return store.tell(LOADED, /** @type {number[]} */ (keys), values);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
