//! Which Packet Identifiers are free.

use crate::packet::PacketId;

const WORDS: usize = 65_536 / 64;

/// A set of Packet Identifiers, a bit for each.
#[derive(Clone, Debug, Default)]
pub(crate) struct PacketIdSet {
    bits: Vec<u64>,
    len: usize,
}

impl PacketIdSet {
    /// Adds a number; `false` if it was there.
    pub(crate) fn insert(&mut self, id: PacketId) -> bool {
        let is_new = !self.contains(id);
        self.bits.resize(WORDS, 0);
        if let Some(word) = self.bits.get_mut(usize::from(id.get() / 64)) {
            *word |= bit(id);
        }
        self.len += usize::from(is_new);
        is_new
    }

    /// Removes a number; `false` if it was not there.
    pub(crate) fn remove(&mut self, id: PacketId) -> bool {
        let was_there = self.contains(id);
        if let Some(word) = self.bits.get_mut(usize::from(id.get() / 64)) {
            *word &= !bit(id);
        }
        self.len -= usize::from(was_there);
        was_there
    }

    pub(crate) fn clear(&mut self) {
        self.bits.clear();
        self.len = 0;
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = PacketId> {
        let numbers = if self.len == 0 { 0..0 } else { 0..u16::MAX };
        numbers
            .filter_map(|number| PacketId::new(number + 1))
            .filter(|id| self.contains(*id))
    }

    fn contains(&self, id: PacketId) -> bool {
        let word = self.bits.get(usize::from(id.get() / 64));
        word.is_some_and(|word| word & bit(id) != 0)
    }
}

const fn bit(id: PacketId) -> u64 {
    1 << (id.get() % 64)
}

/// Hands out Packet Identifiers round robin: a number that was just freed comes last, so a late
/// acknowledgement never meets a new packet. One set serves PUBLISH, SUBSCRIBE and UNSUBSCRIBE.
#[derive(Clone, Debug, Default)]
pub(crate) struct PacketIds {
    used: PacketIdSet,
    last: u16,
}

impl PacketIds {
    /// A currently unused number [MQTT-2.3.1-2], or `None` when all 65,535 are used.
    pub(crate) fn allocate(&mut self) -> Option<PacketId> {
        let mut candidate = self.last;
        for _ in 0..=u16::MAX {
            candidate = candidate.wrapping_add(1);
            // 0 is no Packet Identifier. [MQTT-2.3.1-1]
            let Some(id) = PacketId::new(candidate) else {
                continue;
            };
            if self.used.insert(id) {
                self.last = candidate;
                return Some(id);
            }
        }
        None
    }

    /// Whether none was ever handed out.
    pub(crate) const fn are_fresh(&self) -> bool {
        self.last == 0
    }

    /// Takes the number of a message that was sent by an earlier page.
    pub(crate) fn take(&mut self, id: PacketId) {
        self.used.insert(id);
    }

    /// This number was handed out last.
    pub(crate) const fn go_on_from(&mut self, last: u16) {
        self.last = last;
    }

    /// Makes a number available again, after its last acknowledgement. [MQTT-2.3.1-3]
    pub(crate) fn release(&mut self, id: PacketId) {
        self.used.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-2.3.1-1] [MQTT-2.3.1-2]
    #[test]
    fn numbers_run_from_1_to_65535_and_wrap_without_0() {
        let mut ids = PacketIds::default();

        for expected in (1..=u16::MAX).chain(1..=10) {
            let id = ids.allocate().unwrap();
            ids.release(id);

            assert_eq!(id.get(), expected);
        }
    }

    /// [MQTT-2.3.1-2]
    #[test]
    fn number_in_use_is_skipped() {
        let mut ids = PacketIds::default();
        let kept = ids.allocate().unwrap();

        let others = (0..u16::MAX - 1)
            .map(|_| ids.allocate().unwrap())
            .collect::<Vec<_>>();

        assert!(!others.contains(&kept));
        assert_eq!(ids.allocate(), None);
    }

    #[test]
    fn freed_number_is_handed_out_last() {
        let mut ids = PacketIds::default();
        let first = ids.allocate().unwrap();
        ids.release(first);

        assert_eq!(ids.allocate().map(PacketId::get), Some(2));
    }
}
