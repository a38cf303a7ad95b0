// @ts-check
/** What the console remembers: brokers in this browser, subscriptions in this tab. Never a password. */

const BROKERS = 'scratchmqtt.console.brokers';
const TAB = 'scratchmqtt.console.tab';
export const MOST_BROKERS = 20;

/** @typedef {{ address: string, username: string }} SavedBroker `address` as it may be shown: without a login */
/** @typedef {{ broker: SavedBroker | null, filters: string[] }} TabMemory */
/** @typedef {Pick<Storage, 'getItem' | 'setItem'>} Store */

export class SavedBrokers {
  /** @param {Store | undefined} store */
  constructor(store) {
    /** @private */
    this.store = store;
    /** The newest first. @type {SavedBroker[]} */
    this.all = listIn(read(store, BROKERS)).flatMap((one) => brokerIn(one) ?? []);
  }

  /** @param {SavedBroker} broker @returns {boolean} whether it is kept */
  save({ address, username }) {
    const others = this.all.filter((one) => one.address !== address);
    this.all = [{ address, username }, ...others].slice(0, MOST_BROKERS);
    return write(this.store, BROKERS, this.all);
  }

  /** @param {string} address */
  forget(address) {
    this.all = this.all.filter((one) => one.address !== address);
    write(this.store, BROKERS, this.all);
  }
}

/** What a page that is loaded again goes on with. @param {Store | undefined} store @returns {TabMemory} */
export function rememberedIn(store) {
  const found = /** @type {Partial<TabMemory>} */ (read(store, TAB) ?? {});
  const filters = listIn(found.filters).filter((one) => typeof one === 'string');
  return { broker: brokerIn(found.broker), filters };
}

/** @param {Store | undefined} store @param {TabMemory} memory */
export const remember = (store, memory) => void write(store, TAB, memory);

/** @param {unknown} value @returns {any[]} */
const listIn = (value) => (Array.isArray(value) ? value : []);

/** Only what is known, whoever wrote it. @param {unknown} value @returns {SavedBroker | null} */
function brokerIn(value) {
  const { address, username } = /** @type {Partial<SavedBroker>} */ (value ?? {});
  return typeof address === 'string' && typeof username === 'string' ? { address, username } : null;
}

/** @param {Store | undefined} store @param {string} name @returns {unknown} */
function read(store, name) {
  try {
    return JSON.parse(store?.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {Store | undefined} store @param {string} name @param {unknown} value @returns {boolean} whether it is kept */
function write(store, name, value) {
  try {
    store?.setItem(name, JSON.stringify(value));
    return store !== undefined;
  } catch {
    // It is full or forbidden.
    return false;
  }
}
