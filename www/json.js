// @ts-check

/**
 * What a server has at an address as JSON.
 *
 * @param {string | URL} address
 * @returns {Promise<any>} `undefined` where there is none
 */
export async function jsonAt(address) {
  const response = await fetch(address).catch(() => undefined);
  return response?.ok === true ? response.json() : undefined;
}
