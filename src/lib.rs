#![doc = include_str!("../docs/programmers/rust.md")]

/// The crate of the byte strings that go in and come out.
pub use bytes;

pub mod address;
#[cfg(all(target_arch = "wasm32", feature = "browser"))]
pub mod browser;
pub mod codec;
pub mod packet;
pub mod session;
pub mod text;
pub mod topic;

/// Smaller than the allocator of the standard library by 3 KB of the compressed script, and every
/// call takes the same short time.
#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
