//! A number for a text: the one map that the session needs.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Numbers by text.
///
/// One type for all uses: each further one, or a `BTreeMap` in its place, would add kilobytes to
/// the wasm.
pub(crate) type TextMap = HashMap<Arc<str>, u32, BuildHasherDefault<Fnv>>;

/// FNV-1a. All keys are the program's own, so nobody can choose them to collide.
#[derive(Clone, Debug)]
pub(crate) struct Fnv(u32);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    fn finish(&self) -> u64 {
        // The map takes seven bits from the top and the place from the bottom.
        u64::from(self.0) << 32 | u64::from(self.0 ^ self.0 >> 15)
    }
}
