//! The beginning of MQTT packets, as far as somebody in the middle has to know them.

use crate::settings::MAX_PACKET_BYTES;

/// The longest filter there is, or some thousands of short ones.
const MOST_SUBSCRIBE_BYTES: usize = 66_000;

/// A last will of 64 kB, and all other fields. It waits here until it is whole.
const MOST_CONNECT_BYTES: usize = 132_000;

/// A fixed header: what the packet is, and how long. [MQTT-2.2]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedHeader {
    first: u8,
    /// Bytes of the header itself.
    header: usize,
    /// Bytes after the header.
    pub remaining: usize,
}

/// What the bytes so far say about the header.
#[derive(Debug, PartialEq, Eq)]
pub enum Header {
    Whole(FixedHeader),
    /// More bytes are needed.
    Part,
    /// A remaining length of more than four bytes. [MQTT5-1.5.5]
    Malformed,
}

const MOST_LENGTH_BYTES: usize = 4;

impl Header {
    pub fn read(bytes: &[u8]) -> Self {
        let Some((&first, length)) = bytes.split_first() else {
            return Self::Part;
        };
        let mut remaining = 0;
        for (index, &byte) in length.iter().take(MOST_LENGTH_BYTES).enumerate() {
            remaining |= usize::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Self::Whole(FixedHeader {
                    first,
                    header: index + 2,
                    remaining,
                });
            }
        }
        if length.len() < MOST_LENGTH_BYTES {
            Self::Part
        } else {
            Self::Malformed
        }
    }
}

impl FixedHeader {
    /// How many bytes such a packet may have: each filter of a SUBSCRIBE costs the broker a look at all others.
    pub fn most_bytes(self) -> usize {
        if self.is_subscribe() {
            MOST_SUBSCRIBE_BYTES
        } else if self.is_connect() {
            MOST_CONNECT_BYTES
        } else {
            MAX_PACKET_BYTES
        }
    }

    /// The byte that says what the packet is.
    pub fn first(self) -> u8 {
        self.first
    }

    pub fn is_connect(self) -> bool {
        self.first == 0x10
    }

    pub fn is_connack(self) -> bool {
        self.first == 0x20
    }

    pub fn is_subscribe(self) -> bool {
        self.first >> 4 == 8
    }

    pub fn is_disconnect(self) -> bool {
        self.first == 0xe0
    }

    /// [MQTT-3.13]
    pub fn is_ping_response(self) -> bool {
        self.first == 0xd0
    }

    pub fn is_publish(self) -> bool {
        self.first >> 4 == 3
    }

    /// A PUBLISH that nobody answers and that may be lost.
    pub fn is_at_most_once(self) -> bool {
        self.is_publish() && self.first & 0b110 == 0
    }

    /// A PUBLISH that the broker had retained for whoever subscribes. [MQTT5-3.3.1-9]
    pub fn is_kept(self) -> bool {
        self.is_publish() && self.first & 1 == 1
    }

    /// The quality of service of a PUBLISH. [MQTT5-3.3.1.2]
    pub fn qos(self) -> u8 {
        self.first >> 1 & 0b11
    }

    /// Bytes of the fixed header.
    pub fn length(self) -> usize {
        self.header
    }

    /// PUBACK, PUBREC, PUBREL, PUBCOMP: after it, the other side forgets something.
    pub fn is_acknowledgment(self) -> bool {
        matches!(self.first >> 4, 4..=7)
    }

    /// Bytes of the whole packet.
    pub fn whole(self) -> usize {
        self.header + self.remaining
    }
}

/// Bytes after the fixed header that are shown of each packet.
pub const HEAD_BYTES: usize = 1024;

/// What there is to see of a packet.
pub enum Seen<'a> {
    /// It begins.
    Begun(FixedHeader),
    /// What follows the fixed header, up to `HEAD_BYTES`.
    Head(FixedHeader, &'a [u8]),
}

/// Follows the packets of a stream that comes in pieces, and keeps no more than one head.
#[derive(Default)]
pub struct Scanner {
    /// A header that is not whole.
    begun: Vec<u8>,
    /// Bytes of the current packet that are to come.
    ahead: usize,
    /// The current packet, until its head was shown.
    current: Option<FixedHeader>,
    /// The part of its head that came in earlier pieces.
    head: Vec<u8>,
}

impl Scanner {
    /// Shows each packet twice: when it begins, and when its head is there. `false` from `see`, or a
    /// malformed header, ends it: then the answer is false.
    pub fn follow(&mut self, bytes: &[u8], mut see: impl FnMut(Seen) -> bool) -> bool {
        let mut rest = bytes;
        loop {
            if !self.show_head(rest, &mut see) {
                return false;
            }
            let passed = self.ahead.min(rest.len());
            self.ahead -= passed;
            rest = rest.get(passed..).unwrap_or_default();
            let Some((&byte, after)) = rest.split_first() else {
                return true;
            };
            self.begun.push(byte);
            rest = after;
            match Header::read(&self.begun) {
                Header::Part => {}
                Header::Malformed => return false,
                Header::Whole(header) => {
                    self.begun.clear();
                    self.ahead = header.remaining;
                    self.current = Some(header);
                    if !see(Seen::Begun(header)) {
                        return false;
                    }
                }
            }
        }
    }

    /// Mostly a packet is in one piece, and nothing is copied.
    fn show_head(&mut self, rest: &[u8], see: &mut impl FnMut(Seen) -> bool) -> bool {
        let Some(header) = self.current else {
            return true;
        };
        let missing = header.remaining.min(HEAD_BYTES) - self.head.len();
        let Some(piece) = rest.get(..missing) else {
            self.head.extend_from_slice(rest);
            return true;
        };
        self.current = None;
        if self.head.is_empty() {
            return see(Seen::Head(header, piece));
        }
        self.head.extend_from_slice(piece);
        let goes_on = see(Seen::Head(header, &self.head));
        self.head = Vec::new();
        goes_on
    }

    /// Whether the last packet that began has ended.
    pub fn is_between_packets(&self) -> bool {
        self.ahead == 0 && self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{FixedHeader, HEAD_BYTES, Header, Scanner, Seen};

    fn header(bytes: &[u8]) -> FixedHeader {
        match Header::read(bytes) {
            Header::Whole(header) => header,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lengths_at_the_boundaries() {
        for (bytes, remaining) in [
            (&[0x30, 0x00][..], 0),
            (&[0x30, 0x7f], 127),
            (&[0x30, 0x80, 0x01], 128),
            (&[0x30, 0xff, 0x7f], 16_383),
            (&[0x30, 0x80, 0x80, 0x01], 16_384),
            (&[0x30, 0xff, 0xff, 0xff, 0x7f], 268_435_455),
        ] {
            assert_eq!(header(bytes).remaining, remaining);
            assert_eq!(header(bytes).whole(), bytes.len() + remaining);
        }
    }

    #[test]
    fn a_header_may_come_in_parts_but_not_without_end() {
        assert_eq!(Header::read(&[]), Header::Part);
        assert_eq!(Header::read(&[0x30]), Header::Part);
        assert_eq!(Header::read(&[0x30, 0xff, 0xff, 0xff]), Header::Part);
        assert_eq!(
            Header::read(&[0x30, 0xff, 0xff, 0xff, 0xff]),
            Header::Malformed
        );
    }

    #[test]
    fn only_a_publish_of_qos_0_may_be_lost() {
        assert!(header(&[0x30, 0]).is_at_most_once());
        assert!(header(&[0x39, 0]).is_at_most_once());
        assert!(!header(&[0x32, 0]).is_at_most_once());
        assert!(!header(&[0x34, 0]).is_at_most_once());
        assert!(!header(&[0x40, 0]).is_at_most_once());
    }

    #[test]
    fn acknowledgments_are_those_of_messages() {
        for first in [0x40, 0x50, 0x62, 0x70] {
            assert!(header(&[first, 2]).is_acknowledgment());
        }
        for first in [0x20, 0x32, 0x90, 0xb0, 0xd0, 0xe0] {
            assert!(!header(&[first, 2]).is_acknowledgment());
        }
    }

    #[test]
    fn packets_are_found_however_the_bytes_are_cut() {
        let mut bytes = vec![0x10, 2, 1, 2, 0xc0, 0, 0x30, 0x80, 0x01];
        bytes.extend([7; 128]);
        bytes.extend([0xe0, 0]);
        for size in 1..bytes.len() {
            let mut scanner = Scanner::default();
            let mut found = Vec::new();
            let mut heads = Vec::new();

            for piece in bytes.chunks(size) {
                assert!(scanner.follow(piece, |seen| {
                    match seen {
                        Seen::Begun(header) => found.push((header.is_connect(), header.remaining)),
                        Seen::Head(_, head) => heads.push(head.to_vec()),
                    }
                    true
                }));
            }

            assert_eq!(found, [(true, 2), (false, 0), (false, 128), (false, 0)]);
            assert_eq!(heads, [vec![1, 2], vec![], vec![7; 128], vec![]]);
            assert!(scanner.is_between_packets());
        }
    }

    #[test]
    fn of_a_large_packet_only_the_head_is_shown() {
        let body = vec![7; 2 * HEAD_BYTES];
        let bytes = [&[0x30, 0x80, 0x10], &body[..]].concat();
        let mut scanner = Scanner::default();
        let mut shown = Vec::new();

        for piece in bytes.chunks(100) {
            scanner.follow(piece, |seen| {
                if let Seen::Head(_, head) = seen {
                    shown.push(head.len());
                }
                true
            });
        }

        assert_eq!(shown, [HEAD_BYTES]);
    }

    #[test]
    fn what_is_refused_ends_the_stream() {
        let small = |seen: Seen| !matches!(seen, Seen::Begun(header) if header.remaining >= 5);
        assert!(!Scanner::default().follow(&[0x30, 5], small));
        assert!(!Scanner::default().follow(&[0x30, 0xff, 0xff, 0xff, 0xff], |_| true));
    }
}
