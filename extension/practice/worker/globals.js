// @ts-check
// What aedes and its libraries expect of Node, for a worker of a browser. The build puts it in their place.

export { Buffer } from 'buffer';

/** @type {[Function, unknown[]][]} */
const due = [];
const channel = new MessageChannel();
channel.port1.onmessage = () => {
  const [call, values] = due.shift() ?? [() => {}, []];
  call(...values);
};

/** `setTimeout` would wait 4 ms each time. @param {Function} call @param {unknown[]} values */
export function setImmediate(call, ...values) {
  due.push([call, values]);
  channel.port2.postMessage(null);
}

/** As Node has it: it can begin anew, and says whether it keeps a process alive. */
class Timeout {
  /** @param {() => void} call @param {number} ms */
  constructor(call, ms) {
    /** @private */
    this.call = call;
    /** @private */
    this.ms = ms;
    /** @private @type {any} */
    this.number = globalThis.setTimeout(call, ms);
  }

  refresh() {
    this.close();
    this.number = globalThis.setTimeout(this.call, this.ms);
    return this;
  }

  close() {
    globalThis.clearTimeout(this.number);
  }

  unref() {
    return this;
  }
}

/** @param {Function} call @param {number} ms @param {unknown[]} values */
export const setTimeout = (call, ms, ...values) => new Timeout(() => call(...values), ms);

/** @param {unknown} timeout */
export function clearTimeout(timeout) {
  if (timeout instanceof Timeout) timeout.close();
}

export const process = {
  /** @param {Function} call @param {unknown[]} values */
  nextTick: (call, ...values) => queueMicrotask(() => call(...values)),
  env: {},
  version: '',
  versions: {},
  stdout: null,
  stderr: null,
};
export const { nextTick } = process;
export default process;

/** Of `crypto`. */
export { newId as randomUUID } from '../words.js';
