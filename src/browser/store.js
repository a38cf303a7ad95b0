// @ts-check
/**
 * The records of a kept session in IndexedDB, for one page at a time.
 *
 * A database for each session, with one object store of bytes under numbers. A lock with the same
 * name, which the browser releases when the page is gone, whatever ended it.
 */

/** @typedef {(number: number, keys?: number[], values?: Uint8Array[]) => void} OnEvent */
/** @typedef {{ number: number, keys: number[], values: (Uint8Array | undefined)[] }} Commit */
/**
 * @typedef {object} Store
 * @property {string} name
 * @property {OnEvent} onEvent
 * @property {string} owner by which the page knows that no other one had the session meanwhile
 * @property {IDBDatabase | null} database while the session is this page's
 * @property {Commit[]} waiting for the session to be this page's again
 * @property {() => void} release lets go of the lock
 * @property {boolean} isLoaded
 * @property {boolean} isClosed
 */

/** Reported instead of the number of a commit. */
const LOADED = 0;
const FAILED = -1;
const IN_USE = -2;

/** Instead of a key: all records. */
const ALL = -1;

/** A page that is loaded again asks before the old one is gone, in milliseconds. */
const PATIENCE_MS = 3_000;

const RECORDS = 'records';
/** Who had the session last. */
const OWNER = 'owner';
/** With these two stores. */
const FORM = 2;

/**
 * Takes the session of this name and reports its records.
 *
 * @param {string} name
 * @param {OnEvent} onEvent
 * @returns {Store}
 */
export function openStore(name, onEvent) {
  /** @type {Store} */
  const store = {
    name,
    onEvent,
    owner: String(crypto.getRandomValues(new Uint32Array(4))),
    database: null,
    waiting: [],
    release() {},
    isLoaded: false,
    isClosed: false,
  };
  keep(store).catch((error) => store.onEvent(error?.name === 'TimeoutError' ? IN_USE : FAILED));
  return store;
}

/**
 * All changes are made, or none; then the number is reported.
 *
 * @param {Store} store
 * @param {number} number
 * @param {number[]} keys
 * @param {(Uint8Array | undefined)[]} values Undefined: the record is removed.
 */
export function commit(store, number, keys, values) {
  const { database, onEvent } = store;
  if (!database) return store.waiting.push({ number, keys, values });
  try {
    const transaction = database.transaction(RECORDS, 'readwrite');
    const records = transaction.objectStore(RECORDS);
    keys.forEach((key, index) => {
      const value = values[index];
      if (key === ALL) records.clear();
      else if (value) records.put(value, key);
      else records.delete(key);
    });
    transaction.oncomplete = () => onEvent(number);
    transaction.onabort = () => onEvent(FAILED);
    // Else the page would be asked once more before it is written, and a page that is gone does not answer.
    transaction.commit?.();
  } catch {
    onEvent(FAILED);
  }
  return undefined;
}

/**
 * Lets go of the session; nothing is reported any more.
 *
 * @param {Store} store
 * @param {boolean} isOver Its records are removed.
 */
export function closeStore(store, isOver) {
  store.onEvent = () => {};
  store.isClosed = true;
  if (isOver && store.database) commit(store, 0, [ALL], []);
  // Waits for what is being written.
  store.database?.close();
  store.release();
}

/**
 * A browser may take the lock away, and close the database, while it keeps a page that the user has left; a program
 * of the same site may take it by force at any time. The session is asked for again, and taken when it is free and
 * no other page had it meanwhile.
 *
 * @param {Store} store
 */
async function keep(store) {
  const page = watchPage();
  try {
    for (;;) {
      try {
        return await hold(store);
      } catch (error) {
        if (store.isClosed || /** @type {any} */ (error)?.name !== 'AbortError') throw error;
        letGo(store);
        // A page that the user has left gets no lock, and need not come back.
        await page.shown();
      }
    }
  } finally {
    page.end();
  }
}

/** Whether the user has left this page, which the browser may bring back. */
function watchPage() {
  const events = new AbortController();
  let isLeft = false;
  /** @type {(() => void)[]} */
  const waiting = [];
  const page = {
    shown: () =>
      new Promise((resolve) => {
        if (isLeft) waiting.push(() => resolve(undefined));
        else resolve(undefined);
      }),
    end: () => events.abort(),
  };
  const left = () => (isLeft = true);
  const shown = () => {
    isLeft = false;
    for (const goOn of waiting.splice(0)) goOn();
  };
  globalThis.addEventListener?.('pagehide', left, { signal: events.signal });
  globalThis.addEventListener?.('pageshow', shown, { signal: events.signal });
  return page;
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
  const opening = globalThis.indexedDB.open(store.name, FORM);
  opening.onupgradeneeded = () => {
    const { result } = opening;
    for (const name of [RECORDS, OWNER]) {
      if (!result.objectStoreNames.contains(name)) result.createObjectStore(name);
    }
  };
  const database = await answer(opening);
  if (store.isClosed) return database.close();
  const transaction = database.transaction([RECORDS, OWNER], 'readwrite');
  const [owner, keys, values] = await Promise.all([
    answer(transaction.objectStore(OWNER).get(0)),
    answer(transaction.objectStore(RECORDS).getAllKeys()),
    answer(transaction.objectStore(RECORDS).getAll()),
  ]);
  if (store.isLoaded && owner !== store.owner) {
    database.close();
    // Another page had the session meanwhile: what this one knows of it is old.
    throw new DOMException('taken', 'TimeoutError');
  }
  transaction.objectStore(OWNER).put(store.owner, 0);
  store.database = database;
  // Somebody deletes it, by hand or with all data of the site.
  database.onversionchange = database.onclose = () => {
    if (store.database !== database) return;
    letGo(store);
    store.onEvent(FAILED);
  };
  if (!store.isLoaded) store.onEvent(LOADED, /** @type {number[]} */ (keys), values);
  store.isLoaded = true;
  for (const next of store.waiting.splice(0)) commit(store, next.number, next.keys, next.values);
  return undefined;
}

/** The session is not this page's for now. @param {Store} store */
function letGo(store) {
  store.database?.close();
  store.database = null;
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
