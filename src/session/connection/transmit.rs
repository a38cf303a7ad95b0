//! What is sent, in which order, and when it must wait.

use std::num::NonZeroU16;
use std::time::Duration;

use bytes::BytesMut;

use crate::codec::{self, EncodeError, ProtocolError, PublishParts};
use crate::packet::{Ack, Packet, PacketId, QoS, Subscribe, SubscribeFilter, Unsubscribe};
use crate::session::Session;
use crate::session::agreed::in_flight::Resend;
use crate::session::connection::limits::ServerLimits;
use crate::session::connection::{Connection, Phase};
use crate::session::event::{ConnectionId, Message, PublishError};
use crate::session::wanted::pace;
use crate::session::wanted::queue::Queued;
use crate::topic::TopicName;

/// Packets are gathered into one WebSocket message up to this size: one `send` costs as much as a
/// thousand small packets, but copying a large one into a larger buffer costs memory.
const GATHER_BYTES: usize = 64 * 1024;

/// Above this many bytes waiting in the socket, messages wait in the queue, where they are bounded.
const SOCKET_BYTES: usize = 1024 * 1024;

impl Session {
    /// Whole packets to be sent as one binary WebSocket message. [MQTT-6.0.0-1]
    ///
    /// Acknowledgements, requests and pings come first, then repetitions, then new messages.
    pub fn poll_transmit(&mut self) -> Option<(ConnectionId, BytesMut)> {
        if let Some((connection, bytes, close)) = self.farewell.take() {
            self.actions.push_back(close);
            return Some((connection, bytes));
        }
        loop {
            if let Some(bytes) = self.link.as_mut()?.next_held(&self.journal) {
                return self.sending(bytes);
            }
            let mut bytes = std::mem::take(&mut self.link.as_mut()?.control);
            let is_up = matches!(self.phase, Phase::Connected | Phase::Draining);
            if is_up && !self.is_quiet() {
                self.gather_requests(&mut bytes);
                self.gather_messages(&mut bytes);
                self.ask_how_far(&mut bytes);
            }
            let link = self.link.as_mut()?;
            if bytes.is_empty() && !link.control.is_empty() {
                continue;
            }
            if bytes.is_empty() {
                return self.end_of_drain();
            }
            let gathered = bytes.split();
            if link.control.is_empty() && gathered.len() <= GATHER_BYTES {
                // The rest of the block, and all of it again once what is sent is dropped.
                link.control = bytes;
            }
            match self.journal.waits_for().filter(|_| is_up) {
                Some(number) => link.held.push_back((number, gathered)),
                None => return self.sending(gathered),
            }
        }
    }

    fn sending(&mut self, bytes: BytesMut) -> Option<(ConnectionId, BytesMut)> {
        let link = self.link.as_mut()?;
        let connection = link.id;
        link.last_sent = self.now;
        link.buffered = link.buffered.saturating_add(bytes.len());
        link.sent_bytes = link.sent_bytes.saturating_add(bytes.len() as u64);
        self.restart_keep_alive();
        Some((connection, bytes))
    }

    /// Whether messages wait because the socket holds too much already: the caller looks at the
    /// socket's `bufferedAmount` from time to time and says so to
    /// [`handle_buffered`](Self::handle_buffered).
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        let most = self.most_in_socket();
        self.link.as_ref().is_some_and(|link| link.buffered >= most)
            && (!self.queue.is_empty() || self.in_flight.len() > 0)
    }

    /// Whether so much was handed to the socket that the caller should say to
    /// [`handle_buffered`](Self::handle_buffered) how much of it is still there.
    #[must_use]
    pub fn asks_for_buffered(&self) -> bool {
        let link = self.link.as_ref();
        link.is_some_and(|link| link.buffered >= GATHER_BYTES)
    }

    /// Adds a packet that waits for nothing, not even for the server's Receive Maximum.
    /// [MQTT5-3.3.4-8]
    pub(crate) fn send_control(&mut self, packet: &Packet) {
        let Some(link) = self.link.as_mut() else {
            return;
        };
        let limit = link.limits.max_packet_bytes;
        if codec::encode(packet, link.version, limit, &mut link.control).is_err() {
            self.protocol_error(ProtocolError::Internal {
                what: "packet cannot be written",
            });
        }
    }

    /// SUBSCRIBE and UNSUBSCRIBE: all wishes of a turn in as few packets as possible.
    fn gather_requests(&mut self, bytes: &mut BytesMut) {
        let limits = self.link.as_ref().map(|link| &link.limits);
        let room = limits.map_or(0, ServerLimits::room_for_filters);
        self.subscriptions.observe(self.now);
        if self.subscriptions.needs_requests()
            && let Some(link) = self.link.as_ref()
        {
            let refused = self
                .subscriptions
                .prepare(|filter| link.limits.refuses_filter(filter));
            self.answered(refused);
        }
        self.subscriptions.leave_what_is_too_long(room);
        while self.link.is_some() && self.subscriptions.needs_unsubscribe() {
            if self.awaits_verdict() || !self.gather_unsubscribe(room, bytes) {
                return;
            }
        }
        while self.link.is_some() && self.subscriptions.needs_subscribe() {
            if self.awaits_verdict() || !self.gather_subscribe(room, bytes) {
                return;
            }
        }
        while self.link.is_some() && self.subscriptions.needs_hand_over() {
            if self.awaits_verdict() || !self.gather_unsubscribe(room, bytes) {
                return;
            }
        }
    }

    /// `false` when it must wait for a number.
    fn gather_unsubscribe(&mut self, room: usize, bytes: &mut BytesMut) -> bool {
        let Some(packet_id) = self.packet_ids.allocate() else {
            return false;
        };
        // A packet holds one filter at least.
        let room = if self.is_careful() { 0 } else { room };
        let filters = self.subscriptions.next_unsubscribe(packet_id, room);
        self.encode_request(
            &Packet::Unsubscribe(Unsubscribe { packet_id, filters }),
            bytes,
        );
        true
    }

    /// `false` when it must wait for a number.
    fn gather_subscribe(&mut self, room: usize, bytes: &mut BytesMut) -> bool {
        let Some(packet_id) = self.packet_ids.allocate() else {
            return false;
        };
        let one_by_one = self.is_careful();
        let asked = self
            .subscriptions
            .next_subscribe(packet_id, one_by_one, room);
        let filters = asked
            .filters
            .into_iter()
            .map(|(filter, options)| SubscribeFilter {
                filter,
                qos: options.qos,
                no_local: options.no_local,
                retain_as_published: options.retain_as_published,
                retain_handling: options.retain_handling,
            });
        let subscribe = Subscribe {
            packet_id,
            filters: filters.collect(),
            subscription_id: asked.identifier,
            user_properties: Vec::new(),
        };
        self.encode_request(&Packet::Subscribe(subscribe), bytes);
        true
    }

    pub(crate) fn encode_request(&mut self, packet: &Packet, bytes: &mut BytesMut) {
        let limit = self
            .link
            .as_ref()
            .map_or(0, |link| link.limits.max_packet_bytes);
        self.asked();
        if codec::encode(packet, self.version(), limit, bytes).is_err() {
            self.protocol_error(ProtocolError::Internal {
                what: "request cannot be written",
            });
        }
    }

    /// Repetitions, then new messages, as far as window, socket and gathering allow.
    fn gather_messages(&mut self, bytes: &mut BytesMut) {
        self.admit_excess();
        while bytes.len() < GATHER_BYTES && self.socket_has_room(bytes.len()) {
            if self.awaits_verdict() {
                return;
            }
            if self.in_flight.has_unsent() {
                let has_room = self.window_has_room(QoS::AtLeastOnce);
                let Some(resend) = self.in_flight.next_resend(has_room) else {
                    return;
                };
                self.encode_resend(resend, bytes);
                continue;
            }
            if !self.is_next_admitted() {
                return;
            }
            let Some(next) = self.queue.front() else {
                return;
            };
            let size = next.message.parts().len(self.version());
            let waits = !bytes.is_empty() && bytes.len() + size > GATHER_BYTES;
            if waits || !self.window_has_room(next.message.qos) {
                return;
            }
            if !self.encode_next(bytes) {
                return;
            }
        }
    }

    /// Sends the next message, or says why it fails. `false` when it must wait for a number.
    fn encode_next(&mut self, bytes: &mut BytesMut) -> bool {
        let Some(mut queued) = self.queue.pop() else {
            return false;
        };
        if let Err(error) = self.check_next(&mut queued) {
            self.journal.remove_message(queued.kept);
            self.publish_failed(queued.token, error);
            return true;
        }
        let packet_id = match queued.message.qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce | QoS::ExactlyOnce => match self.packet_ids.allocate() {
                Some(packet_id) => Some(packet_id),
                None => {
                    self.queue.push_front(queued);
                    return false;
                }
            },
        };
        match self.encode_publish(&queued.message, packet_id, false, bytes) {
            Ok(()) => {
                self.statistics.sent = self.statistics.sent.saturating_add(1);
                if let Some(packet_id) = packet_id {
                    self.journal.put_place(queued.kept, packet_id);
                    self.in_flight.insert(packet_id, queued);
                    self.asked();
                } else {
                    self.asked_plain(&queued);
                }
            }
            Err(error) => {
                if let Some(packet_id) = packet_id {
                    self.packet_ids.release(packet_id);
                }
                self.journal.remove_message(queued.kept);
                self.publish_failed(queued.token, publish_error(&error));
            }
        }
        true
    }

    /// What this connection does not allow, and what has waited too long, is not sent. The time it
    /// waited is taken off its expiry. [MQTT5-3.3.2-6]
    fn check_next(&self, queued: &mut Queued) -> Result<(), PublishError> {
        let Some(link) = self.link.as_ref() else {
            return Ok(());
        };
        let refusal = link.limits.refuses_message(&queued.message);
        if let Some(refusal) = refusal.or_else(|| self.evidence.refuses(&queued.message, self.now))
        {
            return Err(refusal);
        }
        let expiry = queued.message.properties.as_mut();
        let Some(secs) = expiry.and_then(|given| given.message_expiry_secs.as_mut()) else {
            return Ok(());
        };
        let waited = self.now.saturating_sub(queued.since);
        let left = Duration::from_secs(u64::from(*secs)).saturating_sub(waited);
        if left.is_zero() {
            return Err(PublishError::Expired);
        }
        *secs = u32::try_from(left.as_secs()).unwrap_or(u32::MAX).max(1);
        queued.since = self.now;
        Ok(())
    }

    fn encode_resend(&mut self, resend: Resend, bytes: &mut BytesMut) {
        match resend {
            Resend::Publish(packet_id, message) => {
                if let Err(error) = self.encode_repetition(packet_id, &message, bytes)
                    && let Some(ended) = self.in_flight.give_up(packet_id)
                {
                    self.packet_ids.release(packet_id);
                    self.journal.remove_message(ended.kept);
                    self.publish_failed(ended.token, error);
                }
            }
            Resend::Release(packet_id) => {
                let pubrel = Packet::PubRel(Ack::success(packet_id));
                self.encode_request(&pubrel, bytes);
            }
        }
    }

    /// This connection may allow less than the one that carried the message first.
    /// [MQTT5-3.2.2-11] [MQTT5-3.2.2-14] [MQTT5-3.2.2-15]
    fn encode_repetition(
        &mut self,
        packet_id: PacketId,
        message: &Message,
        bytes: &mut BytesMut,
    ) -> Result<(), PublishError> {
        let limits = self.link.as_ref().map(|link| &link.limits);
        if let Some(refusal) = limits.and_then(|limits| limits.refuses_message(message)) {
            return Err(refusal);
        }
        self.asked();
        self.encode_publish(message, Some(packet_id), true, bytes)
            .map_err(|error| publish_error(&error))
    }

    fn encode_publish(
        &mut self,
        message: &Message,
        packet_id: Option<PacketId>,
        dup: bool,
        bytes: &mut BytesMut,
    ) -> Result<(), EncodeError> {
        let Some(link) = self.link.as_mut() else {
            return Ok(());
        };
        let limit = link.limits.max_packet_bytes;
        let plain = PublishParts {
            dup,
            packet_id,
            ..message.parts()
        };
        let Some(alias) = topic_alias(link, &message.topic) else {
            return plain.encode(link.version, limit, bytes);
        };
        let publish = PublishParts {
            topic: plain.topic.filter(|_| !alias.is_known),
            topic_alias: Some(alias.number),
            ..plain
        };
        if publish.encode(link.version, limit, bytes).is_err() {
            // The number may be what makes the packet too large.
            return plain.encode(link.version, limit, bytes);
        }
        if !alias.is_known {
            let topic = message.topic.to_shared();
            link.aliases_out.insert(topic, alias.number.get().into());
        }
        Ok(())
    }

    fn window_has_room(&self, qos: QoS) -> bool {
        let window = self.link.as_ref().map_or(0, |link| link.limits.window);
        qos == QoS::AtMostOnce || self.in_flight.sent() < window
    }

    /// Whether more may be handed to the socket, behind so many bytes that are about to be.
    pub(crate) fn socket_has_room(&self, gathered: usize) -> bool {
        let most = self.most_in_socket();
        let is_paced = self.lets_excess_wait();
        self.link.as_ref().is_some_and(|link| {
            let under_way = link.bytes_under_way().saturating_add(gathered as u64);
            let is_near = !is_paced || under_way < most as u64;
            is_near && link.buffered.saturating_add(link.held_bytes()) < most
        })
    }

    fn most_in_socket(&self) -> usize {
        if self.lets_excess_wait() {
            pace::SOCKET_BYTES
        } else {
            SOCKET_BYTES
        }
    }

    /// When the last message is delivered, DISCONNECT follows.
    fn end_of_drain(&mut self) -> Option<(ConnectionId, BytesMut)> {
        let is_waiting = self.journal.waits_for().is_some();
        let is_done = self.queue.is_empty() && self.in_flight.len() == 0 && !is_waiting;
        if self.phase != Phase::Draining || !is_done {
            return None;
        }
        self.finish();
        self.poll_transmit()
    }
}

/// A number that stands for a topic.
struct TopicAlias {
    number: NonZeroU16,
    /// The server knows it, so the topic itself is left out.
    is_known: bool,
}

/// The number for a topic on this connection; a new one counts only once the packet is written.
/// [MQTT5-3.3.2-8] [MQTT5-3.3.2-9]
fn topic_alias(link: &Connection, topic: &TopicName) -> Option<TopicAlias> {
    let most = link.limits.topic_aliases;
    if most == 0 {
        return None;
    }
    let known = link.aliases_out.get(topic.as_str()).copied();
    let fresh = u32::try_from(link.aliases_out.len() + 1).ok();
    let number = known.or(fresh.filter(|number| *number <= most.into()))?;
    let number = u16::try_from(number).ok().and_then(NonZeroU16::new)?;
    Some(TopicAlias {
        number,
        is_known: known.is_some(),
    })
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
