// @ts-check
/** Stands for Scratch Link and for a micro:bit at its other end, by the messages that the official extension sends and reads. */

/** How often a micro:bit tells its sensors, in milliseconds: the extension gives it up after 4.5 s. */
const READING_MS = 200;

/**
 * Connects the extension of the editor to it.
 *
 * @param {import('playwright-core').Page} page
 */
export async function connectMicrobit(page) {
  await page.evaluate(async (readingMs) => {
    const place = /** @type {any} */ (globalThis);
    const { vm } = place;
    const state = { isPressed: false, tilt: 0, written: /** @type {number[][]} */ ([]) };
    place.microbit = state;
    const bytes = (/** @type {number[]} */ all) => btoa(String.fromCharCode(...all));
    const reading = () => {
      const tilt = state.tilt & 0xffff;
      return bytes([0, 0, tilt >> 8, tilt & 255, state.isPressed ? 1 : 0, 0, 0, 0, 0, 0]);
    };

    class Link {
      /** @param {() => void} listener */
      setOnOpen(listener) {
        this.onOpen = listener;
      }
      setOnClose() {}
      setOnError() {}
      /** @param {(message: object) => void} listener */
      setHandleMessage(listener) {
        this.tell = listener;
      }
      open() {
        this.isThere = true;
        queueMicrotask(() => this.onOpen?.());
      }
      close() {
        this.isThere = false;
        clearInterval(this.readings);
      }
      isOpen() {
        return this.isThere;
      }
      /** @param {string} method @param {object} params */
      say(method, params) {
        this.tell?.({ jsonrpc: '2.0', method, params });
      }
      /** @param {{ id: number, method: string, params: any }} message */
      sendMessage({ id, method, params }) {
        if (method === 'write')
          state.written.push([...atob(params.message)].map((one) => one.charCodeAt(0)));
        queueMicrotask(() => {
          this.tell?.({
            jsonrpc: '2.0',
            id,
            result: method === 'read' ? { message: reading() } : null,
          });
          const peripheral = { peripheralId: 'one', name: 'BBC micro:bit', rssi: -50 };
          if (method === 'discover') this.say('didDiscoverPeripheral', peripheral);
          if (method !== 'read') return;
          const sends = () => this.say('characteristicDidChange', { message: reading() });
          this.readings = setInterval(sends, readingMs);
        });
      }
    }

    vm.configureScratchLinkSocketFactory(() => new Link());
    const connected = new Promise((resolve) => vm.runtime.once('PERIPHERAL_CONNECTED', resolve));
    vm.runtime.once('PERIPHERAL_LIST_UPDATE', () => vm.connectPeripheral('microbit', 'one'));
    vm.scanForPeripheral('microbit');
    await connected;
  }, READING_MS);
  return {
    /** @param {boolean} isPressed its button A */
    press: (isPressed) =>
      page.evaluate((is) => {
        /** @type {any} */ (globalThis).microbit.isPressed = is;
      }, isPressed),
    /** @returns {Promise<number[][]>} what the extension wrote: a command, and what it shows */
    written: () => page.evaluate(() => /** @type {any} */ (globalThis).microbit.written),
  };
}
