//! What a server of 3.1.1 ends the connection for.
//!
//! It has no other way to refuse a message, and some refuse filters like this too, so one that it
//! cannot take (NATS, for example: QoS 2, and topics with a space) would end every connection to
//! come, because it is always sent again. After such an end, what was on its way is sent one by one,
//! and the one that waits for its answer when the server does it again is the one. [MQTT-4.8.0-1]

use super::Session;
use super::event::PublishError;
use super::link::Link;
use crate::packet::{ProtocolVersion, ReasonCode};

impl Session {
    /// The server ended a connection: whether it blames us, and what for.
    pub(super) fn suspect(&mut self, link: &Link, code: u16) {
        self.suspects = 0;
        if link.version != ProtocolVersion::V3_1_1 || !blames_us(code) {
            return;
        }
        if link.suspects > 0 {
            self.convict();
        }
        self.suspects = self.outbound.len() + self.subscriptions.asked();
    }

    /// Whether everything must wait until an answer shows that the server took what was sent.
    pub(super) fn awaits_verdict(&self) -> bool {
        self.is_careful() && (self.outbound.sent() > 0 || self.subscriptions.awaits_answer())
    }

    /// Whether filters and messages are sent one by one.
    pub(super) fn is_careful(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.suspects > 0)
    }

    /// The server took one, or it will not be sent.
    pub(super) fn one_suspect_less(&mut self) {
        if let Some(link) = self.link.as_mut() {
            link.suspects = link.suspects.saturating_sub(1);
        }
    }

    /// The only one that waits for its answer is not sent again.
    fn convict(&mut self) {
        if let Some(refused) = self.subscriptions.refuse_asked() {
            self.answered(vec![refused]);
        } else if let Some((packet_id, token)) = self.outbound.only_one_sent() {
            self.outbound.give_up(packet_id);
            self.packet_ids.release(packet_id);
            self.publish_failed(token, PublishError::Refused(ReasonCode::UNSPECIFIED_ERROR));
        }
    }
}

/// Close codes of WebSocket by which a server says that it did not like what we sent: protocol
/// error, type of data, inconsistent data, policy, size. A network that fails never says so.
pub(super) const fn blames_us(code: u16) -> bool {
    matches!(code, 1002 | 1003 | 1007..=1009)
}
