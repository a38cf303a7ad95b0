//! What is sent, in which order, and when it must wait.

use super::Session;
use super::event::{ConnectionId, Message, PublishError};
use super::link::Phase;
use super::outbound::Resend;
use crate::codec::{self, EncodeError, ProtocolError};
use crate::packet::{
    Ack, Packet, PacketId, ProtocolVersion, Publish, QoS, RetainHandling, Subscribe,
    SubscribeFilter, Unsubscribe,
};

/// Packets are gathered into one WebSocket message up to this size: one `send` costs as much as a
/// thousand small packets, but copying a large one into a larger buffer costs memory.
const GATHER_BYTES: usize = 64 * 1024;

/// Above this many bytes waiting in the socket, messages wait in the queue, where they are bounded.
const SOCKET_BYTES: usize = 1024 * 1024;

impl Session {
    /// Whole packets to be sent as one binary WebSocket message. [MQTT-6.0.0-1]
    ///
    /// Acknowledgements, requests and pings come first, then repetitions, then new messages.
    pub fn poll_transmit(&mut self) -> Option<(ConnectionId, Vec<u8>)> {
        if let Some((connection, bytes)) = self.farewell.take() {
            self.actions.push_back(super::Action::Close {
                connection,
                code: 1000,
            });
            return Some((connection, bytes));
        }
        let connection = self.link.as_ref()?.id;
        let mut bytes = std::mem::take(&mut self.link.as_mut()?.control);
        if matches!(self.phase, Phase::Connected | Phase::Draining) {
            self.gather_requests(&mut bytes);
            self.gather_messages(&mut bytes);
        }
        if bytes.is_empty() {
            return self.end_of_drain();
        }
        let link = self.link.as_mut()?;
        link.last_sent = self.now;
        link.buffered = link.buffered.saturating_add(bytes.len());
        self.restart_keep_alive();
        Some((connection, bytes))
    }

    /// Whether messages wait because the socket holds too much already: the caller looks at the
    /// socket's `bufferedAmount` from time to time and says so to
    /// [`handle_buffered`](Self::handle_buffered).
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        self.link
            .as_ref()
            .is_some_and(|link| link.buffered >= SOCKET_BYTES)
            && (!self.queue.is_empty() || self.outbound.len() > 0)
    }

    /// Adds a packet that waits for nothing.
    pub(super) fn send_control(&mut self, packet: &Packet) {
        let version = self.version();
        let Some(link) = self.link.as_mut() else {
            return;
        };
        let written = codec::encode(
            packet,
            version,
            super::options::MAX_PACKET_BYTES,
            &mut link.control,
        );
        if written.is_err() {
            self.protocol_error(ProtocolError::Internal {
                what: "packet cannot be written",
            });
        }
    }

    /// SUBSCRIBE and UNSUBSCRIBE: all wishes of a turn in as few packets as possible.
    fn gather_requests(&mut self, bytes: &mut Vec<u8>) {
        while self.subscriptions.needs_unsubscribe() {
            let Some(packet_id) = self.packet_ids.allocate() else {
                return;
            };
            let filters = self.subscriptions.next_unsubscribe(packet_id);
            self.encode_request(
                &Packet::Unsubscribe(Unsubscribe { packet_id, filters }),
                bytes,
            );
        }
        while self.subscriptions.needs_subscribe() {
            let Some(packet_id) = self.packet_ids.allocate() else {
                return;
            };
            let filters = self.subscriptions.next_subscribe(packet_id);
            let filters = filters
                .into_iter()
                .map(|(filter, qos)| SubscribeFilter {
                    filter,
                    qos,
                    no_local: false,
                    retain_as_published: false,
                    retain_handling: RetainHandling::OnSubscribe,
                })
                .collect();
            let subscribe = Subscribe {
                packet_id,
                filters,
                subscription_id: None,
                user_properties: Vec::new(),
            };
            self.encode_request(&Packet::Subscribe(subscribe), bytes);
        }
    }

    fn encode_request(&mut self, packet: &Packet, bytes: &mut Vec<u8>) {
        let limit = super::options::MAX_PACKET_BYTES;
        if codec::encode(packet, self.version(), limit, bytes).is_err() {
            self.protocol_error(ProtocolError::Internal {
                what: "request cannot be written",
            });
        }
    }

    /// Repetitions, then new messages, as far as window, socket and gathering allow.
    fn gather_messages(&mut self, bytes: &mut Vec<u8>) {
        while bytes.len() < GATHER_BYTES && self.socket_has_room() {
            if let Some(resend) = self.outbound.next_resend() {
                self.encode_resend(resend, bytes);
                continue;
            }
            let Some(next) = self.queue.front() else {
                return;
            };
            let size = publish_len(&next.message, self.version());
            let waits = !bytes.is_empty() && bytes.len() + size > GATHER_BYTES;
            if waits || !self.window_has_room(next.message.qos) {
                return;
            }
            self.encode_next(bytes);
        }
    }

    fn encode_next(&mut self, bytes: &mut Vec<u8>) {
        let qos = match self.queue.front() {
            Some(next) => next.message.qos,
            None => return,
        };
        let packet_id = match qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce | QoS::ExactlyOnce => self.packet_ids.allocate(),
        };
        let Some(queued) = self.queue.pop() else {
            return;
        };
        match self.encode_publish(&queued.message, packet_id, false, bytes) {
            Ok(()) => {
                self.statistics.sent = self.statistics.sent.saturating_add(1);
                if let Some(packet_id) = packet_id {
                    self.outbound.insert(packet_id, queued);
                }
            }
            Err(error) => {
                if let Some(packet_id) = packet_id {
                    self.packet_ids.release(packet_id);
                }
                self.publish_failed(queued.token, publish_error(&error));
            }
        }
    }

    fn encode_resend(&mut self, resend: Resend, bytes: &mut Vec<u8>) {
        let written = match resend {
            Resend::Publish(packet_id, message) => {
                self.encode_publish(&message, Some(packet_id), true, bytes)
            }
            Resend::Release(packet_id) => {
                let pubrel = Packet::PubRel(Ack::success(packet_id));
                codec::encode(
                    &pubrel,
                    self.version(),
                    super::options::MAX_PACKET_BYTES,
                    bytes,
                )
            }
        };
        if written.is_err() {
            self.protocol_error(ProtocolError::Internal {
                what: "repetition cannot be written",
            });
        }
    }

    fn encode_publish(
        &self,
        message: &Message,
        packet_id: Option<PacketId>,
        dup: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let publish = Packet::Publish(publish_packet(message, packet_id, dup));
        codec::encode(
            &publish,
            self.version(),
            super::options::MAX_PACKET_BYTES,
            bytes,
        )
    }

    fn window_has_room(&self, qos: QoS) -> bool {
        let window = self
            .options
            .as_ref()
            .map_or(0, |options| usize::from(options.send_window));
        qos == QoS::AtMostOnce || self.outbound.len() < window
    }

    fn socket_has_room(&self) -> bool {
        self.link
            .as_ref()
            .is_some_and(|link| link.buffered < SOCKET_BYTES)
    }

    /// When the last message is delivered, DISCONNECT follows.
    fn end_of_drain(&mut self) -> Option<(ConnectionId, Vec<u8>)> {
        if self.phase != Phase::Draining || !self.queue.is_empty() || self.outbound.len() > 0 {
            return None;
        }
        self.finish();
        self.poll_transmit()
    }
}

/// How many bytes a message takes as a packet.
pub(super) fn publish_len(message: &Message, version: ProtocolVersion) -> usize {
    let packet_id = match message.qos {
        QoS::AtMostOnce => None,
        // Any number will do: all are two bytes.
        QoS::AtLeastOnce | QoS::ExactlyOnce => PacketId::new(1),
    };
    codec::encoded_publish_len(&publish_packet(message, packet_id, false), version)
}

fn publish_packet(message: &Message, packet_id: Option<PacketId>, dup: bool) -> Publish {
    Publish {
        dup,
        qos: message.qos,
        retain: message.retain,
        topic: Some(message.topic.clone()),
        packet_id,
        payload: message.payload.clone(),
        properties: None,
    }
}

fn publish_error(error: &EncodeError) -> PublishError {
    match error {
        EncodeError::TooLarge { bytes, limit } => PublishError::TooLarge {
            bytes: *bytes,
            limit: *limit,
        },
        EncodeError::FieldTooLong { .. }
        | EncodeError::NullCharacter { .. }
        | EncodeError::NotAllowed { .. }
        | EncodeError::Internal { .. } => PublishError::Invalid,
    }
}
