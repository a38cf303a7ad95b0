//! Messages of QoS 0 that were written when they were published, because nothing stood before them. To keep
//! each until it is sent would take as long as all the rest (decision 0016).

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::queue::Queued;
use crate::codec::{Decoder, PublishParts};
use crate::packet::{MAX_PACKET_BYTES, Packet, ProtocolVersion, QoS};
use crate::session::event::{Message, Token};

/// Whole packets, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    packets: BytesMut,
    /// The number of the first message, after which there is no gap, and the version of all.
    first: Option<(Token, ProtocolVersion)>,
    pub(super) messages: usize,
    /// What counts towards bounds in bytes.
    pub(super) bytes: usize,
}

impl Written {
    /// How many bytes the packets have.
    pub(crate) fn len(&self) -> usize {
        self.packets.len()
    }

    /// Adds a message that has no properties. `false`: it cannot be written.
    pub(super) fn push(
        &mut self,
        token: Token,
        message: &PublishParts<'_>,
        version: ProtocolVersion,
        max_packet_bytes: usize,
    ) -> bool {
        let packets = &mut self.packets;
        if message.encode(version, max_packet_bytes, packets).is_err() {
            return false;
        }
        self.first.get_or_insert((token, version));
        self.messages += 1;
        self.bytes += message.bytes();
        true
    }

    /// Adds the packets to what is sent now. Says how many messages they are.
    pub(super) fn send(&mut self, out: &mut BytesMut) -> usize {
        if out.is_empty() {
            std::mem::swap(out, &mut self.packets);
        } else {
            out.unsplit(self.packets.split());
        }
        self.first = None;
        self.bytes = 0;
        std::mem::take(&mut self.messages)
    }

    /// The messages of packets that never left, the newest first.
    pub(super) fn take_back(&mut self, now: Duration) -> Vec<Queued> {
        let Some((mut token, version)) = self.first else {
            return Vec::new();
        };
        let mut decoder = Decoder::new(version, MAX_PACKET_BYTES);
        decoder.push(std::mem::take(&mut self.packets).freeze());
        let mut messages = Vec::with_capacity(self.messages);
        while let Ok(Some(Packet::Publish(publish))) = decoder.next_packet()
            && let Some(topic) = publish.topic
        {
            messages.push(Queued {
                token,
                message: Message {
                    topic,
                    // A copy: it must not keep all packets in memory.
                    payload: Bytes::copy_from_slice(&publish.payload),
                    qos: QoS::AtMostOnce,
                    retain: publish.retain,
                    properties: None,
                },
                since: now,
                stored: 0,
                excess: false,
                is_offline: false,
            });
            token = token.next();
        }
        *self = Self::default();
        messages.reverse();
        messages
    }
}
