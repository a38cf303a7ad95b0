//! Messages that wait for a connection, or for room in the send window: bounded, in order.

use std::collections::VecDeque;

use super::event::{Message, PublishError, Token};

/// A message with the number its publisher knows it by.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) token: Token,
    pub(super) message: Message,
}

impl Queued {
    /// What counts towards the bound in bytes.
    fn bytes(&self) -> usize {
        self.message.topic.as_str().len() + self.message.payload.len()
    }
}

/// First in, first out. A full queue refuses new messages, so what was accepted is delivered.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Queued>,
    bytes: usize,
    max_messages: usize,
    max_bytes: usize,
}

impl Queue {
    pub(super) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self {
            max_messages,
            max_bytes,
            ..Self::default()
        }
    }

    /// Changes the bounds; what already waits stays.
    pub(super) const fn set_bounds(&mut self, max_messages: usize, max_bytes: usize) {
        self.max_messages = max_messages;
        self.max_bytes = max_bytes;
    }

    /// Adds a message at the end. One message is always taken, however large.
    pub(super) fn push(&mut self, queued: Queued) -> Result<(), PublishError> {
        let bytes = self.bytes.saturating_add(queued.bytes());
        let fits = self.waiting.len() < self.max_messages && bytes <= self.max_bytes;
        if !fits && !self.waiting.is_empty() {
            return Err(PublishError::QueueFull);
        }
        self.bytes = bytes;
        self.waiting.push_back(queued);
        Ok(())
    }

    /// Puts a message back at the front; it was accepted before, so no bound refuses it.
    pub(super) fn push_front(&mut self, queued: Queued) {
        self.bytes = self.bytes.saturating_add(queued.bytes());
        self.waiting.push_front(queued);
    }

    /// The message whose turn is next.
    pub(super) fn front(&self) -> Option<&Queued> {
        self.waiting.front()
    }

    /// Takes the message whose turn is next.
    pub(super) fn pop(&mut self) -> Option<Queued> {
        let queued = self.waiting.pop_front()?;
        self.bytes = self.bytes.saturating_sub(queued.bytes());
        Some(queued)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
