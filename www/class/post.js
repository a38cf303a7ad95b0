// @ts-check

/**
 * Asks the server to do something.
 *
 * @param {string} path
 * @param {string | Blob} [body]
 * @returns {Promise<Response | undefined>} `undefined` when it does not answer
 */
export function post(path, body) {
  const said = body === undefined ? {} : { body };
  return fetch(path, { method: 'POST', ...said }).catch(() => undefined);
}
