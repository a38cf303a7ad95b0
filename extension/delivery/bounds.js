// @ts-check

/** How many bytes wait for one script, or for all hats of a sandbox; one message always may. */
export const QUEUE_BYTES = 16 << 20;

/** @param {readonly import('./messages.js').ReceivedMessage[]} waiting */
export function hasTooManyBytes(waiting) {
  let bytes = 0;
  for (const { byteLength } of waiting) bytes += byteLength;
  return waiting.length > 1 && bytes > QUEUE_BYTES;
}
