//! How much memory the program uses, and when that is too much.
//!
//! Each bound has its place: `settings` for what the broker keeps, `front::backlog` for what waits for
//! clients. This is the last one, for what no single bound sees: it slows down those who publish.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Above this, clients that publish are read more slowly.
///
/// More than what is retained and what waits for slow clients may take together, so that these slow nobody.
const SHORT: usize = 192 * 1024 * 1024;

/// Above this, clients that publish are ended.
const TOO_MUCH: usize = 288 * 1024 * 1024;

/// How short memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressure {
    None,
    Some,
    TooMuch,
}

/// How short memory is now.
pub fn pressure() -> Pressure {
    pressure_at(ALLOCATOR.current_usage())
}

/// Whether there is enough for what is only a convenience.
pub fn is_ample() -> bool {
    ALLOCATOR.current_usage() < SHORT / 2
}

/// Whether so many bytes more are far from slowing anybody down.
pub fn has_room(bytes: usize) -> bool {
    ALLOCATOR.current_usage() + bytes < SHORT / 4 * 3
}

fn pressure_at(bytes: usize) -> Pressure {
    match bytes {
        0..SHORT => Pressure::None,
        SHORT..TOO_MUCH => Pressure::Some,
        TOO_MUCH.. => Pressure::TooMuch,
    }
}

#[cfg(test)]
mod tests {
    use super::{ALLOCATOR, Pressure, SHORT, TOO_MUCH, pressure_at};

    #[test]
    fn memory_is_counted() {
        let before = ALLOCATOR.current_usage();

        let some = vec![1u8; SHORT / 16];

        assert!(ALLOCATOR.current_usage() >= before + some.len() / 2);
    }

    #[test]
    fn publishing_is_slowed_before_it_is_refused() {
        assert_eq!(pressure_at(0), Pressure::None);
        assert_eq!(pressure_at(SHORT - 1), Pressure::None);
        assert_eq!(pressure_at(SHORT), Pressure::Some);
        assert_eq!(pressure_at(TOO_MUCH), Pressure::TooMuch);
    }
}
