//! As much of MQTT as counting and answering needs: where packets begin, and a few fields of them.

/// What the first four bits of a packet say.
pub mod kind {
    pub const CONNECT: u8 = 1;
    pub const PUBLISH: u8 = 3;
    pub const PUBREC: u8 = 5;
    pub const PUBREL: u8 = 6;
    pub const SUBSCRIBE: u8 = 8;
    pub const UNSUBSCRIBE: u8 = 10;
    pub const PINGREQ: u8 = 12;
    pub const DISCONNECT: u8 = 14;
}

/// One packet as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    pub first: u8,
    pub body: &'a [u8],
    pub whole: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The packet at the start of the bytes, and what follows it; `None` when it is not whole yet.
    pub fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (first, rest) = bytes.split_first()?;
        let (length, header) = varint(rest)?;
        let (whole, after) = bytes.split_at_checked(1 + header + length)?;
        let body = whole.get(1 + header..)?;
        let packet = Self {
            first: *first,
            body,
            whole,
        };
        Some((packet, after))
    }

    pub const fn kind(&self) -> u8 {
        self.first >> 4
    }

    pub const fn qos(&self) -> u8 {
        self.first >> 1 & 3
    }

    /// The topic of a PUBLISH.
    pub fn topic(&self) -> Option<&'a [u8]> {
        let (length, rest) = self.body.split_first_chunk()?;
        rest.get(..u16::from_be_bytes(*length) as usize)
    }

    /// The packet identifier of a PUBLISH above QoS 0.
    pub fn publish_id(&self) -> Option<[u8; 2]> {
        self.body
            .get(2 + self.topic()?.len()..)?
            .first_chunk()
            .copied()
    }

    /// The packet identifier of every other packet that has one.
    pub fn id(&self) -> Option<[u8; 2]> {
        self.body.first_chunk().copied()
    }

    /// The protocol level of a CONNECT.
    pub fn level(&self) -> Option<u8> {
        self.body.get(6).copied()
    }

    /// How many filters a SUBSCRIBE or UNSUBSCRIBE has.
    pub fn filters(&self, level: u8) -> Option<usize> {
        let mut rest = self.body.get(2..)?;
        if level == 5 {
            let (length, header) = varint(rest)?;
            rest = rest.get(header + length..)?;
        }
        let options = usize::from(self.kind() == kind::SUBSCRIBE);
        let mut count = 0;
        while let Some((length, after)) = rest.split_first_chunk() {
            rest = after.get(u16::from_be_bytes(*length) as usize + options..)?;
            count += 1;
        }
        Some(count)
    }
}

/// A variable byte integer, and how many bytes it has.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Appends a fixed header.
pub fn header(bytes: &mut Vec<u8>, first: u8, length: usize) {
    bytes.push(first);
    let mut rest = length;
    while rest >= 0x80 {
        bytes.push((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Encodes a PUBLISH of QoS 0.
#[must_use]
pub fn publish(level: u8, topic: &str, payload: &[u8]) -> Vec<u8> {
    let properties = usize::from(level == 5);
    let mut bytes = Vec::new();
    header(
        &mut bytes,
        kind::PUBLISH << 4,
        2 + topic.len() + properties + payload.len(),
    );
    bytes.extend((topic.len() as u16).to_be_bytes());
    bytes.extend(topic.as_bytes());
    bytes.extend(vec![0; properties]);
    bytes.extend(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::{Packet, header, publish};

    #[test]
    fn packet_is_cut_off_when_it_is_whole() {
        let bytes = publish(4, "a/b", &[9; 200]);

        for end in 0..bytes.len() {
            assert_eq!(Packet::split(&bytes[..end]), None);
        }
        let more = [bytes.as_slice(), &[0xD0]].concat();
        let (packet, rest) = Packet::split(&more).unwrap();
        assert_eq!(packet.topic(), Some(b"a/b".as_slice()));
        assert_eq!((packet.kind(), packet.qos()), (3, 0));
        assert_eq!(rest, [0xD0]);
    }

    #[test]
    fn packet_id_of_a_publish_follows_its_topic() {
        let bytes = [0x32, 6, 0, 1, b'a', 1, 2, 9];

        let (packet, _) = Packet::split(&bytes).unwrap();

        assert_eq!((packet.qos(), packet.publish_id()), (1, Some([1, 2])));
    }

    #[test]
    fn filters_are_counted_in_both_versions() {
        let of = |level, body: &[u8]| {
            let mut bytes = Vec::new();
            header(&mut bytes, 0x82, body.len());
            bytes.extend(body);
            Packet::split(&bytes).and_then(|(packet, _)| packet.filters(level))
        };

        assert_eq!(of(4, &[0, 1, 0, 1, b'#', 0, 0, 1, b'a', 1]), Some(2));
        assert_eq!(of(5, &[0, 1, 2, 11, 7, 0, 1, b'#', 0]), Some(1));
    }
}
