// @ts-check
/** What the client asks of the system that it runs on. It imports no module of Node: a bundler for pages would stop there. */

/** A module of Node; nothing in a browser. @param {string} name @returns {any} */
function builtin(name) {
  const { process } = globalThis;
  const version = process?.versions?.node;
  if (version && !process.getBuiltinModule) {
    throw new Error(`Node ${version} is too old, 20.19 or newer is needed`);
  }
  return process?.getBuiltinModule?.(name);
}

/**
 * What lies at an address: in Node, which does not `fetch` files, their bytes.
 *
 * @param {URL} url
 * @returns {Promise<Response | Uint8Array<ArrayBuffer>>}
 */
export async function load(url) {
  const files = url.protocol === 'file:' ? builtin('node:fs') : undefined;
  try {
    if (files) return await files.promises.readFile(url);
    const response = await fetch(url);
    if (response.ok) return response;
    throw new Error(`The server answers ${response.status} ${response.statusText} for ${url}`);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Error(`${message}. Put mqtt_bg.wasm there, or import scratch-mqtt/inline`, {
      cause: error,
    });
  }
}

/**
 * A function that does its work once, also for those that call it meanwhile; when it fails, the next call tries again.
 *
 * @template Given, Made
 * @param {(given?: Given) => Promise<Made>} work
 * @returns {(given?: Given) => Promise<Made>}
 */
export function once(work) {
  /** @type {Promise<Made> | undefined} */
  let made;
  return (given) => {
    made ??= work(given).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** The class of npm's package `ws`, once it was found. @type {any} */
let WS;

/** The same function for all clients: other options would end a connection. @param {string} url @param {string} protocol */
const openSocket = (url, protocol) => new WS(url, protocol);

/**
 * The options of `connect`, with the WebSocket of npm's package `ws` where the system has none: Node 20 and 21.
 *
 * @param {any} options
 * @param {string} from The address of the module that asks.
 */
export function withWebSocket(options, from) {
  const isReady = typeof globalThis.WebSocket === 'function' || options?.openSocket != null;
  if (isReady || typeof options !== 'object') return options;
  WS ??= installedWebSocket(from);
  if (WS === undefined) throw noWebSocket();
  return { ...options, openSocket };
}

/**
 * Looked for from here, and from the program: a bundle of it may say nothing, or a place of where it was built, for here.
 *
 * @param {string | undefined} here
 */
function installedWebSocket(here) {
  const modules = builtin('node:module');
  for (const from of [here, globalThis.process?.argv?.[1]]) {
    try {
      return modules.createRequire(from)('ws').WebSocket;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

function noWebSocket() {
  const version = globalThis.process?.versions?.node;
  const error = new Error(
    `There is no WebSocket in ${version ? `Node ${version}` : 'this system'}. Use Node 22 or newer, or: npm install ws`,
  );
  return Object.assign(error, { name: 'MqttError', code: 'no-websocket' });
}
