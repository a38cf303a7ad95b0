// @ts-check
/**
 * The entry of `practice.js`, which runs in a worker: there timers are not slowed down when the tab is hidden, and a
 * broker that has much to do does not hold up the project.
 */
import { CHANNEL, channelOf, newId } from '../words.js';
import { MOST_CONNECTIONS, makeBroker } from './broker.js';
import { Connection } from './connection.js';

/** What a tab sent before it was gone comes after the news of it, sometimes, in milliseconds. */
const LATE_MS = 250;

/** The longest number of a connection, in characters; ours have 31. */
const LONGEST_ID = 64;

/** @type {any} */
const worker = globalThis;

/** Which broker this is. */
const self = newId();

/** The numbers of the connections. @type {Set<string>} */
const known = new Set();

/** @type {Promise<import('aedes').Aedes> | null} */
let broker = null;

worker.onmessage = (/** @type {MessageEvent} */ { data, ports: [port] }) => {
  if (port) void accept(data?.open, () => port);
  else if (data?.isShared) worker.navigator.locks.request(CHANNEL, serveAll);
};
worker.postMessage('ready');

/** The broker of all tabs, for as long as this one is open. @returns {Promise<never>} */
function serveAll() {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => {
    const id = data?.open;
    void accept(id, () => new BroadcastChannel(channelOf(id))).then((connection) => {
      if (connection) endWithTab(id, connection);
    });
  };
  channel.postMessage({ began: self });
  return new Promise(() => {});
}

/**
 * @param {unknown} id
 * @param {() => import('../socket.js').Pipe} pipeOf
 * @returns {Promise<Connection | null>}
 */
async function accept(id, pipeOf) {
  if (typeof id !== 'string' || id.length > LONGEST_ID) return null;
  if (known.has(id) || known.size >= MOST_CONNECTIONS) return null;
  known.add(id);
  broker ??= makeBroker();
  const { handle } = await broker;
  const pipe = pipeOf();
  const connection = new Connection(pipe);
  connection.on('close', () => known.delete(id));
  // Its types know no stream but those of Node.
  handle(/** @type {any} */ (connection));
  pipe.postMessage({ opened: self });
  return connection;
}

/** A tab that is gone says nothing; but the browser takes its lock away. @param {string} id @param {Connection} connection */
function endWithTab(id, connection) {
  const ended = new AbortController();
  connection.on('close', () => ended.abort());
  worker.navigator.locks
    .request(channelOf(id), { signal: ended.signal }, () => {
      setTimeout(() => connection.destroy(), LATE_MS);
    })
    .catch(() => {});
}
