//! What the broker inside does not understand or should not say, put into other words on the way.
//!
//! | from a client | to the broker |
//! |---|---|
//! | MQTT 3.1 (`MQIsdp`) | 3.1.1, which differs in nothing that a client of 3.1 can see |
//! | a client identifier that is no name for a file on every system | a name made from it |
//!
//! And to a client of 5.0: a message without the name of who sent it.

use crate::class::Cursor;
use crate::names;

const MQTT_3_1: (&[u8], u8) = (b"MQIsdp", 3);
const MQTT_3_1_1: (&[u8], u8) = (b"MQTT", 4);

/// The properties that name the sender of a message, in the broker's own words: its client identifier and
/// the name that it logged in with.
const SENDER: &[&[u8]] = &[b"x-mqtt-client-id", b"x-mqtt-sender"];
const USER_PROPERTY: u8 = 0x26;

/// A CONNECT, after its fixed header, as the broker wants it; `None` where it is that already, or is
/// nothing that can be read. [MQTT5-3.1]
pub fn connect_for_broker(connect: &[u8]) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(connect);
    let protocol = (cursor.block()?, cursor.byte()?);
    let (name, version) = match protocol {
        MQTT_3_1 => MQTT_3_1_1,
        other => other,
    };
    let before_client_id = cursor.rest().len();
    cursor.take(3)?;
    if version == 5 {
        cursor.properties()?;
    }
    let between =
        connect.get(connect.len() - before_client_id..connect.len() - cursor.rest().len())?;
    let client_id = cursor.text()?;
    let name_of_file = names::file_name(&client_id);
    if protocol == (name, version) && name_of_file == client_id {
        return None;
    }
    let mut words = Vec::with_capacity(connect.len());
    put_block(&mut words, name);
    words.push(version);
    words.extend_from_slice(between);
    put_block(&mut words, name_of_file.as_bytes());
    words.extend_from_slice(cursor.rest());
    Some(packet(0x10, &words))
}

/// A PUBLISH of 5.0 without the name of its sender; `None` where there is none. [MQTT5-3.3]
pub fn publish_for_client(first: u8, body: &[u8]) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(body);
    cursor.block()?;
    if first & 0b110 != 0 {
        cursor.u16()?;
    }
    let head = body.len() - cursor.rest().len();
    let kept = without_sender(cursor.properties()?)?;
    let mut words = body.get(..head)?.to_vec();
    put_length(&mut words, kept.len());
    words.extend_from_slice(&kept);
    words.extend_from_slice(cursor.rest());
    Some(packet(first, &words))
}

/// `None` where no property names the sender.
fn without_sender(properties: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(properties.len());
    let mut cursor = Cursor::new(properties);
    while !cursor.rest().is_empty() {
        let property = cursor.rest();
        let identifier = cursor.byte()?;
        let name = Cursor::new(cursor.rest()).block();
        let is_sender =
            identifier == USER_PROPERTY && name.is_some_and(|name| SENDER.contains(&name));
        cursor.skip(identifier)?;
        if !is_sender {
            kept.extend_from_slice(property.get(..property.len() - cursor.rest().len())?);
        }
    }
    (kept.len() < properties.len()).then_some(kept)
}

pub fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    put_length(&mut packet, body.len());
    packet.extend_from_slice(body);
    packet
}

/// [MQTT5-1.5.5]
fn put_length(words: &mut Vec<u8>, mut length: usize) {
    loop {
        let digit = (length & 0x7f) as u8;
        length >>= 7;
        words.push(if length > 0 { digit | 0x80 } else { digit });
        if length == 0 {
            return;
        }
    }
}

/// At most 65,535 bytes, because it was such a block before, or is short.
pub fn put_block(words: &mut Vec<u8>, block: &[u8]) {
    words.extend_from_slice(&(block.len() as u16).to_be_bytes());
    words.extend_from_slice(block);
}

#[cfg(test)]
mod tests {
    use super::{connect_for_broker, publish_for_client};

    #[test]
    fn mqtt_3_1_becomes_3_1_1() {
        let old = b"\x00\x06MQIsdp\x03\x02\x00\x0a\x00\x03old";

        let now = connect_for_broker(old).unwrap();

        assert_eq!(now, b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x0a\x00\x03old");
    }

    #[test]
    fn what_the_broker_understands_stays_as_it_is() {
        for connect in [
            &b"\x00\x04MQTT\x04\x02\x00\x0a\x00\x05board"[..],
            b"\x00\x04MQTT\x05\x02\x00\x0a\x05\x11\x00\x00\x00\x0a\x00\x05board",
            b"\x00\x04MQTT\x04\x02\x00\x0a\x00\x00",
            b"\x00\x04MQTT\x04\x02\x00\x0a\x00\x09board",
            b"",
        ] {
            assert_eq!(connect_for_broker(connect), None);
        }
    }

    #[test]
    fn what_follows_the_client_identifier_follows_it_still() {
        let connect = b"\x00\x04MQTT\x05\xc2\x00\x0a\x05\x11\x00\x00\x00\x0a\x00\x03a/b\x00\x04user\x00\x04word";

        let now = connect_for_broker(connect).unwrap();

        assert!(
            now.starts_with(
                b"\x10\x3f\x00\x04MQTT\x05\xc2\x00\x0a\x05\x11\x00\x00\x00\x0a\x00\x21~"
            )
        );
        assert!(now.ends_with(b"\x00\x04user\x00\x04word"));
    }

    #[test]
    fn the_name_of_the_sender_is_taken_out() {
        let with = b"\x00\x01a\x00\x07\x26\x26\x00\x01k\x00\x01v\x26\x00\x10x-mqtt-client-id\x00\x03bob\x03\x00\x03txthi";
        let length = with.len();
        let mut with = with.to_vec();
        with[5] = (length - 6 - 2) as u8;

        let without = publish_for_client(0x32, &with).unwrap();

        assert_eq!(
            without,
            b"\x32\x15\x00\x01a\x00\x07\x0d\x26\x00\x01k\x00\x01v\x03\x00\x03txthi"
        );
        assert_eq!(publish_for_client(0x30, b"\x00\x01a\x00hi"), None);
        assert_eq!(
            publish_for_client(0x30, b"\x00\x01a\x07\x26\x00\x01k\x00\x01vhi"),
            None
        );
    }
}
