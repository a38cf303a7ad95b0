//! What a client publishes while the broker must not have it. All other packets go on, so that nobody loses
//! the connection and everything that was acknowledged before comes to its end.
//!
//! It is held in order, within bounds in bytes. Beyond the first, what may be lost is lost (QoS 0); beyond the
//! second the client is not read any more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::class::{VERSION_5, sets_alias};
use crate::front::packets::{FixedHeader, HEAD_BYTES, Header};

/// Bytes that are held of one client before its messages of QoS 0 are dropped.
pub const MOST_OF_ONE: usize = 64 * 1024;

/// Bytes that are held of one client before it is not read any more.
pub const FULL: usize = 4 * MOST_OF_ONE;

/// Bytes that are held of all clients before those that have much meet their bounds sooner.
pub const MOST_OF_ALL: usize = 32 * 1024 * 1024;

/// What a client may have held in any case.
const LITTLE: usize = 8 * 1024;

/// What a packet takes beside its bytes, about.
const OVERHEAD: usize = 64;

/// [MQTT-3.14]
const DISCONNECT: u8 = 0xe0;

/// How much is released at once.
const BATCH_BYTES: usize = 16 * 1024;

/// The packets of one client on their way to the broker.
pub struct Hold {
    /// The beginning of a packet, until it is clear where it goes.
    begun: Vec<u8>,
    /// Where the current packet goes, and how many of its bytes are to come.
    goes: Goes,
    ahead: usize,
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    all: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    On,
    Held,
    Nowhere,
}

/// What became of some bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What goes to the broker now.
    pub passed: Vec<u8>,
    /// How many messages are lost.
    pub dropped: u64,
    /// Whether something began to be held, or was dropped.
    pub has_held: bool,
}

impl Hold {
    /// `all` counts the bytes that are held of all clients.
    pub fn new(all: Arc<AtomicUsize>) -> Self {
        Self {
            begun: Vec::new(),
            goes: Goes::On,
            ahead: 0,
            waiting: VecDeque::new(),
            bytes: 0,
            all,
        }
    }

    /// Takes bytes of well-formed packets. `may_pass` is asked for each PUBLISH that nothing is held before.
    pub fn take(
        &mut self,
        bytes: &[u8],
        version: Option<u8>,
        mut may_pass: impl FnMut() -> bool,
    ) -> Taken {
        let mut taken = Taken::default();
        let mut rest = bytes;
        loop {
            let (piece, after) = rest.split_at(self.ahead.min(rest.len()));
            self.add(piece, &mut taken);
            let Some((&byte, after)) = after.split_first() else {
                return taken;
            };
            rest = after;
            self.begun.push(byte);
            let Header::Whole(header) = Header::read(&self.begun) else {
                continue;
            };
            let Some(goes) = self.where_to(header, version, &mut may_pass) else {
                continue;
            };
            let begun = std::mem::take(&mut self.begun);
            self.goes = goes;
            self.ahead = header.whole();
            match goes {
                Goes::On => {}
                Goes::Held => {
                    self.waiting.push_back(Vec::new());
                    self.count(|held| held + OVERHEAD);
                }
                Goes::Nowhere => taken.dropped += 1,
            }
            taken.has_held |= goes != Goes::On;
            self.add(&begun, &mut taken);
        }
    }

    /// Some of what is held, in order; only whole packets. `may_pass` is asked for each PUBLISH.
    pub fn release(&mut self, mut may_pass: impl FnMut() -> bool) -> Vec<u8> {
        let mut released = Vec::new();
        while self.can_release()
            && released.len() < BATCH_BYTES
            && (self.next_leaves() || may_pass())
            && let Some(packet) = self.waiting.pop_front()
        {
            self.count(|held| held - packet.len() - OVERHEAD);
            released.extend_from_slice(&packet);
        }
        released
    }

    /// The DISCONNECT that is held, if the broker can have it now; all that was held before it is lost.
    pub fn take_disconnect(&mut self) -> Option<Vec<u8>> {
        let is_last = |packet: &Vec<u8>| packet.first() == Some(&DISCONNECT);
        let is_whole = self.can_release() && self.ahead == 0;
        if !is_whole || !self.waiting.back().is_some_and(is_last) {
            return None;
        }
        let disconnect = self.waiting.pop_back();
        self.waiting.clear();
        self.count(|_| 0);
        disconnect
    }

    /// Whether a whole packet is held, and may be released now.
    pub fn can_release(&self) -> bool {
        let last_is_part = self.goes == Goes::Held && self.ahead > 0;
        self.is_between_packets() && self.waiting.len() > usize::from(last_is_part)
    }

    /// Whether the broker has whole packets only.
    pub fn is_between_packets(&self) -> bool {
        self.goes != Goes::On || self.ahead == 0
    }

    /// Whether the client should not be read. Never before something can be released: it would last for ever.
    pub fn is_full(&self) -> bool {
        self.can_release() && self.is_beyond(FULL)
    }

    fn next_leaves(&self) -> bool {
        self.waiting
            .front()
            .is_some_and(|next| next.first() == Some(&DISCONNECT))
    }

    /// `None`: more of the packet has to be seen.
    fn where_to(
        &self,
        header: FixedHeader,
        version: Option<u8>,
        may_pass: &mut impl FnMut() -> bool,
    ) -> Option<Goes> {
        let is_held = !self.waiting.is_empty();
        if header.is_disconnect() && is_held {
            // What was published before it would be lost.
            return Some(Goes::Held);
        }
        // Whoever has begun a packet of which more has to be seen was not let pass.
        let has_asked = self.begun.len() > header.length();
        if !header.is_publish() || !(is_held || has_asked) && may_pass() {
            return Some(Goes::On);
        }
        if !header.is_at_most_once() || !self.is_beyond(MOST_OF_ONE) {
            return Some(Goes::Held);
        }
        if version != Some(VERSION_5) {
            return Some(Goes::Nowhere);
        }
        let head = self.begun.get(header.length()..).unwrap_or_default();
        if head.len() < header.remaining.min(HEAD_BYTES) {
            return None;
        }
        // Later messages may have no other topic. [MQTT5-3.3.2-8]
        match sets_alias(head) {
            Some(false) => Some(Goes::Nowhere),
            Some(true) | None => Some(Goes::Held),
        }
    }

    fn is_beyond(&self, most: usize) -> bool {
        self.bytes > most || self.bytes > LITTLE && self.all.load(Ordering::Relaxed) > MOST_OF_ALL
    }

    /// Bytes of the current packet.
    fn add(&mut self, piece: &[u8], taken: &mut Taken) {
        self.ahead -= piece.len();
        match (self.goes, self.waiting.back_mut()) {
            (Goes::On, _) => taken.passed.extend_from_slice(piece),
            (Goes::Held, Some(packet)) => {
                packet.extend_from_slice(piece);
                self.count(|held| held + piece.len());
            }
            (Goes::Held, None) | (Goes::Nowhere, _) => {}
        }
    }

    fn count(&mut self, change: impl Fn(usize) -> usize) {
        let before = self.bytes;
        self.bytes = change(before);
        self.all
            .fetch_add(self.bytes.wrapping_sub(before), Ordering::Relaxed);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{FULL, Hold, MOST_OF_ALL, MOST_OF_ONE};

    const CONNECT: &[u8] = b"\x10\x0e\0\x04MQTT\x05\x02\0\x3c\0\0\x01a";
    const PINGREQ: &[u8] = b"\xc0\0";
    const SUBSCRIBE: &[u8] = b"\x82\x06\0\x01\0\x01f\0";
    const PUBREL: &[u8] = b"\x62\x02\0\x05";
    const DISCONNECT: &[u8] = b"\xe0\0";

    fn hold() -> Hold {
        Hold::new(Arc::default())
    }

    fn publish(first: u8, text: &str) -> Vec<u8> {
        let size = u8::try_from(text.len()).unwrap();
        [&[first, size + 3, 0, 1, b't'], text.as_bytes()].concat()
    }

    fn large(first: u8, size: usize) -> Vec<u8> {
        let length = size + 3;
        let [low, middle, high] = [0, 7, 14].map(|shift| (length >> shift & 0x7f) as u8);
        let head = [first, low | 0x80, middle | 0x80, high, 0, 1, b't'];
        [&head[..], &vec![7; size]].concat()
    }

    fn released(hold: &mut Hold) -> Vec<u8> {
        let mut all = Vec::new();
        while hold.can_release() {
            all.extend(hold.release(|| true));
        }
        all
    }

    #[test]
    fn only_publish_is_held_and_comes_out_in_order_however_the_bytes_are_cut() {
        let (first, second) = (publish(0x30, "one"), publish(0x34, "two"));
        let long = large(0x32, 300);
        let stream = [
            CONNECT, &first, PINGREQ, &second, SUBSCRIBE, &long, PUBREL, PINGREQ,
        ]
        .concat();
        for size in 1..stream.len() {
            let mut hold = hold();
            let mut passed = Vec::new();

            for piece in stream.chunks(size) {
                passed.extend(hold.take(piece, Some(5), || false).passed);
            }

            let expected = [CONNECT, PINGREQ, SUBSCRIBE, PUBREL, PINGREQ].concat();
            assert_eq!(passed, expected, "{size}");
            let expected = [&first[..], &second, &long].concat();
            assert_eq!(released(&mut hold), expected, "{size}");
        }
    }

    #[test]
    fn a_pause_that_begins_and_ends_at_any_byte_loses_nothing_and_keeps_the_order() {
        let messages: Vec<_> = (0..6)
            .map(|number| publish(0x32, &number.to_string()))
            .collect();
        let stream = [&messages.concat()[..], DISCONNECT].concat();
        for begin in 0..stream.len() {
            for end in begin..stream.len() {
                let (mut hold, mut all) = (hold(), Vec::new());

                all.extend(hold.take(&stream[..begin], Some(4), || true).passed);
                all.extend(hold.take(&stream[begin..end], Some(4), || false).passed);
                all.extend(released(&mut hold));
                all.extend(hold.take(&stream[end..], Some(4), || true).passed);
                all.extend(released(&mut hold));

                assert_eq!(all, stream, "{begin} {end}");
            }
        }
    }

    #[test]
    fn nothing_is_released_into_the_middle_of_a_packet() {
        let mut hold = hold();
        let message = publish(0x30, "held");
        hold.take(&message, Some(4), || false);

        hold.take(&SUBSCRIBE[..5], Some(4), || false);
        assert!(!hold.can_release() && !hold.is_between_packets());
        assert!(hold.release(|| true).is_empty());

        hold.take(&SUBSCRIBE[5..], Some(4), || false);
        assert_eq!(hold.release(|| true), message);
    }

    #[test]
    fn who_leaves_does_so_after_what_is_held() {
        let mut hold = hold();
        let message = publish(0x30, "last");

        let taken = hold.take(&[&message[..], DISCONNECT].concat(), Some(4), || false);

        assert!(taken.passed.is_empty());
        assert_eq!(hold.release(|| true), [&message[..], DISCONNECT].concat());
    }

    #[test]
    fn who_leaves_can_do_so_before_what_is_held() {
        let all = Arc::default();
        let mut hold = Hold::new(Arc::clone(&all));
        let message = publish(0x32, "lost");
        hold.take(&message, Some(5), || false);
        assert_eq!(hold.take_disconnect(), None);
        let with_will = b"\xe0\x01\x04";

        hold.take(&with_will[..2], Some(5), || false);
        assert_eq!(hold.take_disconnect(), None);
        hold.take(&with_will[2..], Some(5), || false);

        assert_eq!(hold.take_disconnect().as_deref(), Some(&with_will[..]));
        assert!(!hold.can_release());
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_may_be_lost_is_lost_beyond_the_bound_and_the_rest_is_not_read() {
        let mut hold = hold();
        let mut dropped = 0;
        for _ in 0..200 {
            dropped += hold.take(&large(0x30, 1000), Some(4), || false).dropped;
            assert!(!hold.is_full());
        }
        assert!(hold.bytes <= MOST_OF_ONE + 1100);
        assert_eq!(dropped, 200 - released(&mut hold).len() as u64 / 1007);

        while !hold.is_full() {
            let taken = hold.take(&large(0x32, 1000), Some(4), || false);
            assert_eq!(taken.dropped, 0);
        }
        assert!(hold.bytes <= FULL + 1100);
    }

    #[test]
    fn a_large_message_is_held_whole() {
        let mut hold = hold();
        let message = large(0x32, 1_000_000);
        for piece in message.chunks(10_000) {
            assert!(!hold.is_full());
            hold.take(piece, Some(4), || false);
        }

        assert!(hold.is_full());
        assert_eq!(released(&mut hold), message);
    }

    #[test]
    fn a_message_that_gives_a_topic_a_number_is_not_lost() {
        let alias = b"\x23\0\x03";
        let names = [&b"\x30\x08\0\x01t\x03"[..], alias, b"x"].concat();
        let uses = [&b"\x30\x07\0\0\x03"[..], alias, b"y"].concat();
        for size in [1, 3, 100] {
            let mut hold = hold();
            hold.take(&large(0x32, MOST_OF_ONE), Some(5), || false);
            let before = hold.bytes;
            let mut dropped = 0;

            for piece in [&names[..], &uses].concat().chunks(size) {
                dropped += hold.take(piece, Some(5), || false).dropped;
            }

            assert_eq!(dropped, 1);
            assert!(hold.bytes > before);
            assert!(released(&mut hold).ends_with(&names));
        }
    }

    #[test]
    fn all_together_have_a_bound_and_give_back_what_they_took() {
        let all = Arc::new(AtomicUsize::new(MOST_OF_ALL + 1));
        let mut hold = Hold::new(Arc::clone(&all));
        for _ in 0..100 {
            hold.take(&large(0x30, 1000), Some(4), || false);
        }
        assert!(hold.bytes < 10_000);

        drop(hold);
        assert_eq!(all.load(Ordering::Relaxed), MOST_OF_ALL + 1);
    }
}
