// @ts-check

/** The largest packet, in bytes: as much as the class server takes. */
export const MOST_PACKET_BYTES = 1024 * 1024;

/** How many bytes the length of a packet may have. [MQTT-2.2.3] */
const MOST_LENGTH_BYTES = 4;

/** Follows a stream of packets, to know the size of each before it is there. */
export class PacketSizes {
  /** What follows of the packet; -1: its first byte comes next, -2: its length. @private */
  rest = -1;
  /** @private */
  length = 0;
  /** How many bytes of the length came. @private */
  digits = 0;

  /** Whether all packets that begin in these bytes may be so large. @param {Uint8Array} bytes */
  accept(bytes) {
    for (let at = 0; at < bytes.length;) {
      if (this.rest > 0) {
        const part = Math.min(this.rest, bytes.length - at);
        at += part;
        this.rest -= part;
        if (this.rest === 0) this.rest = -1;
      } else {
        if (!this.acceptHeader(bytes[at] ?? 0)) return false;
        at += 1;
      }
    }
    return true;
  }

  /** @private @param {number} byte */
  acceptHeader(byte) {
    if (this.rest === -1) {
      this.rest = -2;
      this.length = 0;
      this.digits = 0;
      return true;
    }
    this.length += (byte & 0x7f) * 0x80 ** this.digits;
    this.digits += 1;
    if (byte < 0x80) this.rest = this.length || -1;
    return this.digits <= MOST_LENGTH_BYTES && this.length <= MOST_PACKET_BYTES;
  }
}
