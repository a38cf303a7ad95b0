//! What is sent, in which order, and when it must wait.

use std::time::Duration;

use bytes::BytesMut;

use super::outgoing::GATHER_BYTES;
use super::{Close, Connection};
use crate::codec::{self, EncodeError, ProtocolError, PublishParts};
use crate::packet::{Ack, Packet, PacketId, QoS};
use crate::session::agreed::Agreed;
use crate::session::agreed::in_flight::Resend;
use crate::session::clock::{Clock, Timer};
use crate::session::event::{Event, Message, PublishError, Token};
use crate::session::parts::{Parts, add};
use crate::session::retry::evidence::Evidence;
use crate::session::wanted::pace::{Pace, Road};
use crate::session::wanted::queue::Queued;

impl Connection {
    /// What leaves before CONNACK.
    pub(crate) fn transmit_first(&mut self, now: Duration) -> Option<BytesMut> {
        let bytes = std::mem::take(&mut self.outgoing.control);
        if bytes.is_empty() {
            return None;
        }
        self.sending(bytes.len(), now);
        Some(bytes)
    }

    /// Whole packets to be sent as one binary WebSocket message. [MQTT-6.0.0-1]
    ///
    /// Acknowledgements, requests and pings come first, then repetitions, then new messages.
    pub(crate) fn transmit(
        &mut self,
        is_draining: bool,
        parts: &mut Parts,
    ) -> Result<Option<BytesMut>, Close> {
        loop {
            if let Some(bytes) = self.outgoing.next_held(&parts.agreed.journal) {
                return Ok(Some(self.sends(bytes, &mut parts.clock)));
            }
            let mut bytes = std::mem::take(&mut self.outgoing.control);
            if is_draining || !self.quarantine.is_quiet(parts.clock.now()) {
                self.gather_requests(&mut bytes, parts)?;
                self.gather_written(&mut bytes, parts);
                self.gather_messages(is_draining, &mut bytes, parts)?;
                self.ask_how_far(&mut bytes, &parts.wanted.pace, parts.clock.now())?;
            }
            if bytes.is_empty() && self.outgoing.control.is_empty() {
                return Ok(None);
            }
            if bytes.is_empty() {
                continue;
            }
            let gathered = bytes.split();
            if self.outgoing.control.is_empty() && gathered.len() <= GATHER_BYTES {
                // The rest of the block, and all of it again once what is sent is dropped.
                self.outgoing.control = bytes;
            }
            match parts.agreed.journal.waits_for() {
                Some(commit) => self.outgoing.hold(commit, gathered),
                None => return Ok(Some(self.sends(gathered, &mut parts.clock))),
            }
        }
    }

    /// Adds a packet that waits for nothing, not even for the server's Receive Maximum.
    /// [MQTT5-3.3.4-8]
    pub(crate) fn send(&mut self, packet: &Packet) -> Result<(), Close> {
        let limit = self.limits.max_packet_bytes;
        let written = codec::encode(packet, self.version, limit, &mut self.outgoing.control);
        written.map_err(|_| internal("packet cannot be written"))
    }

    /// Adds a packet that the server may refuse by ending the connection.
    pub(crate) fn write(
        &mut self,
        packet: &Packet,
        now: Duration,
        bytes: &mut BytesMut,
    ) -> Result<(), Close> {
        self.quarantine.asked(now);
        let limit = self.limits.max_packet_bytes;
        let written = codec::encode(packet, self.version, limit, bytes);
        written.map_err(|_| internal("request cannot be written"))
    }

    /// How the way to the server is for a new message.
    pub(crate) fn road(&self, pace: &Pace) -> Road {
        if self.outgoing.has_room(0, pace) {
            Road::Free
        } else {
            Road::Full
        }
    }

    fn sends(&mut self, bytes: BytesMut, clock: &mut Clock) -> BytesMut {
        self.sending(bytes.len(), clock.now());
        self.keep_alive.restart(clock);
        bytes
    }

    fn sending(&mut self, bytes: usize, now: Duration) {
        self.keep_alive.last_sent = now;
        self.outgoing.sent(bytes);
    }

    /// Writes a message of QoS 0 without properties, if nothing stands before it. It leaves behind the
    /// requests of its turn. `None`: it must wait for its own.
    pub(crate) fn write_at_once(
        &self,
        message: &PublishParts<'_>,
        parts: &mut Parts,
    ) -> Option<Token> {
        let written = parts.wanted.queue.written().len();
        let limit = self.limits.max_packet_bytes;
        let bytes = message.len(self.version);
        let is_free = message.has_nothing_more()
            && bytes <= limit
            && written + bytes <= GATHER_BYTES
            && parts.wanted.queue.may_write(message)
            && self.outgoing.has_room(written, &parts.wanted.pace)
            && (self.limits.retain || !message.retain)
            && self.limits.topic_aliases == 0
            && !parts.agreed.in_flight.has_unsent()
            && !parts.retry.evidence.refuses_any()
            && !self.quarantine.may_hold_back(parts.clock.now());
        // Last: it counts towards the rate.
        if !is_free || !parts.takes(Road::Free) {
            return None;
        }
        parts.wanted.write(message, self.version, limit)
    }

    fn gather_written(&mut self, bytes: &mut BytesMut, parts: &mut Parts) {
        let messages = parts.wanted.queue.send_written(bytes);
        if messages > 0 {
            self.quarantine.sent_plain(messages, parts.clock.now());
            add(&mut parts.statistics.sent, messages);
        }
    }

    /// Repetitions, then new messages, as far as Receive Maximum, socket and gathering allow.
    fn gather_messages(
        &mut self,
        is_draining: bool,
        bytes: &mut BytesMut,
        parts: &mut Parts,
    ) -> Result<(), Close> {
        let road = if is_draining {
            Road::Closed
        } else {
            self.road(&parts.wanted.pace)
        };
        if parts.has_messages() {
            self.outgoing.wants_room(&parts.wanted.pace);
        }
        let wanted = &mut parts.wanted;
        wanted
            .pace
            .admit(&mut wanted.queue, parts.clock.now(), road);
        while bytes.len() < GATHER_BYTES && self.outgoing.has_room(bytes.len(), &parts.wanted.pace)
        {
            if self.awaits_answer(parts)? {
                return Ok(());
            }
            if parts.agreed.in_flight.has_unsent() {
                let has_room = self.server_has_room(QoS::AtLeastOnce, &parts.agreed);
                let Some(resend) = parts.agreed.in_flight.next_resend(has_room) else {
                    return Ok(());
                };
                self.write_again(resend, bytes, parts)?;
                continue;
            }
            let Some(next) = parts.wanted.queue.front() else {
                return Ok(());
            };
            if next.excess && !is_draining {
                if let Some(turn) = parts.wanted.pace.next() {
                    parts.clock.set_at(Timer::Publish, turn);
                }
                return Ok(());
            }
            let waits = !bytes.is_empty() && bytes.len() + next.bytes() > GATHER_BYTES;
            if waits || !self.server_has_room(next.message.qos, &parts.agreed) {
                return Ok(());
            }
            if !self.write_next(bytes, parts)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends the next message, or says why it fails. `false` when it must wait for a number.
    fn write_next(&mut self, bytes: &mut BytesMut, parts: &mut Parts) -> Result<bool, Close> {
        let Some(mut queued) = parts.wanted.queue.pop() else {
            return Ok(false);
        };
        let checked = self.check(&mut queued, &parts.retry.evidence, &parts.clock);
        if let Err(error) = checked {
            parts.failed(queued.token, queued.stored, error);
            return Ok(true);
        }
        let has_number = queued.message.qos != QoS::AtMostOnce;
        let packet_id = if has_number {
            parts.agreed.packet_ids.allocate()
        } else {
            None
        };
        if has_number && packet_id.is_none() {
            parts.wanted.queue.push_front(queued);
            return Ok(false);
        }
        if let Err(error) = self.write_publish(&queued.message, packet_id, false, bytes) {
            if let Some(packet_id) = packet_id {
                parts.agreed.packet_ids.release(packet_id);
            }
            parts.failed(queued.token, queued.stored, error.into());
            return Ok(true);
        }
        add(&mut parts.statistics.sent, 1);
        let Some(packet_id) = packet_id else {
            let subscriptions = &parts.agreed.subscriptions;
            if self
                .quarantine
                .asked_plain(&queued, parts.clock.now(), subscriptions)
            {
                self.ping(&mut parts.clock)?;
            }
            return Ok(true);
        };
        parts.agreed.sent(packet_id, queued);
        self.quarantine.asked(parts.clock.now());
        Ok(true)
    }

    /// What this connection does not allow, and what has waited too long, is not sent. The time it
    /// waited is taken off its expiry. [MQTT5-3.3.2-6]
    fn check(
        &self,
        queued: &mut Queued,
        evidence: &Evidence,
        clock: &Clock,
    ) -> Result<(), PublishError> {
        let message = &queued.message;
        let refusal = self.limits.refuses_message(message);
        if let Some(refusal) = refusal.or_else(|| evidence.refuses(message, clock.now())) {
            return Err(refusal);
        }
        let expiry = queued.message.properties.as_mut();
        let Some(secs) = expiry.and_then(|given| given.message_expiry_secs.as_mut()) else {
            return Ok(());
        };
        let waited = clock.since(queued.since);
        let left = Duration::from_secs(u64::from(*secs)).saturating_sub(waited);
        if left.is_zero() {
            return Err(PublishError::Expired);
        }
        *secs = u32::try_from(left.as_secs()).unwrap_or(u32::MAX).max(1);
        queued.since = clock.now();
        Ok(())
    }

    fn write_again(
        &mut self,
        resend: Resend,
        bytes: &mut BytesMut,
        parts: &mut Parts,
    ) -> Result<(), Close> {
        match resend {
            Resend::Publish(packet_id, message) => {
                let written = self.write_repetition(packet_id, &message, bytes, parts.clock.now());
                if let Err(error) = written
                    && let Some(ended) = parts.agreed.in_flight.give_up(packet_id)
                {
                    let token = ended.token;
                    parts.agreed.ended(ended);
                    parts.out.emit(Event::PublishFailed { token, error });
                }
                Ok(())
            }
            Resend::Release(packet_id) => {
                let pubrel = Packet::PubRel(Ack::success(packet_id));
                self.write(&pubrel, parts.clock.now(), bytes)
            }
        }
    }

    /// This connection may allow less than the one that carried the message first.
    /// [MQTT5-3.2.2-11] [MQTT5-3.2.2-14] [MQTT5-3.2.2-15]
    fn write_repetition(
        &mut self,
        packet_id: PacketId,
        message: &Message,
        bytes: &mut BytesMut,
        now: Duration,
    ) -> Result<(), PublishError> {
        if let Some(refusal) = self.limits.refuses_message(message) {
            return Err(refusal);
        }
        self.quarantine.asked(now);
        self.write_publish(message, Some(packet_id), true, bytes)?;
        Ok(())
    }

    fn write_publish(
        &mut self,
        message: &Message,
        packet_id: Option<PacketId>,
        dup: bool,
        bytes: &mut BytesMut,
    ) -> Result<(), EncodeError> {
        let (version, limit) = (self.version, self.limits.max_packet_bytes);
        let plain = PublishParts {
            dup,
            packet_id,
            ..message.parts()
        };
        let alias = self
            .aliases
            .number(&message.topic, self.limits.topic_aliases);
        let Some(alias) = alias else {
            return plain.encode(version, limit, bytes);
        };
        let publish = PublishParts {
            topic: plain.topic.filter(|_| !alias.is_known),
            topic_alias: Some(alias.number),
            ..plain
        };
        if publish.encode(version, limit, bytes).is_err() {
            // The number may be what makes the packet too large.
            return plain.encode(version, limit, bytes);
        }
        if !alias.is_known {
            self.aliases.sent(&message.topic, alias);
        }
        Ok(())
    }

    fn server_has_room(&self, qos: QoS, agreed: &Agreed) -> bool {
        qos == QoS::AtMostOnce || agreed.in_flight.sent() < self.limits.receive_maximum
    }

    /// With a rate that lets messages wait, asks the server how much it has read.
    fn ask_how_far(
        &mut self,
        bytes: &mut BytesMut,
        pace: &Pace,
        now: Duration,
    ) -> Result<(), Close> {
        let may_ask = pace.lets_excess_wait() && !self.keep_alive.awaits_answer();
        if may_ask && self.outgoing.asks_behind(bytes.len()) {
            return self.write(&Packet::PingReq, now, bytes);
        }
        Ok(())
    }
}

const fn internal(what: &'static str) -> Close {
    Close::Protocol(ProtocolError::Internal { what })
}

impl From<EncodeError> for PublishError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::TooLarge { bytes, limit } => Self::TooLarge { bytes, limit },
            EncodeError::FieldTooLong { .. }
            | EncodeError::NullCharacter { .. }
            | EncodeError::NotAllowed { .. }
            | EncodeError::Internal { .. } => Self::Invalid,
        }
    }
}
