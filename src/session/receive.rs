//! What each packet from the server does.

use std::time::Duration;

use super::Session;
use super::event::{
    CloseReason, ConnectionId, Event, Message, PublishError, Received, Token, Warning,
};
use super::inbound::DueAck;
use super::link::Phase;
use crate::codec::ProtocolError;
use crate::packet::{Ack, Packet, PacketType, ProtocolVersion, Publish, QoS, ReasonCode, SubAck};

impl Session {
    /// Bytes came; packets may begin and end anywhere in them. [MQTT-6.0.0-2]
    pub fn handle_bytes(&mut self, now: Duration, connection: ConnectionId, bytes: &[u8]) {
        self.observe(now);
        let now = self.now;
        let Some(link) = self.link.as_mut().filter(|link| link.id == connection) else {
            return;
        };
        link.last_received = now;
        link.decoder.push(bytes);
        while let Some(link) = self.link.as_mut() {
            match link.decoder.next_packet() {
                Ok(Some(packet)) => self.receive(packet),
                Ok(None) => break,
                Err(error) => self.protocol_error(error),
            }
        }
        self.restart_keep_alive();
    }

    fn receive(&mut self, packet: Packet) {
        match self.phase {
            Phase::Handshaking => self.receive_first(&packet),
            Phase::Connected | Phase::Draining => self.receive_next(packet),
            Phase::Closed | Phase::Opening | Phase::Waiting | Phase::Suspended => {
                self.unexpected(packet.packet_type(), "not connected");
            }
        }
    }

    /// The first packet from the server must be CONNACK. [MQTT-3.2.0-1]
    fn receive_first(&mut self, packet: &Packet) {
        match packet {
            Packet::ConnAck(connack) => self.connack(connack),
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
            Packet::Disconnect(disconnect) => {
                let reason = CloseReason::Disconnected {
                    reason: disconnect.reason,
                    reason_string: disconnect.reason_string,
                };
                self.fail(reason, 1000);
            }
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq
            | Packet::Auth(_) => self.unexpected(packet.packet_type(), "connected"),
        }
    }

    fn message(&mut self, publish: Publish) {
        let Some(topic) = publish.topic else {
            return self.protocol_error(ProtocolError::TopicAliasInvalid);
        };
        let due = self
            .link
            .as_ref()
            .zip(publish.packet_id)
            .map(|(link, packet_id)| DueAck {
                connection: link.id,
                qos: publish.qos,
                packet_id,
            });
        if let Some(due) = due.filter(|due| due.qos == QoS::ExactlyOnce)
            && !self.inbound.is_first(due.packet_id)
        {
            // A repetition is acknowledged again but not delivered again. [MQTT-4.3.3-2]
            return self.acknowledge(due);
        }
        let subscriptions = self.subscriptions.matching(&topic);
        if subscriptions.is_empty() {
            self.warn(Warning::UnexpectedTopic);
        }
        let message = Message {
            topic,
            payload: publish.payload,
            qos: publish.qos,
            retain: publish.retain,
        };
        let received = Received {
            message,
            dup: publish.dup,
            subscriptions,
        };
        let dropped = self.inbound.push_message(received, due);
        self.statistics.received = self.statistics.received.saturating_add(1);
        self.statistics.dropped = self.statistics.dropped.saturating_add(dropped);
    }

    /// The application took a message, or a repetition needs none: PUBACK or PUBREC, in the order
    /// of arrival. [MQTT-3.3.4-1] [MQTT-4.6.0-2] [MQTT-4.6.0-3]
    pub(super) fn acknowledge(&mut self, due: DueAck) {
        let up = matches!(self.phase, Phase::Connected | Phase::Draining);
        if !up || !self.is_current(due.connection) {
            return;
        }
        let ack = Ack::success(due.packet_id);
        match due.qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => self.send_control(&Packet::PubAck(ack)),
            QoS::ExactlyOnce => self.send_control(&Packet::PubRec(ack)),
        }
    }

    fn puback(&mut self, ack: &Ack) {
        let token = self.outbound.acknowledge(ack.packet_id);
        self.delivered(token, ack);
    }

    fn pubrec(&mut self, ack: &Ack) {
        if ack.reason.is_error() {
            let token = self.outbound.refuse(ack.packet_id);
            return self.delivered(token, ack);
        }
        if self.outbound.receive(ack.packet_id) {
            // [MQTT-4.3.3-1]
            return self.send_control(&Packet::PubRel(Ack::success(ack.packet_id)));
        }
        self.warn(Warning::UnknownPacketId);
        let reason = self.not_found();
        self.send_control(&Packet::PubRel(Ack::with_reason(ack.packet_id, reason)));
    }

    /// [MQTT-4.3.3-2]
    fn pubrel(&mut self, ack: &Ack) {
        let reason = if self.inbound.release(ack.packet_id) {
            ReasonCode::SUCCESS
        } else {
            self.warn(Warning::UnknownPacketId);
            self.not_found()
        };
        self.send_control(&Packet::PubComp(Ack::with_reason(ack.packet_id, reason)));
    }

    fn pubcomp(&mut self, ack: &Ack) {
        let token = self.outbound.complete(ack.packet_id);
        self.delivered(token, ack);
    }

    fn delivered(&mut self, token: Option<Token>, ack: &Ack) {
        let Some(token) = token else {
            return self.warn(Warning::UnknownPacketId);
        };
        self.packet_ids.release(ack.packet_id);
        if ack.reason.is_error() {
            self.publish_failed(token, PublishError::Refused(ack.reason));
        } else {
            self.inbound.push(Event::Published { token });
        }
    }

    fn suback(&mut self, suback: &SubAck) {
        match self
            .subscriptions
            .subscribed(suback.packet_id, &suback.reasons)
        {
            None => self.warn(Warning::UnknownPacketId),
            Some(Err(_)) => self.wrong_count(PacketType::SubAck),
            Some(Ok(answers)) => {
                self.packet_ids.release(suback.packet_id);
                for answer in answers {
                    let (subscription, filter) = (answer.subscription, answer.filter);
                    self.inbound.push(match QoS::from_number(answer.reason.0) {
                        Some(qos) => Event::Subscribed {
                            subscription,
                            filter,
                            qos,
                        },
                        None => {
                            let reason = answer.reason;
                            Event::SubscribeFailed {
                                subscription,
                                filter,
                                reason,
                            }
                        }
                    });
                }
            }
        }
    }

    fn unsuback(&mut self, unsuback: &SubAck) {
        let reasons = match self.version() {
            ProtocolVersion::V3_1_1 => None,
            ProtocolVersion::V5_0 => Some(unsuback.reasons.as_slice()),
        };
        match self.subscriptions.unsubscribed(unsuback.packet_id, reasons) {
            None => self.warn(Warning::UnknownPacketId),
            Some(Err(_)) => self.wrong_count(PacketType::UnsubAck),
            Some(Ok(filters)) => {
                self.packet_ids.release(unsuback.packet_id);
                for filter in filters {
                    self.inbound.push(Event::Unsubscribed { filter });
                }
            }
        }
    }

    pub(super) fn publish_failed(&mut self, token: Token, error: PublishError) {
        self.inbound.push(Event::PublishFailed { token, error });
    }

    /// What 5.0 says about a number that is not known; 3.1.1 has no words for it.
    const fn not_found(&self) -> ReasonCode {
        match self.version() {
            ProtocolVersion::V3_1_1 => ReasonCode::SUCCESS,
            ProtocolVersion::V5_0 => ReasonCode::PACKET_IDENTIFIER_NOT_FOUND,
        }
    }

    fn wrong_count(&mut self, packet: PacketType) {
        let what = "not one code for each topic filter";
        self.protocol_error(ProtocolError::Violation { packet, what });
    }

    fn unexpected(&mut self, packet: PacketType, state: &'static str) {
        self.protocol_error(ProtocolError::Unexpected { packet, state });
    }

    fn warn(&mut self, warning: Warning) {
        self.inbound.push(Event::Warning(warning));
    }
}
