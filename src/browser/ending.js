// @ts-check
/**
 * How a WebSocket ends, and why a browser blocks one by itself, as far as that can be found out.
 *
 * A network that fails ends a WebSocket with a close event in every browser. What the browser itself does not
 * allow is told in other ways: Chromium and WebKit send an error event and no close event, Firefox throws. Only
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

/** Tells the end of a socket, once. */
export class Ending {
  /**
   * @param {WebSocket} socket
   * @param {(code: number, isClean: boolean, blocked: number) => void} tell
   */
  constructor(socket, tell) {
    this.socket = socket;
    this.tell = tell;
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

  /** Nothing is told any more. */
  forget() {
    this.tell = () => {};
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
    const { tell, hasOpened, isPolicy } = this;
    const { url } = this.socket;
    this.forget();
    tell(code, isClean, hasOpened ? NOTHING : isPolicy ? POLICY : blockedBy(url, hasCloseEvent));
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
  // An address that is none is told by another name.
  if (thrown?.name !== 'SecurityError') return NOTHING;
  const blocked = blockedBy(url, false);
  return blocked === POLICY ? NOTHING : blocked;
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
