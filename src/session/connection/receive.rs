//! What each packet from the server does.

use std::time::Duration;

use bytes::Bytes;

use super::{Close, Connection};
use crate::codec::ProtocolError;
use crate::packet::{
    Ack, Packet, PacketId, PacketType, ProtocolVersion, Publish, QoS, ReasonCode, SubAck,
};
use crate::session::agreed::Agreed;
use crate::session::agreed::in_flight::Numbers;
use crate::session::agreed::packet_ids::PacketIdSet;
use crate::session::agreed::subscriptions::{Answer, Answers, Audience, Came};
use crate::session::clock::Timer;
use crate::session::event::{Event, Message, PublishError, Received, Warning};
use crate::session::outbox::DueAck;
use crate::session::outbox::Outbox;
use crate::session::parts::{Parts, add};
use crate::topic::TopicName;

/// By how much a WebSocket message may be larger than the largest packet: it may hold many packets.
pub const MESSAGE_SLACK_BYTES: usize = 64 << 20;

/// Received QoS 1 and 2 messages that are not acknowledged yet. [MQTT5-3.3.4-9]
#[derive(Debug, Default)]
pub(crate) struct Unacknowledged {
    ids: PacketIdSet,
    /// There were more of them than our Receive Maximum, and that was reported.
    warned_of_excess: bool,
}

impl Connection {
    /// Bytes came; packets may begin and end anywhere in them. [MQTT-6.0.0-2]
    pub(crate) fn received(&mut self, bytes: Bytes, now: Duration) {
        self.keep_alive.last_received = now;
        self.heard |= !bytes.is_empty();
        self.decoder.push(bytes);
    }

    /// How many of many bytes that wait and begin with `start` to read next.
    pub(crate) fn portion(&self, start: &[u8]) -> usize {
        self.decoder.portion(start)
    }

    /// The next whole packet.
    fn next_packet(&mut self, out: &mut Outbox) -> Result<Option<Packet>, Close> {
        let packet = self.decoder.next_packet()?;
        if packet.is_some() && self.decoder.has_left_out() {
            out.warn(Warning::UserPropertiesLeftOut);
        }
        Ok(packet)
    }

    /// The first packet from the server must be CONNACK. [MQTT-3.2.0-1] `false` if it is not there yet.
    pub(crate) fn receive_first(&mut self, parts: &mut Parts) -> Result<bool, Close> {
        match self.next_packet(&mut parts.out)? {
            None => Ok(false),
            Some(Packet::ConnAck(connack)) => self.connack(&connack, parts).map(|()| true),
            Some(Packet::Disconnect(disconnect)) => Err(Close::Disconnected(disconnect)),
            Some(other) => Err(unexpected(other.packet_type(), "waiting for CONNACK")),
        }
    }

    /// `false` if no whole packet is there.
    pub(crate) fn receive_next(&mut self, parts: &mut Parts) -> Result<bool, Close> {
        let Some(packet) = self.next_packet(&mut parts.out)? else {
            return Ok(false);
        };
        let Parts { agreed, out, .. } = parts;
        match packet {
            Packet::Publish(publish) => self.message(publish, parts)?,
            Packet::PubAck(ack) => self.puback(ack, agreed, out),
            Packet::PubRec(ack) => self.pubrec(ack, agreed, out)?,
            Packet::PubRel(ack) => self.pubrel(ack, agreed, out)?,
            Packet::PubComp(ack) => self.pubcomp(ack, agreed, out),
            Packet::SubAck(suback) => suback_came(&suback, parts),
            Packet::UnsubAck(unsuback) => self.unsuback(&unsuback, agreed, out),
            Packet::PingResp => {
                self.outgoing.all_read();
                let took = self.keep_alive.answered(&mut parts.clock);
                let known = &mut parts.statistics.answer_time;
                *known = took.or(*known);
            }
            // Only servers of 5.0 send it. [MQTT5-4.13.2-1]
            Packet::Disconnect(disconnect) => return Err(Close::Disconnected(disconnect)),
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq
            | Packet::Auth(_) => return Err(unexpected(packet.packet_type(), "connected")),
        }
        Ok(true)
    }

    fn message(&mut self, mut publish: Publish, parts: &mut Parts) -> Result<(), Close> {
        let topic = self.aliases.resolve(&mut publish)?;
        let due = publish.packet_id.map(|packet_id| DueAck {
            connection: self.id,
            qos: publish.qos,
            packet_id,
            session: parts.agreed.received.session(),
        });
        if let Some(due) = due {
            self.unacknowledged.ids.insert(due.packet_id);
            let maximum = parts.wanted.options.receive_maximum;
            self.tolerate_excess(maximum, &mut parts.out)?;
            let is_twice = due.qos == QoS::ExactlyOnce;
            if is_twice && !parts.agreed.received.is_first(due.packet_id) {
                // A repetition is acknowledged again but not delivered again. [MQTT-4.3.3-2]
                if !parts.out.still_waits(due) {
                    self.acknowledge(due)?;
                }
                return Ok(());
            }
        }
        self.deliver(topic, publish, due, parts)
    }

    /// More messages than our Receive Maximum: mosquitto 2.0.11 sends them when it resumes a session
    /// whose acknowledgements were lost. They are taken as long as the receive queue has room: to
    /// close would lose them, and the next connection would begin the same way. [MQTT5-3.3.4-9]
    fn tolerate_excess(&mut self, maximum: u16, out: &mut Outbox) -> Result<(), Close> {
        let is_excess = self.unacknowledged.ids.len() > usize::from(maximum);
        if self.version != ProtocolVersion::V5_0 || !is_excess {
            return Ok(());
        }
        if out.is_full() {
            return Err(ProtocolError::ReceiveMaximumExceeded.into());
        }
        if !std::mem::replace(&mut self.unacknowledged.warned_of_excess, true) {
            out.warn(Warning::ReceiveMaximumExceeded);
        }
        Ok(())
    }

    fn deliver(
        &mut self,
        topic: TopicName,
        publish: Publish,
        due: Option<DueAck>,
        parts: &mut Parts,
    ) -> Result<(), Close> {
        let given = publish.properties.as_deref();
        let came = Came {
            topic: &topic,
            payload: &publish.payload,
            retain: publish.retain,
            identifiers: given.map_or(&[], |given| given.subscription_ids.as_slice()),
        };
        parts.agreed.subscriptions.observe(parts.clock.now());
        let subscriptions = match parts.agreed.subscriptions.audience(came) {
            Audience::Filters(subscriptions) => subscriptions,
            Audience::HasItAlready => {
                let due = parts.out.push_ack(due);
                return due.map_or(Ok(()), |due| self.taken(due, &mut parts.agreed));
            }
        };
        if subscriptions.is_empty() {
            parts.out.warn(Warning::UnexpectedTopic);
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
        let dropped = parts.out.push_message(received, due);
        add(&mut parts.statistics.received, 1);
        add(&mut parts.statistics.dropped, dropped);
        Ok(())
    }

    /// The application took a message that may be of this connection.
    pub(crate) fn taken(&mut self, due: DueAck, agreed: &mut Agreed) -> Result<(), Close> {
        agreed.taken(due);
        if due.connection == self.id {
            self.acknowledge(due)?;
        }
        Ok(())
    }

    /// The application took a message, or a repetition needs none: PUBACK or PUBREC, in the order
    /// of arrival. [MQTT-3.3.4-1] [MQTT-4.6.0-2] [MQTT-4.6.0-3]
    fn acknowledge(&mut self, due: DueAck) -> Result<(), Close> {
        let ack = Ack::success(due.packet_id);
        match due.qos {
            QoS::AtMostOnce => Ok(()),
            QoS::AtLeastOnce => {
                self.unacknowledged.ids.remove(due.packet_id);
                self.send(&Packet::PubAck(ack))
            }
            QoS::ExactlyOnce => self.send(&Packet::PubRec(ack)),
        }
    }

    fn puback(&mut self, ack: Ack, agreed: &mut Agreed, out: &mut Outbox) {
        if ack.reason.is_error() {
            return self.message_refused(ack, agreed, out);
        }
        let ended = agreed.in_flight.acknowledge(ack.packet_id);
        let ended = ended.or_else(|| self.taken_with_qos_1(ack.packet_id, agreed, out));
        self.answered_message(ended, ack.reason, agreed, out);
    }

    /// PUBACK or PUBREC with a refusal. It is plain even when the other one was due: the message
    /// would keep its place in the window for ever. [MQTT5-4.3.3-4]
    fn message_refused(&mut self, ack: Ack, agreed: &mut Agreed, out: &mut Outbox) {
        let ended = agreed.in_flight.give_up(ack.packet_id);
        self.answered_message(ended, ack.reason, agreed, out);
    }

    /// RabbitMQ answers QoS 2 with PUBACK. 3.1.1 has no words for a lower QoS, and the message would
    /// take its place in the window for ever.
    fn taken_with_qos_1(
        &self,
        packet_id: PacketId,
        agreed: &mut Agreed,
        out: &mut Outbox,
    ) -> Option<Numbers> {
        if self.version != ProtocolVersion::V3_1_1 {
            return None;
        }
        let ended = agreed.in_flight.refuse(packet_id)?;
        out.warn(Warning::QosLowered);
        Some(ended)
    }

    fn pubrec(&mut self, ack: Ack, agreed: &mut Agreed, out: &mut Outbox) -> Result<(), Close> {
        if ack.reason.is_error() {
            self.message_refused(ack, agreed, out);
            return Ok(());
        }
        // [MQTT-4.3.3-1]
        let is_known = agreed.pubrec(ack.packet_id);
        let reason = self.known_or_not(is_known, out);
        self.send(&Packet::PubRel(Ack::with_reason(ack.packet_id, reason)))
    }

    /// [MQTT-4.3.3-2] The server may send one more message.
    fn pubrel(&mut self, ack: Ack, agreed: &mut Agreed, out: &mut Outbox) -> Result<(), Close> {
        let is_known = agreed.pubrel(ack.packet_id);
        let reason = self.known_or_not(is_known, out);
        self.unacknowledged.ids.remove(ack.packet_id);
        self.send(&Packet::PubComp(Ack::with_reason(ack.packet_id, reason)))
    }

    /// PUBCOMP: the server has the message since its PUBREC. That it does not know the number any
    /// more means only that an earlier PUBCOMP was lost with its connection.
    fn pubcomp(&mut self, ack: Ack, agreed: &mut Agreed, out: &mut Outbox) {
        let ended = agreed.in_flight.complete(ack.packet_id);
        let is_unknown = ack.reason == ReasonCode::PACKET_IDENTIFIER_NOT_FOUND;
        let reason = Some(ack.reason).filter(|_| !is_unknown);
        self.answered_message(ended, reason.unwrap_or(ReasonCode::SUCCESS), agreed, out);
    }

    /// PUBACK, PUBCOMP, or PUBREC with a refusal: nothing more is sent for the message.
    fn answered_message(
        &mut self,
        ended: Option<Numbers>,
        reason: ReasonCode,
        agreed: &mut Agreed,
        out: &mut Outbox,
    ) {
        let Some(ended) = ended else {
            return out.warn(Warning::UnknownPacketId);
        };
        self.quarantine.one_message_less();
        agreed.ended(ended);
        let token = ended.token;
        out.emit(if reason.is_error() {
            let error = PublishError::Refused(reason);
            Event::PublishFailed { token, error }
        } else {
            Event::Published { token }
        });
    }

    fn unsuback(&self, unsuback: &SubAck, agreed: &mut Agreed, out: &mut Outbox) {
        let reasons = match self.version {
            ProtocolVersion::V3_1_1 => None,
            ProtocolVersion::V5_0 => Some(unsuback.reasons.as_slice()),
        };
        let packet_id = unsuback.packet_id;
        let answers = agreed.subscriptions.unsubscribed(packet_id, reasons);
        for Answer { filter, reason, .. } in request_ended(packet_id, answers, agreed, out) {
            out.emit(if reason.is_error() {
                Event::UnsubscribeFailed { filter, reason }
            } else {
                Event::Unsubscribed { filter }
            });
        }
    }

    /// What 5.0 says about a number that is not known; 3.1.1 has no words for it.
    fn known_or_not(&self, is_known: bool, out: &mut Outbox) -> ReasonCode {
        if is_known {
            return ReasonCode::SUCCESS;
        }
        out.warn(Warning::UnknownPacketId);
        match self.version {
            ProtocolVersion::V3_1_1 => ReasonCode::SUCCESS,
            ProtocolVersion::V5_0 => ReasonCode::PACKET_IDENTIFIER_NOT_FOUND,
        }
    }
}

fn suback_came(suback: &SubAck, parts: &mut Parts) {
    let subscriptions = &mut parts.agreed.subscriptions;
    subscriptions.observe(parts.clock.now());
    let answers = subscriptions.subscribed(suback.packet_id, &suback.reasons);
    let Parts { agreed, out, .. } = parts;
    let answers = request_ended(suback.packet_id, answers, agreed, out);
    if let Some(delay) = agreed.subscriptions.later {
        parts.clock.set(Timer::AskAgain, delay);
    }
    parts.answered(answers);
}

/// SUBACK or UNSUBACK: its number is free, unless we never used it.
fn request_ended(
    packet_id: PacketId,
    answers: Option<Answers>,
    agreed: &mut Agreed,
    out: &mut Outbox,
) -> Vec<Answer> {
    let Some(Answers { filters, is_whole }) = answers else {
        out.warn(Warning::UnknownPacketId);
        return Vec::new();
    };
    agreed.packet_ids.release(packet_id);
    if !is_whole {
        out.warn(Warning::WrongNumberOfCodes);
    }
    filters
}

fn unexpected(packet: PacketType, state: &'static str) -> Close {
    ProtocolError::Unexpected { packet, state }.into()
}
