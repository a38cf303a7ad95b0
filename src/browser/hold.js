// @ts-check
/**
 * Who keeps a client: its program, and the page while the client is connected or wants to be, as a
 * browser keeps a WebSocket.
 *
 * What the wasm holds is never collected. So it holds a client and its handlers for that time only;
 * at any other time a client holds its handlers itself, because they often name it.
 */

/** The handlers of each client, for as long as there is the client. @type {WeakMap<object, object>} */
const handlers = new WeakMap();

/** On which client a method is being called. @type {object | undefined} */
let caller;

/**
 * Lets the methods that must know it find out on which client they were called.
 *
 * @param {{ free: () => void }} example One of the clients, which nobody needs.
 */
export function knowCallers(example) {
  const prototype = Object.getPrototypeOf(example);
  const { connect } = prototype;
  replace(prototype, 'connect', {
    /** @this {object} @param {unknown} options */
    value(options) {
      return calledOn(this, () => connect.call(this, options));
    },
  });
  example.free();
  for (const name of ['onmessage', 'onevent']) {
    const { set } = /** @type {PropertyDescriptor} */ (
      Object.getOwnPropertyDescriptor(prototype, name)
    );
    replace(prototype, name, {
      /** @this {object} @param {unknown} handler */
      set(handler) {
        handlers.set(this, { ...handlers.get(this), [name]: handler });
        calledOn(this, () => set?.call(this, handler));
      },
    });
  }
}

/** @returns {object | undefined} The client on which a method is being called. */
export function callingClient() {
  return caller;
}

/**
 * @param {() => void} handler
 * @returns {{ deref: () => object | undefined }}
 */
export function lend(handler) {
  return typeof WeakRef === 'undefined' ? { deref: () => handler } : new WeakRef(handler);
}

/** @param {object} client @param {() => unknown} method */
function calledOn(client, method) {
  caller = client;
  try {
    return method();
  } finally {
    caller = undefined;
  }
}

/** @param {object} prototype @param {string} name @param {PropertyDescriptor} part */
function replace(prototype, name, part) {
  Object.defineProperty(prototype, name, {
    ...Object.getOwnPropertyDescriptor(prototype, name),
    ...part,
  });
}
