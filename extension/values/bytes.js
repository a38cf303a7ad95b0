// @ts-check
// Bytes as texts of two hexadecimal digits each.

/** How many bytes a block turns into such a text, or back: as many as may wait to be sent. */
export const MOST_BYTES = 4 << 20;

/** What {@link digitOf} says of a space. */
const SPACE = 16;

const DIGITS = new TextEncoder().encode('0123456789abcdef');

/**
 * @param {string} hex digits, in pairs; spaces may stand between pairs
 * @returns {Uint8Array | null} `null` when it is not such a text
 */
export function bytesOf(hex) {
  const bytes = new Uint8Array(hex.length >> 1);
  let length = 0;
  let high = -1;
  for (let index = 0; index < hex.length; index++) {
    const digit = digitOf(hex.charCodeAt(index));
    if (digit === SPACE && high < 0) continue;
    if (digit < 0 || digit === SPACE) return null;
    if (high < 0) {
      high = digit;
    } else {
      bytes[length++] = high * 16 + digit;
      high = -1;
    }
  }
  return high < 0 ? bytes.slice(0, length) : null;
}

/** @param {Uint8Array} bytes @returns {string} such as `ff 00 80` */
export function hexOf(bytes) {
  const hex = new Uint8Array(Math.max(0, bytes.length * 3 - 1)).fill(0x20);
  for (let index = 0; index < bytes.length; index++) {
    const byte = Number(bytes[index]);
    hex[index * 3] = Number(DIGITS[byte >> 4]);
    hex[index * 3 + 1] = Number(DIGITS[byte & 15]);
  }
  return new TextDecoder().decode(hex);
}

/** The value of a digit; -1: it is none. @param {number} code */
function digitOf(code) {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x61 + 10;
  return isSpace(code) ? SPACE : -1;
}

/** As `\s` in a regular expression. @param {number} code */
function isSpace(code) {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return String.fromCharCode(code).trim() === '';
}
