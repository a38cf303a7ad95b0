// @ts-check
// Bytes as texts of two hexadecimal digits each.

/**
 * @param {string} hex digits, in pairs; spaces may stand between pairs
 * @returns {Uint8Array | null} `null` when it is not such a text
 */
export function bytesOf(hex) {
  if (!/^\s*(?:[\da-f]{2}\s*)*$/i.test(hex)) return null;
  const digits = hex.replace(/\s/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/** @param {Uint8Array} bytes @returns {string} such as `ff 00 80` */
export const hexOf = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
