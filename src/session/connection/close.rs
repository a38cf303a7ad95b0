//! Why and how a connection ends from our side.

use std::time::Duration;

use bytes::BytesMut;

use super::Connection;
use crate::codec::{self, ProtocolError};
use crate::packet::{Disconnect, Packet, ProtocolVersion, ReasonCode};
use crate::session::event::CloseReason;
use crate::session::parts::Parts;
use crate::session::retry::evidence::Blame;
use crate::session::retry::race::CLOSE_NORMAL;
use crate::session::wanted::options::SessionOptions;

/// The close code after a protocol error; browsers allow no code below 3000 but 1000.
pub(crate) const CLOSE_PROTOCOL_ERROR: u16 = 4002;

/// Why we close.
#[derive(Debug)]
pub(crate) enum Close {
    /// The server broke the protocol.
    Protocol(ProtocolError),
    /// The server said DISCONNECT.
    Disconnected(Disconnect),
    Because(CloseReason),
    /// The attempt goes on at the same address, in another form.
    Reopen,
}

impl Close {
    /// What the end says about what was sent before it.
    pub(crate) const fn blame(&self) -> Option<Blame> {
        match self {
            Self::Protocol(_) => Some(Blame::DOUBTFUL),
            Self::Disconnected(disconnect) => Some(Blame::of_disconnect(disconnect.reason)),
            Self::Because(_) | Self::Reopen => None,
        }
    }

    /// The close code of the WebSocket.
    pub(crate) const fn code(&self) -> u16 {
        match self {
            Self::Protocol(_) => CLOSE_PROTOCOL_ERROR,
            Self::Disconnected(_) | Self::Because(_) | Self::Reopen => CLOSE_NORMAL,
        }
    }

    /// The event for the application; none if the attempt goes on.
    pub(crate) fn reason(self) -> Option<CloseReason> {
        match self {
            Self::Protocol(error) => Some(CloseReason::Protocol(error)),
            Self::Disconnected(disconnect) => Some(CloseReason::Disconnected {
                reason: disconnect.reason,
                reason_string: disconnect.reason_string,
                server_reference: disconnect.server_reference,
            }),
            Self::Because(reason) => Some(reason),
            Self::Reopen => None,
        }
    }
}

impl From<ProtocolError> for Close {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

impl Connection {
    /// What is left to be sent, and DISCONNECT with how long the server keeps the session, if that
    /// was said. [MQTT-3.14.4-1] [MQTT-3.14.4-2]
    pub(crate) fn last_bytes(
        &mut self,
        reason: ReasonCode,
        expiry: Option<Duration>,
        parts: &mut Parts,
    ) -> BytesMut {
        let mut bytes = BytesMut::new();
        let journal = &parts.agreed.journal;
        while let Some(held) = self.outgoing.next_held(journal) {
            bytes.unsplit(held);
        }
        // What depends on a change that is not stored is sent by the next connection.
        if journal.waits_for().is_none() {
            bytes.unsplit(std::mem::take(&mut self.outgoing.control));
        }
        let may_say = reason == ReasonCode::SUCCESS && parts.agreed.is_on_server;
        let expiry = may_say.then(|| self.last_expiry(expiry, &parts.wanted.options));
        let expiry = expiry.flatten();
        if expiry == Some(0) {
            parts.session_lost();
        }
        let is_v5 = self.version == ProtocolVersion::V5_0;
        let disconnect = Packet::Disconnect(Disconnect {
            reason: if is_v5 { reason } else { ReasonCode::SUCCESS },
            session_expiry_secs: expiry,
            ..Disconnect::default()
        });
        let limit = self.limits.max_packet_bytes;
        // Where this does not fit, closing says enough. [MQTT5-3.2.2-15]
        let _ = codec::encode(&disconnect, self.version, limit, &mut bytes);
        bytes
    }

    /// How long the server keeps the session from DISCONNECT on, where that is not what CONNECT said.
    fn last_expiry(&self, expiry: Option<Duration>, options: &SessionOptions) -> Option<u32> {
        // A random name never comes back: the server need not remember it.
        let expiry = expiry.or_else(|| options.clean_session.then_some(Duration::ZERO))?;
        // Where CONNECT said 0, nothing else may follow. [MQTT5-3.14.2.2.2]
        if self.version == ProtocolVersion::V3_1_1 || options.session_expiry.as_secs() == 0 {
            return options.clean_session.then_some(0);
        }
        u32::try_from(expiry.as_secs()).ok()
    }
}
