// @ts-check
/**
 * Calls the handlers of a program, with one crossing from wasm for each call: an object that is
 * built here costs a tenth of one that is built from the other side.
 *
 * A handler that throws is reported to the console, and nothing else happens.
 */

/**
 * @param {(message: object) => void} handler
 * @param {string} topic
 * @param {Uint8Array} payload A view of wasm memory, so it is copied.
 * @param {number} qos
 * @param {boolean} retain
 * @param {boolean} dup
 * @param {Uint32Array} subscriptions A view, too.
 * @param {object | undefined} properties
 */
export function deliverMessage(
  handler,
  topic,
  payload,
  qos,
  retain,
  dup,
  subscriptions,
  properties,
) {
  const message = {
    topic,
    payload: payload.slice(),
    qos,
    retain,
    dup,
    subscriptions: subscriptions.length === 1 ? [subscriptions[0]] : Array.from(subscriptions),
  };
  call(handler, properties === undefined ? message : { ...message, properties });
}

/**
 * @param {(event: object) => void} handler
 * @param {number} token
 */
export function deliverPublished(handler, token) {
  call(handler, { type: 'published', token });
}

/**
 * @param {(event: object) => void} handler
 * @param {object} event
 */
export function deliverEvent(handler, event) {
  call(handler, event);
}

/**
 * Runs a task after the JavaScript that runs now, before the browser does anything else.
 *
 * @param {() => void} task
 */
export function soon(task) {
  Promise.resolve().then(task);
}

/**
 * @param {(argument: object) => void} handler
 * @param {object} argument
 */
function call(handler, argument) {
  try {
    handler(argument);
  } catch (error) {
    console.error(error);
  }
}
