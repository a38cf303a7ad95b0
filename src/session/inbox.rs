//! What waits for the application: events in order, and messages with the acknowledgement that they
//! still need.

use std::collections::VecDeque;

use crate::packet::{PacketId, QoS};
use crate::session::event::{ConnectionId, Event, Received};

/// The acknowledgement that leaves when the application takes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueAck {
    /// Only this connection may carry it: on another one the server sends the message again.
    pub(crate) connection: ConnectionId,
    pub(crate) qos: QoS,
    pub(crate) packet_id: PacketId,
    /// The session that the number belongs to.
    pub(crate) session: u32,
}

/// How many bytes of messages wait for the application at most, unless it is a single one.
const MAX_BYTES: usize = 64 << 20;

/// The queue towards the application. Events are few; only QoS 0 messages can flood it, because the
/// server waits for the acknowledgement of all others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inbox {
    /// No event: only the acknowledgement is due, in its turn.
    events: VecDeque<(Option<Event>, Option<DueAck>)>,
    messages: usize,
    /// 0 until `connect` says it.
    max_messages: usize,
    /// Of the messages.
    bytes: usize,
    dropped: u32,
}

impl Inbox {
    pub(crate) const fn set_bound(&mut self, max_messages: usize) {
        self.max_messages = max_messages;
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.events.push_back((Some(event), None));
    }

    /// Adds a message. Returns how many were dropped to make room.
    pub(crate) fn push_message(&mut self, received: Received, ack: Option<DueAck>) -> usize {
        self.messages += 1;
        self.bytes += size(&received);
        self.events
            .push_back((Some(Event::MessageReceived(received)), ack));
        let mut dropped = 0;
        while self.is_over() && self.drop_oldest() {
            dropped += 1;
        }
        dropped
    }

    /// Whether one more message would be too much.
    pub(crate) const fn is_full(&self) -> bool {
        self.messages >= self.max_messages || self.bytes >= MAX_BYTES
    }

    const fn is_over(&self) -> bool {
        self.messages > self.max_messages || self.bytes > MAX_BYTES && self.messages > 1
    }

    /// Drops a message that needs no acknowledgement. `false` if there is none.
    fn drop_oldest(&mut self) -> bool {
        let oldest = self
            .events
            .iter()
            .position(|(event, ack)| is_message(event.as_ref()) && ack.is_none());
        let oldest = oldest.and_then(|position| self.events.remove(position));
        let Some((Some(Event::MessageReceived(received)), _)) = oldest else {
            return false;
        };
        self.messages -= 1;
        self.bytes -= size(&received);
        self.dropped = self.dropped.saturating_add(1);
        true
    }

    /// A message that nobody is told is acknowledged when all before it were taken [MQTT-4.6.0-2]:
    /// now, if nothing waits.
    pub(crate) fn push_ack(&mut self, ack: Option<DueAck>) -> Option<DueAck> {
        if self.events.is_empty() {
            return ack;
        }
        if ack.is_some() {
            self.events.push_back((None, ack));
        }
        None
    }

    /// Takes an acknowledgement that no event stands before.
    pub(crate) fn pop_ack(&mut self) -> Option<DueAck> {
        match self.events.front() {
            Some((None, _)) => self.events.pop_front().and_then(|(_, ack)| ack),
            Some((Some(_), _)) | None => None,
        }
    }

    /// Takes the next event, if it is one, and the acknowledgement that it makes due.
    pub(crate) fn pop(&mut self) -> Option<(Option<Event>, Option<DueAck>)> {
        if self.dropped > 0 {
            let count = std::mem::take(&mut self.dropped);
            return Some((Some(Event::MessagesDropped { count }), None));
        }
        let next = self.events.pop_front()?;
        if let Some(Event::MessageReceived(received)) = &next.0 {
            self.messages -= 1;
            self.bytes -= size(received);
        }
        Some(next)
    }

    /// A repetition of a message that the application has not taken: it is acknowledged when that
    /// happens, and on this connection. `false` if it was taken.
    pub(crate) fn still_waits(&mut self, due: DueAck) -> bool {
        let waiting = self.events.iter_mut().filter_map(|(_, ack)| ack.as_mut());
        let mut same = waiting.filter(|ack| {
            ack.packet_id == due.packet_id && ack.qos == due.qos && ack.session == due.session
        });
        let Some(ack) = same.next() else {
            return false;
        };
        ack.connection = due.connection;
        true
    }
}

fn size(received: &Received) -> usize {
    let message = &received.message;
    let properties = message.properties.as_deref().map_or(0, |properties| {
        let pairs = properties.user_properties.iter();
        let data = properties.correlation_data.as_ref();
        pairs
            .map(|(key, value)| key.len() + value.len())
            .sum::<usize>()
            + data.map_or(0, |data| data.len())
    });
    message.topic.as_str().len() + message.payload.len() + properties
}

const fn is_message(event: Option<&Event>) -> bool {
    matches!(event, Some(Event::MessageReceived(_)))
}
