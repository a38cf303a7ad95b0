// @ts-check
/**
 * Archives (`.zip`), as strangers give them. What an archive says of itself is compared with what is
 * there before anything is unpacked, and it is unpacked only to be counted: the new archive takes the
 * packed bytes over.
 */
import { Inflate, deflateSync, strFromU8, strToU8 } from 'fflate';
import { CannotConvert } from './problem.js';

/** The most bytes of a file, packed and unpacked: a phone has to hold them several times. */
export const MOST_BYTES = 100_000_000;

/** The most files in an archive: the largest projects have some thousand pictures and sounds. */
export const MOST_FILES = 10_000;

/** So much is unpacked before it is counted: no more than sixteen megabytes come out of it. */
const PORTION = 16_384;

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const UTF_8 = 0x800;

/** Characters that no name of a file in a project has: those that lead elsewhere or are not seen. */
const STRANGE = /[\\:\p{Cc}]|^\/|(?:^|\/)\.{0,2}(?:\/|$)/u;

/**
 * A file of an archive.
 *
 * @typedef {object} Entry
 * @property {string} name
 * @property {number} method
 * @property {Uint8Array} time date and time, as they stand in the archive
 * @property {number} crc
 * @property {number} size unpacked
 * @property {Uint8Array} packed
 */

/**
 * The files of an archive, each with a name of its own that stays inside.
 *
 * @param {Uint8Array} bytes
 * @returns {Map<string, Entry>}
 * @throws {CannotConvert}
 */
export function readArchive(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = findDirectory(view);
  if (directory.count > MOST_FILES) throw new CannotConvert('too-large');
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  /** @type {{ start: number, end: number }[]} */
  const places = [];
  let at = directory.start;
  let total = 0;
  for (let index = 0; index < directory.count; index++) {
    const { entry, place, next } = readEntry(bytes, view, at, directory.start);
    at = next;
    places.push(place);
    total += entry.size;
    if (total > MOST_BYTES) throw new CannotConvert('too-large');
    if (STRANGE.test(entry.name)) continue;
    if (entries.has(entry.name)) throw new CannotConvert('broken');
    entries.set(entry.name, entry);
  }
  refuseOverlaps(places);
  for (const entry of entries.values()) if (entry.name !== 'project.json') unpack(entry, () => {});
  return entries;
}

/**
 * The text in a file.
 *
 * @param {Entry} entry
 */
export function textOf(entry) {
  const bytes = new Uint8Array(entry.size);
  let length = 0;
  unpack(entry, (portion) => {
    bytes.set(portion, length);
    length += portion.length;
  });
  return strFromU8(bytes);
}

/**
 * A file with a text.
 *
 * @param {Entry} like what stood in its place
 * @param {string} text
 * @returns {Entry}
 */
export function entryWith(like, text) {
  const bytes = strToU8(text);
  const packed = deflateSync(bytes);
  return { ...like, method: DEFLATED, crc: crc32(bytes), size: bytes.length, packed };
}

/**
 * @param {Iterable<Entry>} entries
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeArchive(entries) {
  const files = [...entries].map((entry) => ({ entry, name: strToU8(entry.name) }));
  const bytes = new Uint8Array(
    files.reduce((all, { entry, name }) => all + 76 + 2 * name.length + entry.packed.length, 22),
  );
  const view = new DataView(bytes.buffer);
  let at = 0;
  /** @type {number[]} */
  const places = files.map(({ entry, name }) => {
    const place = at;
    view.setUint32(at, 0x04034b50, true);
    writeFields(bytes, view, at + 4, entry, name);
    bytes.set(name, at + 30);
    bytes.set(entry.packed, at + 30 + name.length);
    at += 30 + name.length + entry.packed.length;
    return place;
  });
  const start = at;
  for (const [index, { entry, name }] of files.entries()) {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, 20, true);
    writeFields(bytes, view, at + 6, entry, name);
    view.setUint32(at + 42, Number(places[index]), true);
    bytes.set(name, at + 46);
    at += 46 + name.length;
  }
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, files.length, true);
  view.setUint16(at + 10, files.length, true);
  view.setUint32(at + 12, at - start, true);
  view.setUint32(at + 16, start, true);
  return bytes;
}

/**
 * What stands both before a file and in the directory.
 *
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {number} at
 * @param {Entry} entry
 * @param {Uint8Array} name
 */
function writeFields(bytes, view, at, entry, name) {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, UTF_8, true);
  view.setUint16(at + 4, entry.method, true);
  bytes.set(entry.time, at + 6);
  view.setUint32(at + 10, entry.crc, true);
  view.setUint32(at + 14, entry.packed.length, true);
  view.setUint32(at + 18, entry.size, true);
  view.setUint16(at + 22, name.length, true);
}

/** Where the directory begins, from the record at the end. @param {DataView} view */
function findDirectory(view) {
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    // What follows is a comment, and nothing else.
    if (at + 22 + view.getUint16(at + 20, true) !== view.byteLength) continue;
    const count = view.getUint16(at + 10, true);
    const start = view.getUint32(at + 16, true);
    const isOfOneDisk = view.getUint16(at + 8, true) === count;
    if (!isOfOneDisk || start + view.getUint32(at + 12, true) > at) break;
    return { count, start };
  }
  throw new CannotConvert('broken');
}

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {number} at where it stands in the directory
 * @param {number} end of all files
 */
function readEntry(bytes, view, at, end) {
  expect(view, at, 0x02014b50);
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const size = view.getUint32(at + 24, true);
  const packedSize = view.getUint32(at + 20, true);
  const start = view.getUint32(at + 42, true);
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  expect(view, start, 0x04034b50);
  const from = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
  const isKnown = method === DEFLATED || (method === STORED && size === packedSize);
  if (flags & ENCRYPTED || !isKnown || from + packedSize > end) throw new CannotConvert('broken');
  const name = strFromU8(bytes.subarray(at + 46, nameEnd), !(flags & UTF_8));
  return {
    entry: {
      name,
      method,
      time: bytes.slice(at + 12, at + 16),
      crc: view.getUint32(at + 16, true),
      size,
      packed: bytes.subarray(from, from + packedSize),
    },
    place: { start, end: from + packedSize },
    next: nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true),
  };
}

/** @param {DataView} view @param {number} at @param {number} signature */
function expect(view, at, signature) {
  if (view.getUint32(at, true) !== signature) throw new CannotConvert('broken');
}

/** Files that share bytes unpack to thousands of times what they are. @param {{ start: number, end: number }[]} places */
function refuseOverlaps(places) {
  places.sort((one, other) => one.start - other.start);
  let end = 0;
  for (const place of places) {
    if (place.start < end) throw new CannotConvert('broken');
    end = place.end;
  }
}

/**
 * Unpacks a file as far as it is as long as it says.
 *
 * @param {Entry} entry
 * @param {(portion: Uint8Array) => void} take
 */
function unpack({ method, packed, size }, take) {
  if (method === STORED) return take(packed);
  let length = 0;
  const inflate = new Inflate((portion) => {
    length += portion.length;
    if (length > size) throw new CannotConvert('broken');
    take(portion);
  });
  for (let at = 0; at < packed.length; at += PORTION) {
    inflate.push(packed.subarray(at, at + PORTION), at + PORTION >= packed.length);
  }
  if (length !== size) throw new CannotConvert('broken');
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) crc = Number(CRC_TABLE[(crc ^ byte) & 0xff]) ^ (crc >>> 8);
  return ~crc >>> 0;
}
