//! What each packet from the server does.

use std::time::Duration;

use bytes::Bytes;

use crate::codec::ProtocolError;
use crate::packet::{
    Ack, Disconnect, Packet, PacketId, PacketType, ProtocolVersion, Publish, QoS, ReasonCode,
    SubAck,
};
use crate::session::Session;
use crate::session::agreed::in_flight::Ended;
use crate::session::connection::{Phase, TOPIC_ALIASES_IN};
use crate::session::event::{
    CloseReason, ConnectionId, Event, Message, PublishError, Received, Token, Warning,
};
use crate::session::inbox::DueAck;
use crate::session::retry::evidence::Blame;
use crate::session::subscriptions::{Answer, Answers, Audience, Came};
use crate::topic::{TopicFilter, TopicName};

/// By how much a WebSocket message may be larger than the largest packet: it may hold many packets.
pub const MESSAGE_SLACK_BYTES: usize = 64 << 20;

impl Session {
    /// A WebSocket message of so many bytes waits to be read; all that wait together have `waiting`.
    /// Nothing of it needs to be copied to know that it is too large: then the connection ends.
    pub fn handle_waiting(&mut self, now: Duration, connection: ConnectionId, waiting: usize) {
        self.observe(now);
        let largest = self.options.as_ref().map_or(0, |it| it.max_packet_bytes);
        let limit = largest.saturating_add(MESSAGE_SLACK_BYTES);
        if self.is_current(connection) && waiting > limit {
            let bytes = waiting;
            self.protocol_error(ProtocolError::TooLarge { bytes, limit });
        }
    }

    /// How many of many bytes that wait and begin with `start` to read next; 0 when nobody reads them
    /// any more. Between two portions all that they caused is to be carried out.
    #[must_use]
    pub fn portion(&self, connection: ConnectionId, start: &[u8]) -> usize {
        let link = self.link.as_ref().filter(|link| link.id == connection);
        link.map_or(0, |link| link.decoder.portion(start))
    }

    /// Bytes came; packets may begin and end anywhere in them. [MQTT-6.0.0-2]
    pub fn handle_bytes(&mut self, now: Duration, connection: ConnectionId, bytes: Bytes) {
        self.observe(now);
        let now = self.now;
        let Some(link) = self.link.as_mut().filter(|link| link.id == connection) else {
            return;
        };
        link.last_received = now;
        link.heard |= !bytes.is_empty();
        link.decoder.push(bytes);
        while let Some(link) = self.link.as_mut() {
            match link.decoder.next_packet() {
                Ok(Some(packet)) => {
                    if link.decoder.has_left_out() {
                        self.warn(Warning::UserPropertiesLeftOut);
                    }
                    self.receive(packet);
                }
                Ok(None) => break,
                Err(error) => self.protocol_error(error),
            }
        }
        self.restart_keep_alive();
        // Not before: what came late came all the same.
        self.run_deadlines();
    }

    fn receive(&mut self, packet: Packet) {
        match self.phase {
            Phase::Handshaking => self.receive_first(&packet),
            Phase::Connected | Phase::Draining => self.receive_next(packet),
            Phase::Closed
            | Phase::Restoring
            | Phase::Opening
            | Phase::Waiting
            | Phase::Suspended => {
                self.unexpected(packet.packet_type(), "not connected");
            }
        }
    }

    /// The first packet from the server must be CONNACK. [MQTT-3.2.0-1]
    fn receive_first(&mut self, packet: &Packet) {
        match packet {
            Packet::ConnAck(connack) => self.connack(connack),
            Packet::Disconnect(disconnect) => self.disconnected(disconnect),
            other => self.unexpected(other.packet_type(), "waiting for CONNACK"),
        }
    }

    fn receive_next(&mut self, packet: Packet) {
        match packet {
            Packet::Publish(publish) => self.message(publish),
            Packet::PubAck(ack) => self.puback(&ack),
            Packet::PubRec(ack) => self.pubrec(&ack),
            Packet::PubRel(ack) => self.pubrel(&ack),
            Packet::PubComp(ack) => self.pubcomp(&ack),
            Packet::SubAck(suback) => self.suback(&suback),
            Packet::UnsubAck(unsuback) => self.unsuback(&unsuback),
            Packet::PingResp => self.ping_answered(),
            Packet::Disconnect(disconnect) => self.disconnected(&disconnect),
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq
            | Packet::Auth(_) => self.unexpected(packet.packet_type(), "connected"),
        }
    }

    /// DISCONNECT, which only servers of 5.0 send. [MQTT5-4.13.2-1]
    fn disconnected(&mut self, disconnect: &Disconnect) {
        self.suspect_link(Blame::of_disconnect(disconnect.reason));
        self.fail(CloseReason::Disconnected {
            reason: disconnect.reason,
            reason_string: disconnect.reason_string.clone(),
            server_reference: disconnect.server_reference.clone(),
        });
    }

    fn message(&mut self, mut publish: Publish) {
        let topic = match self.resolve_topic(&mut publish) {
            Ok(topic) => topic,
            Err(error) => return self.protocol_error(error),
        };
        let Some(link) = self.link.as_mut() else {
            return;
        };
        let connection = link.id;
        let due = publish.packet_id.map(|packet_id| DueAck {
            connection,
            qos: publish.qos,
            packet_id,
            session: self.inbox.session(),
        });
        if let Some(due) = due {
            link.unacknowledged.insert(due.packet_id);
            if let Err(error) = self.tolerate_excess() {
                return self.protocol_error(error);
            }
            if due.qos == QoS::ExactlyOnce && !self.inbox.is_first(due.packet_id) {
                // A repetition is acknowledged again but not delivered again. [MQTT-4.3.3-2]
                if !self.inbox.still_waits(due) {
                    self.acknowledge(due);
                }
                return;
            }
        }
        self.deliver(topic, publish, due);
    }

    /// More messages than our Receive Maximum: mosquitto 2.0.11 sends them when it resumes a session
    /// whose acknowledgements were lost. They are taken as long as the receive queue has room: to
    /// close would lose them, and the next connection would begin the same way. [MQTT5-3.3.4-9]
    fn tolerate_excess(&mut self) -> Result<(), ProtocolError> {
        let (Some(options), Some(link)) = (self.options.as_ref(), self.link.as_mut()) else {
            return Ok(());
        };
        let window = usize::from(options.receive_window);
        if link.version != ProtocolVersion::V5_0 || link.unacknowledged.len() <= window {
            return Ok(());
        }
        if self.inbox.is_full() {
            return Err(ProtocolError::ReceiveMaximumExceeded);
        }
        if !std::mem::replace(&mut link.warned_of_excess, true) {
            self.warn(Warning::ReceiveMaximumExceeded);
        }
        Ok(())
    }

    fn deliver(&mut self, topic: TopicName, publish: Publish, due: Option<DueAck>) {
        let given = publish.properties.as_deref();
        let came = Came {
            topic: &topic,
            payload: &publish.payload,
            retain: publish.retain,
            identifiers: given.map_or(&[], |given| given.subscription_ids.as_slice()),
        };
        self.subscriptions.observe(self.now);
        let subscriptions = match self.subscriptions.audience(came) {
            Audience::Filters(subscriptions) => subscriptions,
            Audience::HasItAlready => {
                let due = self.inbox.push_ack(due);
                return self.taken(due);
            }
        };
        if subscriptions.is_empty() {
            self.warn(Warning::UnexpectedTopic);
        }
        let message = Message {
            topic,
            payload: publish.payload,
            qos: publish.qos,
            retain: publish.retain,
            properties: publish.properties,
        };
        let received = Received {
            message,
            dup: publish.dup,
            subscriptions,
        };
        let dropped = self.inbox.push_message(received, due);
        self.statistics.received = self.statistics.received.saturating_add(1);
        self.statistics.dropped = self.statistics.dropped.saturating_add(dropped);
    }

    /// The topic, or what its number stands for on this connection. [MQTT5-3.3.2-10]
    fn resolve_topic(&mut self, publish: &mut Publish) -> Result<TopicName, ProtocolError> {
        let alias = publish
            .properties
            .as_mut()
            .and_then(|given| given.topic_alias.take());
        let Some(alias) = alias else {
            return publish.topic.take().ok_or(ProtocolError::TopicAliasInvalid);
        };
        let link = self
            .link
            .as_mut()
            .filter(|_| alias.get() <= TOPIC_ALIASES_IN);
        let aliases = &mut link.ok_or(ProtocolError::TopicAliasInvalid)?.aliases_in;
        let known = aliases.iter().position(|(number, _)| *number == alias);
        match (publish.topic.take(), known) {
            (Some(topic), known) => {
                if let Some(position) = known {
                    aliases.remove(position);
                }
                aliases.push((alias, topic.clone()));
                Ok(topic)
            }
            (None, Some(position)) => {
                let topic = aliases.get(position).map(|(_, topic)| topic.clone());
                topic.ok_or(ProtocolError::TopicAliasInvalid)
            }
            (None, None) => Err(ProtocolError::TopicAliasInvalid),
        }
    }

    /// The application took a message, or a repetition needs none: PUBACK or PUBREC, in the order
    /// of arrival. [MQTT-3.3.4-1] [MQTT-4.6.0-2] [MQTT-4.6.0-3]
    pub(crate) fn acknowledge(&mut self, due: DueAck) {
        let up = matches!(self.phase, Phase::Connected | Phase::Draining);
        if !up || !self.is_current(due.connection) {
            return;
        }
        let ack = Ack::success(due.packet_id);
        match due.qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => {
                self.quota_back(due.packet_id);
                self.send_control(&Packet::PubAck(ack));
            }
            QoS::ExactlyOnce => self.send_control(&Packet::PubRec(ack)),
        }
    }

    fn puback(&mut self, ack: &Ack) {
        if ack.reason.is_error() {
            return self.message_refused(ack);
        }
        let ended = self.in_flight.acknowledge(ack.packet_id);
        let ended = ended.or_else(|| self.taken_with_qos_1(ack.packet_id));
        self.answered_message(ended, ack);
    }

    /// PUBACK or PUBREC with a refusal. It is plain even when the other one was due: the message
    /// would keep its place in the window for ever. [MQTT5-4.3.3-4]
    fn message_refused(&mut self, ack: &Ack) {
        let ended = self.in_flight.give_up(ack.packet_id);
        self.answered_message(ended, ack);
    }

    /// RabbitMQ answers QoS 2 with PUBACK. 3.1.1 has no words for a lower QoS, and the message would
    /// take its place in the window for ever.
    fn taken_with_qos_1(&mut self, packet_id: PacketId) -> Option<Ended> {
        if self.version() != ProtocolVersion::V3_1_1 {
            return None;
        }
        let ended = self.in_flight.refuse(packet_id)?;
        self.warn(Warning::QosLowered);
        Some(ended)
    }

    fn pubrec(&mut self, ack: &Ack) {
        if ack.reason.is_error() {
            return self.message_refused(ack);
        }
        if let Some((kept, released)) = self.in_flight.receive(ack.packet_id) {
            self.journal.put_released(kept, ack.packet_id, released);
            // [MQTT-4.3.3-1]
            return self.send_control(&Packet::PubRel(Ack::success(ack.packet_id)));
        }
        self.warn(Warning::UnknownPacketId);
        let reason = self.not_found();
        self.send_control(&Packet::PubRel(Ack::with_reason(ack.packet_id, reason)));
    }

    /// [MQTT-4.3.3-2]
    fn pubrel(&mut self, ack: &Ack) {
        let reason = if self.inbox.release(ack.packet_id) {
            self.journal.remove_received(ack.packet_id);
            ReasonCode::SUCCESS
        } else {
            self.warn(Warning::UnknownPacketId);
            self.not_found()
        };
        self.quota_back(ack.packet_id);
        self.send_control(&Packet::PubComp(Ack::with_reason(ack.packet_id, reason)));
    }

    /// The server may send one more message.
    fn quota_back(&mut self, packet_id: PacketId) {
        if let Some(link) = self.link.as_mut() {
            link.unacknowledged.remove(packet_id);
        }
    }

    /// PUBCOMP: the server has the message since its PUBREC. That it does not know the number any
    /// more means only that an earlier PUBCOMP was lost with its connection.
    fn pubcomp(&mut self, ack: &Ack) {
        let ended = self.in_flight.complete(ack.packet_id);
        let is_known = ack.reason != ReasonCode::PACKET_IDENTIFIER_NOT_FOUND;
        let reason = Some(ack.reason).filter(|_| is_known);
        let ack = Ack::with_reason(ack.packet_id, reason.unwrap_or(ReasonCode::SUCCESS));
        self.answered_message(ended, &ack);
    }

    /// PUBACK, PUBCOMP, or PUBREC with a refusal: nothing more is sent for the message.
    fn answered_message(&mut self, ended: Option<Ended>, ack: &Ack) {
        let Some(Ended { token, kept, .. }) = ended else {
            return self.warn(Warning::UnknownPacketId);
        };
        self.packet_ids.release(ack.packet_id);
        self.journal.remove_message(kept);
        self.one_message_less();
        if ack.reason.is_error() {
            self.publish_failed(token, PublishError::Refused(ack.reason));
        } else {
            self.inbox.push(Event::Published { token });
        }
    }

    fn suback(&mut self, suback: &SubAck) {
        self.subscriptions.observe(self.now);
        let answers = self
            .subscriptions
            .subscribed(suback.packet_id, &suback.reasons);
        let answers = self.request_ended(suback.packet_id, answers);
        self.answered(answers);
    }

    pub(crate) fn answered(&mut self, answers: Vec<Answer>) {
        for Answer {
            subscription,
            filter,
            reason,
        } in answers
        {
            if !reason.is_error() {
                self.evidence.acquit_filter(subscription);
            }
            self.inbox.push(match QoS::from_number(reason.0) {
                Some(qos) => Event::Subscribed {
                    subscription,
                    filter,
                    qos,
                },
                None => Event::SubscribeFailed {
                    subscription,
                    filter,
                    reason,
                },
            });
        }
    }

    fn unsuback(&mut self, unsuback: &SubAck) {
        let reasons = match self.version() {
            ProtocolVersion::V3_1_1 => None,
            ProtocolVersion::V5_0 => Some(unsuback.reasons.as_slice()),
        };
        let answers = self.subscriptions.unsubscribed(unsuback.packet_id, reasons);
        for Answer { filter, reason, .. } in self.request_ended(unsuback.packet_id, answers) {
            self.inbox.push(if reason.is_error() {
                Event::UnsubscribeFailed { filter, reason }
            } else {
                Event::Unsubscribed { filter }
            });
        }
    }

    pub(crate) fn unsubscribed(&mut self, filters: Vec<TopicFilter>) {
        for filter in filters {
            self.inbox.push(Event::Unsubscribed { filter });
        }
    }

    /// SUBACK or UNSUBACK: its number is free, unless we never used it.
    fn request_ended(&mut self, packet_id: PacketId, answers: Option<Answers>) -> Vec<Answer> {
        let Some(Answers { filters, is_whole }) = answers else {
            self.warn(Warning::UnknownPacketId);
            return Vec::new();
        };
        self.packet_ids.release(packet_id);
        if !is_whole {
            self.warn(Warning::WrongNumberOfCodes);
        }
        filters
    }

    pub(crate) fn publish_failed(&mut self, token: Token, error: PublishError) {
        self.inbox.push(Event::PublishFailed { token, error });
    }

    /// What 5.0 says about a number that is not known; 3.1.1 has no words for it.
    fn not_found(&self) -> ReasonCode {
        match self.version() {
            ProtocolVersion::V3_1_1 => ReasonCode::SUCCESS,
            ProtocolVersion::V5_0 => ReasonCode::PACKET_IDENTIFIER_NOT_FOUND,
        }
    }

    fn unexpected(&mut self, packet: PacketType, state: &'static str) {
        self.protocol_error(ProtocolError::Unexpected { packet, state });
    }

    fn warn(&mut self, warning: Warning) {
        self.inbox.push(Event::Warning(warning));
    }
}
