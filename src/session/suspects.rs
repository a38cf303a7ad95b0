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

/// What may have been why the server ended the last connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Suspects {
    messages: usize,
    filters: bool,
}

impl Suspects {
    const fn is_empty(self) -> bool {
        self.messages == 0 && !self.filters
    }
}

impl Session {
    /// The server ended a connection: whether it blames us, and what for.
    pub(super) fn suspect(&mut self, link: &Link, code: u16) {
        self.suspects = Suspects::default();
        if link.version != ProtocolVersion::V3_1_1 || !blames_us(code) {
            return;
        }
        if !link.suspects.is_empty() {
            self.convict();
        }
        self.suspects = Suspects {
            messages: self.outbound.len(),
            filters: self.subscriptions.awaits_suback(),
        };
    }

    /// Whether everything must wait until an answer shows that the server took what was sent.
    pub(super) fn awaits_verdict(&self) -> bool {
        self.is_careful() && (self.outbound.sent() > 0 || self.subscriptions.awaits_answer())
    }

    /// Whether filters and messages are sent one by one.
    pub(super) fn is_careful(&self) -> bool {
        let suspects = self.link.as_ref().map(|link| link.suspects);
        let Suspects { messages, filters } = suspects.unwrap_or_default();
        let asks = self.subscriptions.needs_subscribe() || self.subscriptions.awaits_suback();
        messages > 0 || filters && asks
    }

    /// The server took a message, or it will not be sent.
    pub(super) fn one_message_less(&mut self) {
        if let Some(link) = self.link.as_mut() {
            link.suspects.messages = link.suspects.messages.saturating_sub(1);
        }
    }

    /// The only one that waits for its answer is not sent again.
    fn convict(&mut self) {
        if let Some(refused) = self.subscriptions.refuse_asked() {
            self.answered(vec![refused]);
        } else if let Some(packet_id) = self.outbound.only_one_sent()
            && let Some(ended) = self.outbound.give_up(packet_id)
        {
            self.packet_ids.release(packet_id);
            self.store.remove_message(ended.kept);
            let refused = PublishError::Refused(ReasonCode::UNSPECIFIED_ERROR);
            self.publish_failed(ended.token, refused);
        }
    }
}

/// Close codes of WebSocket by which a server says that it did not like what we sent: protocol
/// error, type of data, inconsistent data, policy, size. A network that fails never says so.
pub(super) const fn blames_us(code: u16) -> bool {
    matches!(code, 1002 | 1003 | 1007..=1009)
}
