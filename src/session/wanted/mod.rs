//! What lives with the page: what somebody wants, whatever becomes of connections.

pub(crate) mod interest;
pub(crate) mod options;
pub(crate) mod pace;
pub(crate) mod queue;
pub(crate) mod written;

use super::event::{Message, PublishError, Token};
use crate::codec::PublishParts;
use crate::packet::{MAX_PACKET_BYTES, ProtocolVersion};
use options::SessionOptions;
use pace::Pace;
use queue::Queue;

/// The options, the messages that nobody has sent yet, and how fast they go.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Without an address until the first `connect`.
    pub(crate) options: SessionOptions,
    pub(crate) queue: Queue,
    pub(crate) pace: Pace,
    pub(crate) last_token: Token,
}

impl Wanted {
    pub(crate) fn new() -> Self {
        let options = SessionOptions {
            urls: Vec::new(),
            ..SessionOptions::new("", "")
        };
        Self {
            queue: Queue::new(options.bounds()),
            options,
            pace: Pace::default(),
            last_token: Token(0),
        }
    }

    /// Whether `connect` has said nothing yet.
    pub(crate) const fn is_unset(&self) -> bool {
        self.options.urls.is_empty()
    }

    /// Writes a message that may be written. `None`: the packet would be too large.
    pub(crate) fn write(
        &mut self,
        message: &PublishParts<'_>,
        version: ProtocolVersion,
        max_packet_bytes: usize,
    ) -> Option<Token> {
        let token = self.last_token.next();
        let is_written = self.queue.write(token, message, version, max_packet_bytes);
        is_written.then(|| {
            self.last_token = token;
            token
        })
    }

    /// What can be said of a message before it waits.
    pub(crate) fn check(
        &self,
        message: &Message,
        version: ProtocolVersion,
    ) -> Result<(), PublishError> {
        let properties = message.properties.as_deref();
        if properties
            .is_some_and(|given| given.topic_alias.is_some() || !given.subscription_ids.is_empty())
        {
            return Err(PublishError::Invalid);
        }
        let (bytes, limit) = (message.parts().len(version), MAX_PACKET_BYTES);
        if bytes > limit {
            return Err(PublishError::TooLarge { bytes, limit });
        }
        Ok(())
    }
}
