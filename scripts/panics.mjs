// @ts-check
/**
 * Takes out of a wasm what only serves the texts of panics. A panic of wasm ends in a trap and says
 * nobody its text; the compiler of stable Rust nevertheless keeps texts, places in sources, and all
 * that formats them: a tenth of the file.
 *
 * * A function that cannot return, and that calls nothing outside of the wasm, traps at once.
 * * What formats traps as well, if after that nothing else calls it.
 * * Places in sources (`core::panic::Location`) and their paths become zeros, which compress away.
 */
import binaryen from 'binaryen';

/** A path in sources, as the compiler and our build write it. */
const PATH =
  /(?:\/rustc\/[0-9a-f]{40}\/library|\/rust\/deps|rustup|cargo\/registry|src)\/[\w./-]+?\.rs/g;

/** What the compiler uses, and every browser of a school knows. */
const { Features } = binaryen;
const FEATURES = [
  Features.BulkMemory,
  Features.Multivalue,
  Features.MutableGlobals,
  Features.NontrappingFPToInt,
  Features.ReferenceTypes,
  Features.SignExt,
].reduce((all, one) => all | one);

const FORMATTING =
  /^(?:.* as )?core(?:\[\w+\])?::fmt::|^<core(?:\[\w+\])?::fmt::|FormatStringPayload/;

/**
 * @param {Uint8Array} bytes With names.
 * @returns {{ bytes: Uint8Array, trapping: string[] }} What traps, by name.
 */
export function withoutPanicTexts(bytes) {
  const module = binaryen.readBinary(withoutLocations(bytes));
  try {
    module.setFeatures(FEATURES);
    const functions = read(module.emitText());
    const trapping = [...neverReturning(module, functions)];
    for (const name of trapping) trap(module, functions, name);
    if (!formats(module, functions)) {
      for (const name of functions.keys()) {
        if (!FORMATTING.test(name)) continue;
        trap(module, functions, name);
        trapping.push(name);
      }
    }
    binaryen.setDebugInfo(true);
    return { bytes: module.emitBinary(), trapping };
  } finally {
    module.dispose();
  }
}

/** @typedef {ReturnType<typeof binaryen.readBinary>} WasmModule */
/** @typedef {{ setBody(of: number, body: number): void }} FunctionClass */

/**
 * @typedef {object} Calls
 * @property {Set<string>} calls
 * @property {boolean} isImported
 * @property {boolean} returns It has a `return`; it may also return at its end.
 */

/**
 * Reads every function of the text format, one instruction a line.
 *
 * @param {string} text
 */
function read(text) {
  /** @type {Map<string, Calls>} */
  const functions = new Map();
  /** @type {Calls | undefined} */
  let current;
  for (const line of text.split('\n')) {
    const start = /^ \((import .*\()?func \$("(?:[^"\\]|\\.)*"|[^\s()]+)/.exec(line);
    if (start !== null) {
      current = { calls: new Set(), isImported: start[1] !== undefined, returns: false };
      functions.set(unquoted(start[2]), current);
    }
    const called = /\((?:return_)?call \$("(?:[^"\\]|\\.)*"|[^\s()]+)/.exec(line)?.[1];
    if (called !== undefined) current?.calls.add(unquoted(called));
    if (current !== undefined && /\(return(?:_call(?:_indirect)?)?\b/.test(line))
      current.returns = true;
  }
  return functions;
}

/** @param {string} [name] */
function unquoted(name = '') {
  return name.startsWith('"') ? String(JSON.parse(name)) : name;
}

/**
 * @param {WasmModule} module
 * @param {Map<string, Calls>} functions
 */
function neverReturning(module, functions) {
  const names = [...functions.keys()];
  const imports = names.filter((name) => functions.get(name)?.isImported);
  const speaking = closure(imports, (name) =>
    names.filter((other) => functions.get(other)?.calls.has(name)),
  );
  return names.filter((name) => {
    if (speaking.has(name) || functions.get(name)?.returns) return false;
    const { body } = binaryen.getFunctionInfo(module.getFunction(name));
    return binaryen.getExpressionType(body) === binaryen.unreachable;
  });
}

/**
 * Whether anything but formatting formats. Functions that are called by their number in the table
 * count as called.
 *
 * @param {WasmModule} module
 * @param {Map<string, Calls>} functions
 */
function formats(module, functions) {
  const exported = Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  );
  const tabled = Array.from({ length: module.getNumElementSegments() }, (_, index) =>
    binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(index)),
  );
  const roots = [
    ...exported.map(({ value }) => value),
    ...tabled.flatMap((segment) => segment.data).filter((name) => !FORMATTING.test(name)),
  ];
  const called = closure(roots, (name) => [...(functions.get(name)?.calls ?? [])]);
  return [...called].some((name) => FORMATTING.test(name));
}

/**
 * @param {string[]} roots
 * @param {(name: string) => string[]} next
 */
function closure(roots, next) {
  const found = new Set(roots);
  // What is added while a set is walked is walked too.
  for (const name of found) for (const other of next(name)) found.add(other);
  return found;
}

/**
 * @param {WasmModule} module
 * @param {Map<string, Calls>} functions
 * @param {string} name
 */
function trap(module, functions, name) {
  // Its types leave this out.
  const { Function } = /** @type {{ Function: FunctionClass }} */ (
    /** @type {unknown} */ (binaryen)
  );
  Function.setBody(module.getFunction(name), module.unreachable());
  functions.get(name)?.calls.clear();
}

/**
 * Each place is four numbers: address and length of the path, line, column.
 *
 * @param {Uint8Array} bytes
 */
function withoutLocations(bytes) {
  const wasm = Buffer.from(bytes);
  for (const { address, start, end } of dataSegments(wasm)) {
    const data = wasm.subarray(start, end);
    for (const { 0: path, index } of data.toString('latin1').matchAll(PATH)) {
      const place = Buffer.alloc(8);
      place.writeUInt32LE(address + index);
      place.writeUInt32LE(path.length, 4);
      let found = wasm.indexOf(place);
      if (found < 0) continue;
      for (; found >= 0; found = wasm.indexOf(place, found)) wasm.fill(0, found, found + 16);
      data.fill(0, index, index + path.length);
    }
  }
  return wasm;
}

/**
 * The parts of the memory that the file fills, with their address there.
 *
 * @param {Buffer} wasm
 */
function* dataSegments(wasm) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm.readUInt8(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < wasm.length) {
    const id = number();
    const end = number() + at;
    if (id === DATA_SECTION) {
      for (let count = number(); count > 0; count--) {
        // Active, in memory 0, at `i32.const address; end`.
        if (number() !== 0 || number() !== 0x41) throw new Error('a data segment of another kind');
        const address = number();
        at++;
        const length = number();
        yield { address, start: at, end: at + length };
        at += length;
      }
    }
    at = end;
  }
}

const DATA_SECTION = 11;
