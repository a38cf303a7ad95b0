// @ts-check
// The brokers of a list, which a project names together because any of them will do.

/** @typedef {{ host: string, port: number, shown: string }} Node as in `Broker` */

/**
 * Several brokers: all addresses, and a host and a port by which a sentence names each.
 *
 * @typedef {{ urls: readonly string[], host: string, port: number }} Nodes
 */

/** One of them, by its address, without what may be a secret. @param {string} url @returns {Node} */
export function nodeOf(url) {
  const [, host = '', port = ''] = /^wss?:\/\/(\[[^\]]*\]|[^:/?#]*):(\d+)/.exec(url) ?? [];
  return { host, port: Number(port), shown: url.replace(/\?.*$/s, '') };
}

/**
 * All of them; `undefined` for an address that is no list.
 *
 * @param {object} address
 * @param {readonly string[]} address.hosts
 * @param {readonly string[]} address.urls the likeliest of each broker comes first
 * @returns {Nodes | undefined}
 */
export function nodesOf({ hosts, urls }) {
  if (hosts.length === 1) return undefined;
  const likeliest = urls.slice(0, hosts.length).map(nodeOf);
  const places = [...new Set(likeliest.map(({ host, port }) => `${host}:${port}`))];
  return { urls, host: places.join(', ').replace(/:\d+$/, ''), port: likeliest.at(-1)?.port ?? 0 };
}
