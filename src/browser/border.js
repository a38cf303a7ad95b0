// @ts-check
/**
 * What crosses between a program and the memory of the wasm, each with one call: every further one,
 * and every view of that memory, costs as much as all that is done with a short message.
 */

/** A text that is not longer is taken letter by letter; for longer ones TextEncoder is faster. */
const SHORT = 48;

/** So many topics have a number at once; the last byte of a number is one of so many places. */
const TOPICS = 256;

/** The number of a topic that has none. */
const NO_NUMBER = 0;

/** What {@link takeIn} answers when it did nothing. */
const NOT_TAKEN = -1;

/** A payload up to this length lies in the object itself, which the browser makes fastest. */
const SMALL = 64;

/** A frame up to this length may be kept in memory for the sake of one of its payloads. */
const SMALL_FRAME = 32_768;

const encoder = new TextEncoder();
// A byte order mark is a character like any other. [MQTT5-1.5.4-3]
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const done = Promise.resolve();

// The browser's own answers: a program may give an array whose own `length` says something else.
const typedArray = Object.getPrototypeOf(Uint8Array).prototype;
const { values: valuesOf } = typedArray;
const lengthOf = getter(typedArray, 'length');
const kindOf = getter(typedArray, Symbol.toStringTag);

/** @type {WebAssembly.Memory | undefined} */
let memory;
let view = new Uint8Array();
/** The place where payloads are written: nothing can be written beside it. */
let roomView = new Uint8Array();

/**
 * @param {object} object
 * @param {PropertyKey} name
 * @returns {(this: unknown) => any}
 */
function getter(object, name) {
  return /** @type {any} */ (Object.getOwnPropertyDescriptor(object, name)).get;
}

/** The numbers of topics that a program publishes. @type {Map<unknown, number>} */
const numbers = new Map();
/** The one that became known last, which is often the only one. @type {unknown} */
let lastTopic;
let lastNumber = NO_NUMBER;
/** The topics that came, by their place: the number that each had then, and its text. */
const cameAs = new Uint32Array(TOPICS);
/** @type {string[]} */
const came = [];
/** What is being received. @type {Uint8Array} */
let frame = new Uint8Array();

/** @param {WebAssembly.Memory} given */
export function useMemory(given) {
  memory = given;
}

/**
 * Takes in what is published, unless that needs more care: a topic that is not known, a payload that
 * has no room or is of no kind that can be one.
 *
 * @param {unknown} topic
 * @param {unknown} payload
 * @param {number} at Where the payload is written.
 * @param {number} room How many bytes there are for it: at most 65,535.
 * @returns {number} The number of the topic times 65,536, and the bytes of the payload; or -1.
 */
export function takeIn(topic, payload, at, room) {
  const length =
    typeof payload === 'string' ? textIn(payload, at, room) : bytesIn(payload, at, room);
  const number = topic === lastTopic ? lastNumber : (numbers.get(topic) ?? NO_NUMBER);
  return length === NOT_TAKEN || number === NO_NUMBER ? NOT_TAKEN : number * 65_536 + length;
}

/**
 * Makes the number of a topic known.
 *
 * @param {unknown} topic
 * @param {number} number
 */
export function knowTopic(topic, number) {
  if (number === NO_NUMBER) return;
  if (numbers.size >= TOPICS && !numbers.has(topic)) numbers.clear();
  numbers.set(topic, number);
  lastTopic = topic;
  lastNumber = number;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} room
 */
function textIn(text, at, room) {
  const { length } = text;
  if (length > SHORT) return encoded(text, at, room);
  if (length > room) return NOT_TAKEN;
  const bytes = roomAt(at, room);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return encoded(text, at, room);
    bytes[index] = code;
  }
  return length;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} room
 */
function encoded(text, at, room) {
  // One unit of UTF-16 is three bytes at most.
  if (text.length * 3 > room) return NOT_TAKEN;
  return encoder.encodeInto(text, roomAt(at, room)).written;
}

/**
 * @param {unknown} payload
 * @param {number} at
 * @param {number} room
 */
function bytesIn(payload, at, room) {
  const length = bytesLength(payload);
  if (length === NOT_TAKEN || length > room) return NOT_TAKEN;
  return put(payload, roomAt(at, room)) ? length : NOT_TAKEN;
}

/**
 * What `read` gives; nothing if it throws, because it runs code of the program (getters, a Proxy). That
 * must not pass through the wasm: what it has borrowed would stay so for ever.
 *
 * @template T
 * @param {() => T} read
 */
function unlessItThrows(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** @param {object} object */
export function namesOf(object) {
  return unlessItThrows(() => Object.keys(object));
}

/**
 * The items of an array; nothing for everything else.
 *
 * @param {unknown} value
 */
export function itemsOf(value) {
  return unlessItThrows(() => (Array.isArray(value) ? Array.from(value) : undefined));
}

/**
 * The pairs of an array, or the names and values of an object, one after the other; nothing for an
 * array of something else.
 *
 * @param {object} value
 */
export function pairsOf(value) {
  return unlessItThrows(() => {
    const pairs = Array.isArray(value) ? value : Object.entries(value);
    const arePairs = pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
    return arePairs ? pairs.flatMap(([name, text]) => [name, text]) : undefined;
  });
}

/**
 * How many bytes a `Uint8Array` of any realm has; -1 for everything else, and for one whose memory
 * was taken away. No code of the program runs.
 *
 * @param {unknown} value
 */
export function bytesLength(value) {
  if (!ArrayBuffer.isView(value) || kindOf.call(value) !== 'Uint8Array') return NOT_TAKEN;
  const length = lengthOf.call(value);
  return length > 0 || isThere(value) ? length : NOT_TAKEN;
}

/** @param {ArrayBufferView} bytes an array without length: empty, detached, or out of bounds */
function isThere(bytes) {
  try {
    valuesOf.call(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies bytes, if there are not more than so many.
 *
 * @param {any} value For which {@link bytesLength} has an answer.
 * @param {number} at Where they are written.
 * @param {number} room
 */
export function copyBytes(value, at, room) {
  return put(value, new Uint8Array(current().buffer, at, room));
}

/**
 * @param {any} bytes
 * @param {Uint8Array} place
 */
function put(bytes, place) {
  try {
    place.set(bytes);
    return true;
  } catch {
    // Another thread, which shares their memory, has made more of them meanwhile.
    return false;
  }
}

/**
 * @param {number} at
 * @param {number} room
 */
function roomAt(at, room) {
  // It is empty once the memory has grown.
  if (roomView.length !== room || roomView.byteOffset !== at) {
    roomView = new Uint8Array(current().buffer, at, room);
  }
  return roomView;
}

/** A view of the whole memory; it is empty once the memory has grown. */
function current() {
  if (view.length === 0 && memory !== undefined) view = new Uint8Array(memory.buffer);
  return view;
}

/**
 * The text of a topic, which is made once for as long as it keeps its number.
 *
 * @param {number} number
 * @param {number} at Where its bytes are.
 * @param {number} length
 */
function topicOf(number, at, length) {
  const place = number % TOPICS;
  const text = number !== NO_NUMBER && cameAs[place] === number ? came[place] : undefined;
  if (text !== undefined) return text;
  const made = decoder.decode(current().subarray(at, at + length));
  if (number !== NO_NUMBER) {
    cameAs[place] = number;
    came[place] = made;
  }
  return made;
}

/**
 * Says what is being received.
 *
 * @param {Uint8Array} received
 * @returns {Uint8Array} What was before: a handler may make another client receive something.
 */
export function useFrame(received) {
  const before = frame;
  frame = received;
  return before;
}

/**
 * Calls a handler with a message, as the functions below do with other events. A handler that throws
 * is reported to the console, and nothing else happens.
 *
 * @param {(message: object) => void} handler
 * @param {number} topic Its number.
 * @param {number} topicAt Where it is.
 * @param {number} topicLength
 * @param {number} flags 0 to 3: the QoS; 4: RETAIN; 8: DUP; 16: the payload is a part of what is being received.
 * @param {number} at Where the payload is: there, or in the memory of the wasm.
 * @param {number} length
 * @param {number} subscription The number of the first one.
 * @param {ArrayLike<number> | undefined} subscriptions All of them, if it is not one.
 * @param {object | undefined} properties
 */
export function deliverMessage(
  handler,
  topic,
  topicAt,
  topicLength,
  flags,
  at,
  length,
  subscription,
  subscriptions,
  properties,
) {
  const message = {
    topic: topicOf(topic, topicAt, topicLength),
    payload: (flags & 16) === 0 ? current().slice(at, at + length) : part(at, length),
    qos: flags & 3,
    retain: (flags & 4) !== 0,
    dup: (flags & 8) !== 0,
    subscriptions: subscriptions === undefined ? [subscription] : Array.from(subscriptions),
  };
  call(handler, properties === undefined ? message : { ...message, properties });
}

/**
 * A payload shares the memory of its frame, unless it would keep much more of that than it needs.
 *
 * @param {number} at
 * @param {number} length
 */
function part(at, length) {
  // What a program keeps is not a part of a message, but all of it.
  const whole = frame.buffer.byteLength;
  const isWasteful = whole > SMALL_FRAME && length * 2 < whole;
  if (length <= SMALL || isWasteful) return frame.slice(at, at + length);
  return new Uint8Array(frame.buffer, frame.byteOffset + at, length);
}

/**
 * Adds user properties, which are made when a program first asks for them.
 *
 * @param {object} properties
 * @param {Uint8Array} packed Each text after its length in two bytes.
 */
export function withPairs(properties, packed) {
  /** @type {unknown} */
  let pairs;
  Object.defineProperty(properties, 'userProperties', {
    configurable: true,
    enumerable: true,
    get: () => (pairs ??= pairsIn(packed)),
    set: (given) => {
      pairs = given;
    },
  });
}

/** @param {Uint8Array} packed */
function pairsIn(packed) {
  const pairs = [];
  let at = 0;
  const next = () => {
    const start = at + 2;
    const length = Number(packed[at]) * 256 + Number(packed[at + 1]);
    at = start + length;
    return decoder.decode(packed.subarray(start, at));
  };
  while (at < packed.length) pairs.push([next(), next()]);
  return pairs;
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
 * Asks a program whether an address may be opened; it may answer later. Where there is nobody to ask, or the
 * question throws, the answer is no.
 *
 * @param {((url: string) => boolean | Promise<boolean>) | null} question
 * @param {string} url
 * @param {(isPermitted: boolean) => void} answered
 */
export function ask(question, url, answered) {
  done
    .then(() => question?.(url))
    .then(
      (answer) => answered(answer === true),
      () => answered(false),
    );
}

/**
 * Runs a task after the JavaScript that runs now, before the browser does anything else.
 *
 * @param {() => void} task
 */
export function soon(task) {
  done.then(task);
}

/**
 * Runs a task after the browser did what else it had to do. In a hidden tab, too: there a timer would
 * wait a second or a minute.
 *
 * @param {() => void} task
 */
export function later(task) {
  if (typeof MessageChannel === 'undefined') {
    setTimeout(task);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    // Node goes on for as long as one is open.
    port1.close();
    task();
  };
  port2.postMessage(null);
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
