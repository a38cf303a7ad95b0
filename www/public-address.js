// @ts-check
/** Addresses of our extensions that others reach, and projects that hold them as TurboWarp writes it. */

/** Names that mean something in one building only. (RFC 6762, 6761, 8375 and what routers give) */
const NEAR =
  /^(localhost|local|lan|home|intranet|internal|private|corp|localdomain|arpa|test|invalid)$/;

/** An address of a computer and no name: nobody has a certificate for it, or only its own network does. */
const NUMBERS = /^\[|^[\d.]+$/;

/** Whether everybody can load a script from there, also tomorrow. @param {URL} address */
export function isPublic({ protocol, hostname, username, password }) {
  const labels = hostname.replace(/\.$/, '').split('.');
  const isNear = labels.length < 2 || NEAR.test(labels.at(-1) ?? '') || NUMBERS.test(hostname);
  return protocol === 'https:' && !isNear && username + password === '';
}

/**
 * @param {Iterable<[string, string]>} files the scripts of extensions, by id
 * @param {string | URL} site where they are
 * @returns {Record<string, string>} the address of each, if it is public
 */
export function publicAddresses(files, site) {
  const all = [...files].map(([id, file]) => [id, new URL(file, site)]);
  const reached = all.filter(([, address]) => address instanceof URL && isPublic(address));
  return Object.fromEntries(reached.map(([id, address]) => [id, String(address)]));
}

/**
 * A saved project that says where its extensions are, so that TurboWarp and its kin load them. One sprite has none.
 *
 * @param {string} project as JSON
 * @param {Record<string, string>} addresses
 */
export function withAddresses(project, addresses) {
  const json = JSON.parse(project);
  const used = Object.entries(addresses).filter(([id]) => json.extensions?.includes(id));
  if (used.length === 0) return project;
  return JSON.stringify({
    ...json,
    extensionURLs: { ...json.extensionURLs, ...Object.fromEntries(used) },
  });
}

/** @param {any} vm whose projects hold them from now on @param {Record<string, string>} addresses */
export function recordAddresses(vm, addresses) {
  if (Object.keys(addresses).length === 0) return;
  const official = vm.toJSON.bind(vm);
  /** @param {unknown[]} what */
  vm.toJSON = (...what) => withAddresses(official(...what), addresses);
}
