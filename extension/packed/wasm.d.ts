/** The file's bytes, compressed with LZMA: what the build makes of an imported `.wasm`. */
declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}
