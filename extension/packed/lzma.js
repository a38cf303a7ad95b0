// @ts-check
/**
 * Unpacks LZMA, in which the wasm travels: a sixth smaller than gzip, and this decoder is smaller
 * than one for gzip. The names are those of the LZMA specification.
 */

/** Where the probabilities of each kind of decision begin. */
const IS_MATCH = 0;
const IS_REP = 192;
const IS_REP_G0 = 204;
const IS_REP_G1 = 216;
const IS_REP_G2 = 228;
const IS_REP0_LONG = 240;
const POS_SLOT = 432;
const SPEC_POS = 688;
const ALIGN = 816;
const LEN = 832;
const REP_LEN = 1346;
const LITERAL = 1860;

/**
 * @param {Uint8Array} input A file of the format `.lzma` that says its size.
 * @returns {Uint8Array}
 */
export function unpack(input) {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const properties = view.getUint8(0);
  const lc = properties % 9;
  const lp = Math.floor(properties / 9) % 5;
  const pb = Math.floor(properties / 45);
  const output = new Uint8Array(view.getUint32(5, true));
  const probabilities = new Uint16Array(LITERAL + (0x300 << (lc + lp))).fill(1024);
  let code = view.getUint32(14);
  let range = 0xffffffff;
  let read = 18;

  /** Reads on when fewer than 24 bits of the range are left. */
  const normalize = () => {
    if (range < 0x1000000) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | /** @type {number} */ (input[read++])) >>> 0;
    }
  };

  /** @param {number} place The decision's probability, which learns from the outcome. */
  const bit = (place) => {
    const probability = /** @type {number} */ (probabilities[place]);
    const bound = (range >>> 11) * probability;
    const outcome = code < bound ? 0 : 1;
    if (outcome) {
      range -= bound;
      code -= bound;
      probabilities[place] = probability - (probability >> 5);
    } else {
      range = bound;
      probabilities[place] = probability + ((2048 - probability) >> 5);
    }
    normalize();
    return outcome;
  };

  /** @param {number} place @param {number} bits */
  const bitTree = (place, bits) => {
    let node = 1;
    for (let i = 0; i < bits; i++) node = node * 2 + bit(place + node);
    return node - (1 << bits);
  };

  /** @param {number} place @param {number} bits */
  const reverseBitTree = (place, bits) => {
    let node = 1;
    let number = 0;
    for (let i = 0; i < bits; i++) {
      const outcome = bit(place + node);
      node = node * 2 + outcome;
      number |= outcome << i;
    }
    return number;
  };

  /** @param {number} bits */
  const directBits = (bits) => {
    let number = 0;
    for (let i = 0; i < bits; i++) {
      range >>>= 1;
      const outcome = code < range ? 0 : 1;
      if (outcome) code -= range;
      normalize();
      number = number * 2 + outcome;
    }
    return number;
  };

  /** @param {number} place @param {number} posState */
  const length = (place, posState) => {
    if (!bit(place)) return 2 + bitTree(place + 2 + posState * 8, 3);
    if (!bit(place + 1)) return 10 + bitTree(place + 130 + posState * 8, 3);
    return 18 + bitTree(place + 258, 8);
  };

  /** @param {number} lengthOfMatch */
  const distance = (lengthOfMatch) => {
    const slot = bitTree(POS_SLOT + 64 * Math.min(lengthOfMatch - 2, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < 14) return base + reverseBitTree(SPEC_POS + base - slot, bits);
    return base + directBits(bits - 4) * 16 + reverseBitTree(ALIGN, 4);
  };

  let written = 0;
  let state = 0;
  /** The last four distances, less one. */
  const reps = [0, 0, 0, 0];
  /** @param {number} back */
  const before = (back) => /** @type {number} */ (output[written - back - 1]);

  const literal = () => {
    const context =
      ((written & ((1 << lp) - 1)) << lc) + (written === 0 ? 0 : before(0) >> (8 - lc));
    const place = LITERAL + 0x300 * context;
    let node = 1;
    // After a match it cannot be the byte that would have gone on with it.
    let matched = state < 7 ? 0 : before(/** @type {number} */ (reps[0]));
    let isAlike = state >= 7;
    while (node < 0x100) {
      matched <<= 1;
      const expected = (matched >> 8) & 1;
      const outcome = bit(isAlike ? place + ((1 + expected) << 8) + node : place + node);
      node = node * 2 + outcome;
      isAlike &&= outcome === expected;
    }
    output[written++] = node;
    state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  };

  /** Which of the last distances comes again. */
  const repeated = () => {
    if (!bit(IS_REP_G0 + state)) return 0;
    if (!bit(IS_REP_G1 + state)) return 1;
    return 2 + bit(IS_REP_G2 + state);
  };

  while (written < output.length) {
    const posState = written & ((1 << pb) - 1);
    if (!bit(IS_MATCH + state * 16 + posState)) {
      literal();
      continue;
    }
    let copied = 1;
    if (!bit(IS_REP + state)) {
      copied = length(LEN, posState);
      reps.unshift(distance(copied));
      reps.pop();
      state = state < 7 ? 7 : 10;
    } else {
      const index = repeated();
      if (index > 0 || bit(IS_REP0_LONG + state * 16 + posState)) {
        reps.unshift(...reps.splice(index, 1));
        copied = length(REP_LEN, posState);
        state = state < 7 ? 8 : 11;
      } else {
        state = state < 7 ? 9 : 11;
      }
    }
    for (const [back = 0] = reps; copied > 0; copied--) {
      output[written] = before(back);
      written++;
    }
  }
  return output;
}
