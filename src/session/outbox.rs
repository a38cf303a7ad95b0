//! What waits to be handed out: sockets to open and to close, and events, among them messages with the
//! acknowledgement that they still need.

use std::collections::VecDeque;

use bytes::BytesMut;

use super::event::{ConnectionId, Event, Received, Warning};
use super::output::{Output, SUBPROTOCOL};
use crate::packet::{PacketId, QoS};
use crate::topic::TopicFilter;

/// How many bytes of messages wait for the application at most, unless it is a single one.
const MAX_BYTES: usize = 64 << 20;

/// How many events are handed out before what follows from them is.
const MOST_IN_A_ROW: u32 = 1_024;

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

/// Events are few; only QoS 0 messages can flood it, because the server waits for the acknowledgement
/// of all others.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Sockets to open and to close.
    sockets: VecDeque<Output>,
    last_connection: u32,
    /// The last bytes of a connection; its end follows them.
    last: Option<(Output, Output)>,
    /// Events for the application, in order. No event: only the acknowledgement is due, in its turn.
    events: VecDeque<(Option<Event>, Option<DueAck>)>,
    messages: usize,
    /// 0 until `connect` says it.
    pub(crate) max_messages: usize,
    /// Of the messages.
    bytes: usize,
    dropped: u32,
    /// The application takes nothing for now.
    pub(crate) is_paused: bool,
    /// How many events were handed out since all else was quiet.
    in_a_row: u32,
}

impl Outbox {
    /// Numbers the next socket.
    pub(crate) const fn next_connection(&mut self) -> ConnectionId {
        self.last_connection = self.last_connection.wrapping_add(1);
        ConnectionId(self.last_connection)
    }

    pub(crate) fn open(&mut self, connection: ConnectionId, url: String) {
        self.sockets.push_back(Output::Open {
            connection,
            url,
            subprotocol: SUBPROTOCOL,
        });
    }

    pub(crate) fn ask(&mut self, connection: ConnectionId, url: String) {
        self.sockets.push_back(Output::Ask { connection, url });
    }

    /// Closes a socket, after its last bytes.
    pub(crate) fn close(&mut self, connection: ConnectionId, code: u16, bytes: BytesMut) {
        let close = Output::Close { connection, code };
        if bytes.is_empty() {
            self.sockets.push_back(close);
        } else {
            self.last = Some((Output::Send { connection, bytes }, close));
        }
    }

    /// What is to be done with sockets.
    pub(crate) fn next_of_sockets(&mut self) -> Option<Output> {
        self.sockets.pop_front().or_else(|| {
            let (bytes, close) = self.last.take()?;
            self.sockets.push_back(close);
            Some(bytes)
        })
    }

    pub(crate) fn emit(&mut self, event: Event) {
        self.events.push_back((Some(event), None));
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        self.emit(Event::Warning(warning));
    }

    /// Filters ended, and the server need not say so.
    pub(crate) fn unsubscribed(&mut self, filters: Vec<TopicFilter>) {
        for filter in filters {
            self.emit(Event::Unsubscribed { filter });
        }
    }

    /// Whether events go first: those that wait are emitted together, and what follows from them leaves
    /// in one WebSocket message.
    pub(crate) const fn is_emitting(&self) -> bool {
        self.in_a_row > 0 && self.in_a_row < MOST_IN_A_ROW
    }

    /// No event waits. Whether some were handed out since all else was quiet.
    pub(crate) const fn has_emitted(&mut self) -> bool {
        std::mem::replace(&mut self.in_a_row, 0) > 0
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

    /// A message that no event is for is acknowledged when all before it were taken [MQTT-4.6.0-2]:
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

    /// Whether the application is about to take a message with QoS 2.
    pub(crate) fn next_is_emitted_once(&self) -> bool {
        !self.is_paused
            && self.events.front().is_some_and(|(event, ack)| {
                event.is_some() && ack.is_some_and(|ack| ack.qos == QoS::ExactlyOnce)
            })
    }

    /// Takes the next event, if it is one, and the acknowledgement that it makes due.
    pub(crate) fn pop(&mut self) -> Option<(Option<Event>, Option<DueAck>)> {
        let next = self.pop_event()?;
        self.in_a_row = self.in_a_row % MOST_IN_A_ROW + 1;
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

    fn pop_event(&mut self) -> Option<(Option<Event>, Option<DueAck>)> {
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
