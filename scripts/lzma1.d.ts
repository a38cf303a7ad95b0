/** What is used of lzma1: its own types are its sources, which do not pass our checks. */
export function compress(bytes: Uint8Array, level: number): Uint8Array<ArrayBuffer>;
