//! What a session asks of its caller.

use std::fmt;

use bytes::BytesMut;

use super::agreed::journal::StoreRequest;
use super::event::{ConnectionId, Event};

/// The subprotocol of MQTT over WebSocket. [MQTT-6.0.0-3]
pub(crate) const SUBPROTOCOL: &str = "mqtt";

/// What the caller must do next: see [`poll_output`](super::Session::poll_output).
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a WebSocket with this subprotocol and binary frames, or a TCP or TLS socket.
    /// [`handle_opened`](super::Session::handle_opened) and the other `handle_*` of a socket get what comes of it. [MQTT-6.0.0-3]
    Open {
        /// The new socket's number.
        connection: ConnectionId,
        /// One of the options' addresses.
        url: String,
        /// Always `mqtt`; for WebSocket only.
        subprotocol: &'static str,
    },
    /// Ask whether this address may be opened, and pass the answer to
    /// [`handle_permission`](super::Session::handle_permission). No socket is opened yet.
    Ask {
        /// The number of the socket, should there be one.
        connection: ConnectionId,
        /// One of the options' addresses.
        url: String,
    },
    /// Send these whole packets, over WebSocket as one binary message. [MQTT-6.0.0-1]
    Send {
        /// On which socket.
        connection: ConnectionId,
        /// What to send.
        bytes: BytesMut,
    },
    /// Pass [`handle_buffered`](super::Session::handle_buffered) how many bytes the socket still holds
    /// (`bufferedAmount`), now: more is sent only when there is room.
    Measure {
        /// Which socket.
        connection: ConnectionId,
    },
    /// Close the socket after everything handed to it was sent; its close event is not awaited.
    Close {
        /// Which socket.
        connection: ConnectionId,
        /// For a WebSocket: 1000 or 3000 to 4999, browsers allow no others.
        code: u16,
    },
    /// Begin to store, or to read what is stored. Only with
    /// [`keep_session`](super::SessionOptions::keep_session).
    Store(StoreRequest),
    /// An event for the application. That it takes a message acknowledges it. [MQTT-4.5.0-2]
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
