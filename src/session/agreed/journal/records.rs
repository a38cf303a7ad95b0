//! The stored form of a session: a small record for each thing that must survive.
//!
//! | key | value |
//! |---|---|
//! | 0 | the head: form, whether the server may have the session, whose it is, last Packet Identifier |
//! | 1 to 65,535 | a received QoS 2 number whose PUBREL has not come; empty |
//! | 2^40 + n | the message published as the nth: when, and its PUBLISH of 5.0 |
//! | 2^41 + n | where it stands: its Packet Identifier, and as the how-manyth PUBREC came, or 0 |
//!
//! A message is written once, whatever happens to it afterwards; after PUBREC it is gone. Each value
//! ends with a checksum of key and value, so that a damaged one is not taken for another.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::codec::{Decoder, PublishParts};
use crate::packet::{MAX_PACKET_BYTES, Packet, PacketId, ProtocolVersion, QoS};
use crate::session::agreed::packet_ids::PacketIdSet;
use crate::session::event::Message;

/// Changes with every change of the form; a session in another form is discarded.
const FORM: u8 = 1;

const HEAD: u64 = 0;
const MESSAGES: u64 = 1 << 40;
const PLACES: u64 = 1 << 41;
const END: u64 = 1 << 42;

/// A record: its key and its value.
pub type Record = (u64, Vec<u8>);

/// What survived.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// The server may have the session.
    pub(crate) server_session: bool,
    /// The Packet Identifier that was handed out last.
    pub(crate) last_id: u16,
    /// Received QoS 2 numbers whose PUBREL has not come.
    pub(crate) received: Vec<PacketId>,
    /// Messages to send, in the order in which they were published.
    pub(crate) messages: Vec<StoredMessage>,
}

/// A message to send.
#[derive(Debug)]
pub(crate) struct StoredMessage {
    /// As the how-manyth it was published; never 0.
    pub(crate) number: u64,
    /// What is published; gone once PUBREC came.
    pub(crate) message: Option<Message>,
    /// When it was published, since 1970.
    pub(crate) published: Duration,
    /// Its Packet Identifier once it was sent.
    pub(crate) packet_id: Option<PacketId>,
    /// As the how-manyth its PUBREC came, or 0.
    pub(crate) released: u64,
}

/// The records are none of ours, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

/// The record of the session itself.
pub(crate) fn head(identity: u64, server_session: bool, last_id: u16) -> Record {
    let mut value = vec![FORM, u8::from(server_session)];
    value.extend(identity.to_be_bytes());
    value.extend(last_id.to_be_bytes());
    sealed(HEAD, value)
}

/// The key and the record of a received QoS 2 number.
pub(crate) fn received(packet_id: PacketId) -> Record {
    sealed(u64::from(packet_id.get()), Vec::new())
}

/// The key of a message.
pub(crate) const fn message_key(number: u64) -> u64 {
    MESSAGES + number
}

/// The record of a message; `None` if it cannot be written.
pub(crate) fn message(number: u64, message: &Message, published: Duration) -> Option<Record> {
    let publish = PublishParts {
        // Any number will do: its place is a record of its own.
        packet_id: PacketId::new(1),
        ..message.parts()
    };
    let millis = published.as_secs() * 1_000 + u64::from(published.subsec_millis());
    let mut value = BytesMut::from(&millis.to_be_bytes()[..]);
    let written = publish.encode(ProtocolVersion::V5_0, usize::MAX, &mut value);
    written.ok()?;
    Some(sealed(message_key(number), value.into()))
}

/// The key of a message's place.
pub(crate) const fn place_key(number: u64) -> u64 {
    PLACES + number
}

/// The record of a message's place.
pub(crate) fn place(number: u64, packet_id: PacketId, released: u64) -> Record {
    let mut value = Vec::from(packet_id.get().to_be_bytes());
    value.extend(released.to_be_bytes());
    sealed(place_key(number), value)
}

/// Reads all records of a session, by ascending key. `None` if there are none.
pub(crate) fn read(identity: u64, records: &[Record]) -> Result<Option<Snapshot>, Damaged> {
    let Some(((HEAD, value), rest)) = records.split_first() else {
        return if records.is_empty() {
            Ok(None)
        } else {
            Err(Damaged)
        };
    };
    let head = opened(HEAD, value)?;
    let (form, rest_of_head) = head.split_first_chunk().ok_or(Damaged)?;
    let (id, last_id) = rest_of_head.split_first_chunk().ok_or(Damaged)?;
    let last_id = last_id.try_into().map_err(|_| Damaged)?;
    let server_session = match form {
        [FORM, flag @ (0 | 1)] if *id == identity.to_be_bytes() => *flag == 1,
        _ => return Err(Damaged),
    };
    let mut snapshot = Snapshot {
        server_session,
        last_id: u16::from_be_bytes(last_id),
        ..Snapshot::default()
    };
    let mut in_use = PacketIdSet::default();
    let mut last = HEAD;
    for (key, value) in rest {
        if *key <= last {
            return Err(Damaged);
        }
        last = *key;
        let value = opened(*key, value)?;
        match *key {
            MESSAGES..PLACES => snapshot.messages.push(read_message(key - MESSAGES, value)?),
            PLACES..END => {
                let (packet_id, released) = read_place(value)?;
                if !in_use.insert(packet_id) {
                    return Err(Damaged);
                }
                snapshot.put_in_place(key - PLACES, packet_id, released)?;
            }
            number => {
                let number = u16::try_from(number).ok().and_then(PacketId::new);
                snapshot.received.push(number.ok_or(Damaged)?);
            }
        }
    }
    Ok(Some(snapshot))
}

impl Snapshot {
    fn put_in_place(
        &mut self,
        number: u64,
        packet_id: PacketId,
        released: u64,
    ) -> Result<(), Damaged> {
        let place = self.messages.binary_search_by_key(&number, |it| it.number);
        match (place, released) {
            (Ok(index), 0) => {
                let message = self.messages.get_mut(index).ok_or(Damaged)?;
                message.packet_id = Some(packet_id);
                Ok(())
            }
            (Err(index), 1..) => {
                let message = StoredMessage {
                    number,
                    message: None,
                    published: Duration::ZERO,
                    packet_id: Some(packet_id),
                    released,
                };
                self.messages.insert(index, message);
                Ok(())
            }
            (Ok(_), 1..) | (Err(_), 0) => Err(Damaged),
        }
    }
}

fn read_message(number: u64, value: &[u8]) -> Result<StoredMessage, Damaged> {
    let (millis, packet) = value.split_first_chunk().ok_or(Damaged)?;
    let mut decoder = Decoder::new(ProtocolVersion::V5_0, MAX_PACKET_BYTES);
    decoder.push(Bytes::copy_from_slice(packet));
    let Ok(Some(Packet::Publish(publish))) = decoder.next_packet() else {
        return Err(Damaged);
    };
    let properties = publish.properties.as_deref();
    let is_ours = publish.qos != QoS::AtMostOnce
        && properties
            .is_none_or(|given| given.topic_alias.is_none() && given.subscription_ids.is_empty());
    let topic = publish.topic.filter(|_| is_ours && number > 0);
    Ok(StoredMessage {
        number,
        message: Some(Message {
            topic: topic.ok_or(Damaged)?,
            payload: publish.payload,
            qos: publish.qos,
            retain: publish.retain,
            properties: publish.properties,
        }),
        published: Duration::from_millis(u64::from_be_bytes(*millis)),
        packet_id: None,
        released: 0,
    })
}

fn read_place(value: &[u8]) -> Result<(PacketId, u64), Damaged> {
    let (packet_id, released) = value.split_first_chunk().ok_or(Damaged)?;
    let released = released.try_into().map_err(|_| Damaged)?;
    let packet_id = PacketId::new(u16::from_be_bytes(*packet_id)).ok_or(Damaged)?;
    Ok((packet_id, u64::from_be_bytes(released)))
}

fn sealed(key: u64, mut value: Vec<u8>) -> Record {
    value.extend(checksum(key, &value));
    (key, value)
}

fn opened(key: u64, value: &[u8]) -> Result<&[u8], Damaged> {
    match value.split_last_chunk() {
        Some((value, sum)) if *sum == checksum(key, value) => Ok(value),
        Some(_) | None => Err(Damaged),
    }
}

fn checksum(key: u64, value: &[u8]) -> [u8; 8] {
    let start = fnv(FNV_START, &key.to_be_bytes());
    fnv(start, value).to_be_bytes()
}

/// The start of [`fnv`].
pub(crate) const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: against accidents, not against attacks.
pub(crate) fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
