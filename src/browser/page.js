// @ts-check
/**
 * What the wasm needs of the page besides messages: how a socket ends, who keeps a client, and timers in hidden tabs.
 *
 * One file: with three, the page of wasm-bindgen's tests was seen to wait minutes for one of them. Why is not known.
 */

/**
 * How a WebSocket ends, and why a browser blocks one by itself, as far as that can be found out.
 *
 * A network that fails ends a WebSocket with a close event in every browser. What the browser itself does not
 * allow is reported in other ways: Chromium and WebKit send an error event and no close event, Firefox throws. Only
 * what a Content Security Policy forbids has an event that says so, and WebKit does not send it for WebSockets.
 * Node's own WebSocket sends no close event for any failure.
 */

/** Nothing blocked it, or nobody knows. */
const NOTHING = 0;
const SECURE_PAGE = 1;
const POLICY = 2;
const PORT = 3;

/** `readyState` of a WebSocket that has not opened, and of one that is over. */
const CONNECTING = 0;
const CLOSED = 3;

/** How long the close event may be behind the error, in milliseconds: in WebKit it comes some turns later. */
const CLOSE_FOLLOWS_MS = 100;

/** Ports that browsers open no WebSocket to: https://fetch.spec.whatwg.org/#port-blocking */
const BLOCKED_PORTS = new Set(
  (
    '0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 ' +
    '119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 ' +
    '989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080'
  ).split(' '),
);

/** This computer and the network around it. Chromium may let a secure page reach them. */
const NEAR =
  /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[(::1|f[cd]|fe80)|[^.]*$)|\.(local|localhost)\.?$/i;

/** Reports the end of a socket, once. */
export class Ending {
  /**
   * @param {WebSocket} socket
   * @param {(code: number, isClean: boolean, blocked: number) => void} onEnd
   */
  constructor(socket, onEnd) {
    this.socket = socket;
    this.onEnd = onEnd;
    this.hasOpened = false;
    this.isPolicy = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.wait = undefined;
    /** It bubbles from the document; a worker has it on its global object. @param {any} event */
    this.onpolicy = ({ blockedURI, disposition }) => {
      if (blockedURI && disposition !== 'report' && socket.url?.startsWith(blockedURI)) {
        this.isPolicy = true;
      }
    };
    globalThis.addEventListener?.('securitypolicyviolation', this.onpolicy);
    socket.onerror = () => this.failed();
    socket.onclose = ({ code, wasClean }) => this.end(code, wasClean, true);
  }

  opened() {
    this.hasOpened = true;
    globalThis.removeEventListener?.('securitypolicyviolation', this.onpolicy);
  }

  /** Nothing is reported any more. */
  forget() {
    this.onEnd = () => {};
    clearTimeout(this.wait);
    this.opened();
  }

  /**
   * An error is an end when the socket is over, and when it has not opened: Node's own WebSocket and WebKit
   * leave it as it is then. No close event need follow; one that does says more.
   */
  failed() {
    const { readyState } = this.socket;
    const end = () => this.end(1006, false, false);
    if (readyState === CONNECTING) end();
    else if (readyState === CLOSED) this.wait = setTimeout(end, CLOSE_FOLLOWS_MS);
  }

  /** @param {number} code @param {boolean} isClean @param {boolean} hasCloseEvent */
  end(code, isClean, hasCloseEvent) {
    const { onEnd, hasOpened, isPolicy } = this;
    const { url } = this.socket;
    this.forget();
    onEnd(code, isClean, hasOpened ? NOTHING : isPolicy ? POLICY : blockedBy(url, hasCloseEvent));
  }
}

/**
 * Why `new WebSocket` threw.
 *
 * @param {string} url
 * @param {any} thrown
 */
export function thrownBy(url, thrown) {
  if (thrown?.name === 'NS_ERROR_CONTENT_BLOCKED') return POLICY;
  // An address that is none is reported by another name; WebKit throws this one for a policy too.
  return thrown?.name === 'SecurityError' ? blockedBy(url, false) : NOTHING;
}

/**
 * The browser's own words about what it threw, unless they could repeat a password.
 *
 * @param {any} thrown
 * @param {string} url
 */
export function wordsOf(thrown, url) {
  const words = thrown?.[url.includes('@') ? 'name' : 'message'];
  return typeof words === 'string' ? words.split(url).join('address') : '';
}

/** @param {string} url @param {boolean} hasCloseEvent */
function blockedBy(url, hasCloseEvent) {
  const page = globalThis.location?.href;
  const [, scheme, host = '', port = ''] = /^(wss?):\/\/(\[.*?\]|[^:/?#]*):?(\d*)/i.exec(url) ?? [];
  // Where there is no page, nothing is blocked.
  if (page === undefined || scheme === undefined) return NOTHING;
  if (BLOCKED_PORTS.has(port)) return PORT;
  const isInsecure = /^(blob:)?https:/.test(page) && scheme === 'ws';
  if (hasCloseEvent) return isInsecure && !NEAR.test(host) ? SECURE_PAGE : NOTHING;
  return isInsecure ? SECURE_PAGE : POLICY;
}

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

/**
 * Alarms that ring in time in a hidden tab, too. There `setTimeout` fires once a second, after some minutes once a
 * minute, which is too late for a ping; a worker's fires in time. So while the page is hidden, each alarm is set
 * twice, and whichever fires first rings it. Where there are no workers (Node, a page whose Content Security
 * Policy forbids them) or no pages (in a worker), `setTimeout` is all there is.
 */

/** The worker ends when no alarm was set for so long. */
const IDLE_MS = 10_000;

/** Takes `[number, ms]`, or `[number]` to forget it, and answers the number when the time is over. */
const WORK = `const t={};onmessage=({data:[n,ms]})=>{clearTimeout(t[n]);delete t[n];
if(ms>=0)t[n]=setTimeout(()=>{delete t[n];postMessage(n)},ms)}`;

/** @typedef {{ due: number, ring: () => void, timeout: ReturnType<typeof setTimeout> }} Alarm */

/** @type {Map<number, Alarm>} */
const alarms = new Map();
let lastNumber = 0;

/** While the page is hidden and an alarm is set. @type {{ worker: Worker, url: string } | null} */
let clock = null;
const { document: page, Worker, Blob } = globalThis;
let canHaveClock = Boolean(page && Worker && Blob);

page?.addEventListener('visibilitychange', () => {
  if (page.hidden) for (const [number, { due }] of alarms) setWorkerAlarm(number, due);
  else stopClock();
});

/**
 * @param {number} ms
 * @param {() => void} ring
 * @returns {number} for {@link clearAlarm}
 */
export function setAlarm(ms, ring) {
  lastNumber += 1;
  const number = lastNumber;
  const due = Date.now() + ms;
  alarms.set(number, { due, ring, timeout: setTimeout(fire, ms, number) });
  if (page?.hidden) setWorkerAlarm(number, due);
  return number;
}

/** @param {number} number */
export function clearAlarm(number) {
  const alarm = alarms.get(number);
  if (!alarm) return;
  alarms.delete(number);
  clearTimeout(alarm.timeout);
  if (!clock) return;
  clock.worker.postMessage([number]);
  if (alarms.size === 0) setTimeout(stopIdleClock, IDLE_MS);
}

/** @param {number} number */
function fire(number) {
  const alarm = alarms.get(number);
  clearAlarm(number);
  alarm?.ring();
}

/** @param {number} number @param {number} due */
function setWorkerAlarm(number, due) {
  clock ??= startClock();
  clock?.worker.postMessage([number, Math.max(0, due - Date.now())]);
}

function startClock() {
  if (!canHaveClock) return null;
  try {
    const url = URL.createObjectURL(new Blob([WORK], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => fire(data);
    worker.onerror = forgetClocks;
    return { worker, url };
  } catch {
    canHaveClock = false;
    return null;
  }
}

/** This page cannot have one: it is not tried again. @param {Event} event */
function forgetClocks(event) {
  event.preventDefault();
  canHaveClock = false;
  stopClock();
}

function stopIdleClock() {
  if (alarms.size === 0) stopClock();
}

function stopClock() {
  if (!clock) return;
  clock.worker.terminate();
  URL.revokeObjectURL(clock.url);
  clock = null;
}
