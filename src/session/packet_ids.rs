//! Which Packet Identifiers are free.

use crate::packet::PacketId;

const WORDS: usize = 65_536 / 64;

/// Hands out Packet Identifiers round robin: a number that was just freed comes last, so a late
/// acknowledgement never meets a new packet. One set serves PUBLISH, SUBSCRIBE and UNSUBSCRIBE.
#[derive(Clone, Debug)]
pub(super) struct PacketIds {
    used: Vec<u64>,
    last: u16,
}

impl PacketIds {
    pub(super) fn new() -> Self {
        let mut ids = Self {
            used: vec![0; WORDS],
            last: 0,
        };
        // 0 is never free. [MQTT-2.3.1-1]
        ids.mark(0, true);
        ids
    }

    /// A currently unused number [MQTT-2.3.1-2], or `None` when all 65,535 are used.
    pub(super) fn allocate(&mut self) -> Option<PacketId> {
        let mut candidate = self.last;
        for _ in 0..=u16::MAX {
            candidate = candidate.wrapping_add(1);
            if !self.is_used(candidate) {
                self.mark(candidate, true);
                self.last = candidate;
                return PacketId::new(candidate);
            }
        }
        None
    }

    /// Makes a number available again, after its last acknowledgement. [MQTT-2.3.1-3]
    pub(super) fn release(&mut self, id: PacketId) {
        self.mark(id.get(), false);
    }

    fn is_used(&self, number: u16) -> bool {
        self.used
            .get(usize::from(number / 64))
            .is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    fn mark(&mut self, number: u16, used: bool) {
        if let Some(word) = self.used.get_mut(usize::from(number / 64)) {
            let bit = 1 << (number % 64);
            *word = if used { *word | bit } else { *word & !bit };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-2.3.1-1] [MQTT-2.3.1-2]
    #[test]
    fn numbers_run_from_1_to_65535_and_wrap_without_0() {
        let mut ids = PacketIds::new();

        for expected in (1..=u16::MAX).chain(1..=10) {
            let id = ids.allocate().unwrap();
            ids.release(id);

            assert_eq!(id.get(), expected);
        }
    }

    /// [MQTT-2.3.1-2]
    #[test]
    fn number_in_use_is_skipped() {
        let mut ids = PacketIds::new();
        let kept = ids.allocate().unwrap();

        let others = (0..u16::MAX - 1)
            .map(|_| ids.allocate().unwrap())
            .collect::<Vec<_>>();

        assert!(!others.contains(&kept));
        assert_eq!(ids.allocate(), None);
    }

    #[test]
    fn freed_number_is_handed_out_last() {
        let mut ids = PacketIds::new();
        let first = ids.allocate().unwrap();
        ids.release(first);

        assert_eq!(ids.allocate().map(PacketId::get), Some(2));
    }
}
