//! What the ends of connections say about what was sent: what `connection/quarantine.rs` knows from
//! one connection to the next.

use std::time::Duration;

use crate::packet::{QoS, ReasonCode};
use crate::session::event::{Message, PublishError, SubscriptionId, Token};
use crate::topic::TopicName;

/// How many that ended a connection alone are remembered.
const REMEMBERED: usize = 64;

/// After so long a message like one that was given up is tried again: the server may have been repaired.
const TRIED_AGAIN: Duration = Duration::from_secs(60);

/// What may have been why the last connections ended, and is sent one by one on the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quarantined {
    /// QoS 1 and 2.
    pub(crate) messages: usize,
    /// SUBSCRIBE and UNSUBSCRIBE.
    pub(crate) filters: bool,
    /// QoS 0, of which each is followed by a ping: its answer stands for the message's.
    pub(crate) plain: usize,
    /// The ends may have been the network's.
    pub(crate) doubtful: bool,
}

impl Quarantined {
    pub(crate) const fn is_empty(self) -> bool {
        self.messages == 0 && !self.filters && self.plain == 0
    }
}

/// The one that waited alone for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Culprit {
    Message(Token),
    /// It is not sent again, so only the next on its topic can tell.
    Plain(Plain),
    Filter(SubscriptionId),
}

/// A message that ended connections. What is like it, and not smaller, is not sent for a while.
#[derive(Clone, Debug)]
struct Refused {
    kind: Kind,
    reason: ReasonCode,
    until: Duration,
}

/// What a server may dislike about a message.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) topic: TopicName,
    qos: QoS,
    retain: bool,
    bytes: usize,
}

impl Kind {
    pub(crate) fn of(message: &Message) -> Self {
        Self {
            topic: message.topic.clone(),
            qos: message.qos,
            retain: message.retain,
            bytes: message.payload.len(),
        }
    }
}

/// What is known from one connection to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// Connections in a row that ended right after something was sent.
    pub(crate) hangups: u32,
    pub(crate) quarantined: Quarantined,
    /// Who ended a connection alone, and how often since the server took it last.
    pub(crate) culprits: Vec<(Culprit, u32)>,
    refused: Vec<Refused>,
    /// How many were given up since a connection lasted.
    pub(crate) given_up: u32,
    /// Connections in a row that the server closed shortly after CONNACK.
    pub(crate) short_lives: u32,
}

impl Evidence {
    /// Whether the last connection ended right after something was sent.
    pub(crate) const fn is_on(&self) -> bool {
        self.hangups > 0
    }

    pub(crate) fn clear(&mut self) {
        self.hangups = 0;
        self.quarantined = Quarantined::default();
        self.culprits.clear();
    }

    /// The server took a filter.
    pub(crate) fn clear_filter(&mut self, id: SubscriptionId) {
        let filter = Culprit::Filter(id);
        self.culprits.retain(|(culprit, _)| *culprit != filter);
    }

    /// The server took a QoS 0 message. It does not speak for a longer one.
    pub(crate) fn clear_plain(&mut self, taken: &Plain) {
        self.culprits.retain(|(culprit, _)| match culprit {
            Culprit::Plain(plain) => *plain != *taken || plain.kind.bytes > taken.kind.bytes,
            Culprit::Message(_) | Culprit::Filter(_) => true,
        });
    }

    /// A message was given up: what a script publishes again and again would end each connection.
    pub(crate) fn remember(&mut self, kind: Kind, reason: ReasonCode, now: Duration) {
        self.refused.retain(|refused| now < refused.until);
        if self.refused.len() == REMEMBERED {
            self.refused.remove(0);
        }
        let until = now + TRIED_AGAIN;
        self.refused.push(Refused {
            kind,
            reason,
            until,
        });
    }

    /// Whether some messages are not sent now.
    pub(crate) const fn refuses_any(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Why a message is not sent now.
    pub(crate) fn refuses(&self, message: &Message, now: Duration) -> Option<PublishError> {
        let refused = self.refused.iter().find(|Refused { kind, until, .. }| {
            now < *until
                && kind.topic == message.topic
                && kind.qos <= message.qos
                && kind.retain == message.retain
                && kind.bytes <= message.payload.len()
        })?;
        Some(PublishError::EndedConnection {
            topic: Some(message.topic.clone()),
            reason: refused.reason,
        })
    }

    /// A connection lasted: nothing that was sent on it ends connections.
    pub(crate) fn proved_stable(&mut self) {
        let refused = std::mem::take(&mut self.refused);
        *self = Self {
            refused,
            ..Self::default()
        };
    }

    /// Counts one more end; returns how many there were.
    pub(crate) fn strike(&mut self, culprit: Culprit) -> u32 {
        let before = self
            .culprits
            .iter()
            .position(|(other, _)| *other == culprit);
        let before = before.map(|position| self.culprits.remove(position));
        let strikes = before.map_or(1, |(_, strikes)| strikes + 1);
        if self.culprits.len() == REMEMBERED {
            self.culprits.remove(0);
        }
        self.culprits.push((culprit, strikes));
        strikes
    }
}

/// A QoS 0 message that waits for the answer to the ping behind it.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
    pub(crate) token: Token,
    pub(crate) kind: Kind,
}

/// The next on its topic is another message.
impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.kind.topic == other.kind.topic
    }
}

impl Eq for Plain {}

/// What an end says about what was sent before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blame {
    /// The server says that it did not like what we sent. A network never says so.
    pub(crate) is_certain: bool,
    /// What is reported of the one that is given up.
    pub(crate) reason: ReasonCode,
}

impl Blame {
    /// An end without a word.
    pub(crate) const DOUBTFUL: Self = Self {
        is_certain: false,
        reason: ReasonCode::UNSPECIFIED_ERROR,
    };

    /// A WebSocket that was closed.
    pub(crate) const fn of_close(code: u16) -> Self {
        Self {
            is_certain: blames_us(code),
            ..Self::DOUBTFUL
        }
    }

    /// DISCONNECT: malformed, protocol error, not authorized, filter, topic, alias, size, format,
    /// retain, QoS, shared, identifiers, wildcards. The others are of the server, or of how much and
    /// how often.
    pub(crate) const fn of_disconnect(reason: ReasonCode) -> Self {
        let is_certain = matches!(
            reason.0,
            0x81 | 0x82 | 0x87 | 0x8F | 0x90 | 0x94 | 0x95 | 0x99..=0x9B | 0x9E | 0xA1 | 0xA2
        );
        let reason = if reason.is_error() {
            reason
        } else {
            ReasonCode::UNSPECIFIED_ERROR
        };
        Self { is_certain, reason }
    }
}

/// Close codes of WebSocket by which a server says that it did not like what we sent: protocol
/// error, type of data, inconsistent data, policy, size. A network that fails never says so.
pub(crate) const fn blames_us(code: u16) -> bool {
    matches!(code, 1002 | 1003 | 1007..=1009)
}
