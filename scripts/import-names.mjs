// @ts-check
/**
 * Short names for what a wasm imports. Those that wasm-bindgen makes end in a hash of 16 digits, in the
 * wasm and once more in its bindings, and no compression shortens them.
 */

const IMPORTS = 2;
const FUNCTION = 0;

/**
 * @param {Uint8Array} wasm
 * @param {string} bindings The JavaScript that gives the wasm what it imports.
 */
export function withShortImports(wasm, bindings) {
  const module = new WebAssembly.Module(new Uint8Array(wasm));
  const names = WebAssembly.Module.imports(module).map(({ name }) => name);
  // The others are those of our own modules, which are imported as they are called there.
  const made = [...new Set(names.filter((name) => name.startsWith('__wb')))];
  const short = new Map(made.map((name, index) => [name, `$${index.toString(36)}`]));
  return {
    wasm: renamed(wasm, short),
    bindings: bindings.replace(/\b__wb\w+/g, (name) => short.get(name) ?? name),
  };
}

/**
 * @param {Uint8Array} wasm
 * @param {Map<string, string>} names
 */
function renamed(wasm, names) {
  const from = new Reader(wasm, 8);
  const sections = [wasm.subarray(0, 8)];
  while (!from.isAtEnd()) {
    const id = from.byte();
    const content = from.bytes(from.number());
    sections.push(section(id, id === IMPORTS ? importsRenamed(content, names) : content));
  }
  return Buffer.concat(sections);
}

/**
 * Each import is the name of a module, its name there, and what it is.
 *
 * @param {Uint8Array} content
 * @param {Map<string, string>} names
 */
function importsRenamed(content, names) {
  const from = new Reader(content, 0);
  const count = from.number();
  const parts = [number(count)];
  for (let index = 0; index < count; index++) {
    const module = from.text();
    const name = from.text();
    if (from.byte() !== FUNCTION) throw new Error(`${name} is no function`);
    const type = number(from.number());
    parts.push(text(module), text(names.get(name) ?? name), Buffer.of(FUNCTION), type);
  }
  return Buffer.concat(parts);
}

/** Reads the binary format of WebAssembly. */
class Reader {
  /** @param {Uint8Array} wasm @param {number} at */
  constructor(wasm, at) {
    this.wasm = wasm;
    this.at = at;
  }

  isAtEnd() {
    return this.at >= this.wasm.length;
  }

  byte() {
    const [byte] = this.bytes(1);
    if (byte === undefined) throw new Error('the wasm ends too early');
    return byte;
  }

  /** @param {number} length */
  bytes(length) {
    this.at += length;
    return this.wasm.subarray(this.at - length, this.at);
  }

  text() {
    return Buffer.from(this.bytes(this.number())).toString();
  }

  /** LEB128. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}

/** @param {number} id @param {Uint8Array} content */
function section(id, content) {
  return Buffer.concat([Buffer.of(id), number(content.length), content]);
}

/** @param {string} value */
function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** LEB128. @param {number} value */
function number(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
