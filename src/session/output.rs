//! What a session asks of its caller.

use std::collections::VecDeque;
use std::fmt;

use bytes::BytesMut;

use super::agreed::journal::StoreRequest;
use super::event::{ConnectionId, Event, Warning};
use super::inbox::Inbox;
use crate::topic::TopicFilter;

/// The subprotocol of MQTT over WebSocket. [MQTT-6.0.0-3]
pub(crate) const SUBPROTOCOL: &str = "mqtt";

/// How many events are handed out before what follows from them is.
const MOST_EVENTS: u32 = 1_024;

/// What the caller must do next: see [`poll_output`](super::Session::poll_output).
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a WebSocket with this subprotocol and binary frames, and tell
    /// [`handle_opened`](super::Session::handle_opened) and all that comes from it. [MQTT-6.0.0-3]
    Open {
        /// The new socket's number.
        connection: ConnectionId,
        /// One of the options' addresses.
        url: String,
        /// Always `mqtt`.
        subprotocol: &'static str,
    },
    /// Ask whether this address may be opened, and tell
    /// [`handle_permission`](super::Session::handle_permission). No socket is opened yet.
    Ask {
        /// The number of the socket, should there be one.
        connection: ConnectionId,
        /// One of the options' addresses.
        url: String,
    },
    /// Send these whole packets as one binary WebSocket message. [MQTT-6.0.0-1]
    Send {
        /// On which socket.
        connection: ConnectionId,
        /// What to send.
        bytes: BytesMut,
    },
    /// Tell [`handle_buffered`](super::Session::handle_buffered) how many bytes the socket still holds
    /// (`bufferedAmount`), now: more is sent only when there is room.
    Measure {
        /// Which socket.
        connection: ConnectionId,
    },
    /// Close the socket after everything handed to it was sent; its close event is not awaited.
    Close {
        /// Which socket.
        connection: ConnectionId,
        /// 1000 or 3000 to 4999: browsers allow no others.
        code: u16,
    },
    /// Begin to store, or to read what is stored. Only with
    /// [`keep_session`](super::SessionOptions::keep_session).
    Store(StoreRequest),
    /// Tell the application. That it takes a message acknowledges it. [MQTT-4.5.0-2]
    Event(Event),
}

impl fmt::Debug for Output {
    /// Leaves addresses and bytes out: they may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { connection, .. } => write!(f, "Open({})", connection.0),
            Self::Ask { connection, .. } => write!(f, "Ask({})", connection.0),
            Self::Send { connection, .. } => write!(f, "Send({})", connection.0),
            Self::Measure { connection } => write!(f, "Measure({})", connection.0),
            Self::Close { connection, code } => write!(f, "Close({}, {code})", connection.0),
            Self::Store(request) => write!(f, "Store({request:?})"),
            Self::Event(event) => write!(f, "Event({event:?})"),
        }
    }
}

/// What waits to be handed out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Sockets to open and to close.
    sockets: VecDeque<Output>,
    /// The last bytes of a connection; its end follows them.
    last: Option<(Output, Output)>,
    pub(crate) inbox: Inbox,
    /// The application takes nothing for now.
    pub(crate) is_paused: bool,
    /// How many events were handed out since all else was quiet.
    events: u32,
    last_connection: u32,
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

    pub(crate) fn tell(&mut self, event: Event) {
        self.inbox.push(event);
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        self.tell(Event::Warning(warning));
    }

    /// Filters ended, and the server need not say so.
    pub(crate) fn unsubscribed(&mut self, filters: Vec<TopicFilter>) {
        for filter in filters {
            self.tell(Event::Unsubscribed { filter });
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

    /// Whether events go first: those that wait are told together, and what follows from them leaves
    /// in one WebSocket message.
    pub(crate) const fn is_telling(&self) -> bool {
        self.events > 0 && self.events < MOST_EVENTS
    }

    /// An event is handed out.
    pub(crate) const fn tells(&mut self) {
        self.events = self.events % MOST_EVENTS + 1;
    }

    /// No event waits. Whether some were handed out since all else was quiet.
    pub(crate) const fn has_told(&mut self) -> bool {
        std::mem::replace(&mut self.events, 0) > 0
    }
}
