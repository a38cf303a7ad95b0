// @ts-check
/** Messages as the client hands them over. */

/**
 * @param {string} topic
 * @param {string | number[]} [payload]
 * @param {{ qos?: 0 | 1 | 2, retain?: boolean }} [more]
 */
export const message = (topic, payload = 'x', { qos = 0, retain = false } = {}) => ({
  topic,
  payload:
    typeof payload === 'string' ? new TextEncoder().encode(payload) : new Uint8Array(payload),
  qos,
  retain,
});
