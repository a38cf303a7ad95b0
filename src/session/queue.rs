//! Messages that wait for a connection, or for room in the send window: bounded, in order.

use std::collections::VecDeque;
use std::time::Duration;

use super::event::{Message, PublishError, Token};
use super::options::QueuePolicy;
use super::text_map::TextMap;
use crate::packet::QoS;
use crate::topic::TopicName;

/// A message with the number its publisher knows it by.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) token: Token,
    pub(super) message: Message,
    /// When it was published; its Message Expiry Interval counts from there.
    pub(super) since: Duration,
    /// Its number in the store; 0 if it is not kept.
    pub(super) kept: u64,
}

impl Queued {
    /// What counts towards the bound in bytes.
    fn bytes(&self) -> usize {
        self.message.topic.as_str().len() + self.message.payload.len()
    }

    fn is_replaceable(&self) -> bool {
        self.message.qos == QoS::AtMostOnce
    }
}

/// The bounds of a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) messages: usize,
    pub(super) bytes: usize,
    pub(super) policy: QueuePolicy,
}

/// First in, first out. What was accepted is delivered, unless the policy says otherwise.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// Empty places are messages that were replaced.
    waiting: VecDeque<Option<Queued>>,
    messages: usize,
    bytes: usize,
    bounds: Bounds,
    /// The number of the first place.
    first: u32,
    /// Where the newest replaceable message of a topic waits; kept only by `LatestPerTopic`.
    latest: TextMap,
}

impl Queue {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            waiting: VecDeque::new(),
            messages: 0,
            bytes: 0,
            bounds,
            first: 0,
            latest: TextMap::default(),
        }
    }

    /// Changes the bounds; what already waits stays.
    pub(super) fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.latest.clear();
    }

    /// Adds a message at the end. Returns those that made room for it.
    ///
    /// One message is always taken, however large: else it could never be sent.
    pub(super) fn push(&mut self, queued: Queued) -> Result<Vec<Queued>, PublishError> {
        let mut removed = Vec::new();
        if self.bounds.policy == QueuePolicy::LatestPerTopic && queued.is_replaceable() {
            removed.extend(self.replace(&queued.message.topic));
        }
        while self.messages > 0 && !self.has_room_for(&queued) {
            match self.bounds.policy {
                QueuePolicy::DropOldest => removed.extend(self.pop()),
                QueuePolicy::RejectNew | QueuePolicy::LatestPerTopic => {
                    return Err(PublishError::QueueFull);
                }
            }
        }
        self.count_in(&queued);
        self.waiting.push_back(Some(queued));
        Ok(removed)
    }

    /// Puts a message back at the front; it was accepted before, so no bound refuses it.
    pub(super) fn push_front(&mut self, queued: Queued) {
        self.first = self.first.wrapping_sub(1);
        self.messages += 1;
        self.bytes = self.bytes.saturating_add(queued.bytes());
        self.waiting.push_front(Some(queued));
    }

    /// All that waits, in order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Queued> {
        self.waiting.iter_mut().flatten()
    }

    /// The message whose turn is next.
    pub(super) fn front(&self) -> Option<&Queued> {
        self.waiting.iter().flatten().next()
    }

    /// Takes the message whose turn is next.
    pub(super) fn pop(&mut self) -> Option<Queued> {
        while let Some(place) = self.waiting.pop_front() {
            let number = self.first;
            self.first = self.first.wrapping_add(1);
            if let Some(queued) = place {
                self.count_out(&queued);
                let topic = queued.message.topic.as_str();
                if self.latest.get(topic) == Some(&number) {
                    self.latest.remove(topic);
                }
                return Some(queued);
            }
        }
        None
    }

    pub(super) const fn len(&self) -> usize {
        self.messages
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.messages == 0
    }

    fn has_room_for(&self, queued: &Queued) -> bool {
        self.messages < self.bounds.messages
            && self.bytes.saturating_add(queued.bytes()) <= self.bounds.bytes
    }

    /// Takes out the message that waits for a topic.
    fn replace(&mut self, topic: &TopicName) -> Option<Queued> {
        let number = self.latest.remove(topic.as_str())?;
        let position = usize::try_from(number.wrapping_sub(self.first)).ok()?;
        let replaced = self.waiting.get_mut(position)?.take()?;
        self.count_out(&replaced);
        Some(replaced)
    }

    fn count_in(&mut self, queued: &Queued) {
        self.messages += 1;
        self.bytes = self.bytes.saturating_add(queued.bytes());
        if self.bounds.policy == QueuePolicy::LatestPerTopic && queued.is_replaceable() {
            let number = self.first.wrapping_add(self.waiting.len() as u32);
            self.latest.insert(queued.message.topic.to_shared(), number);
        }
    }

    fn count_out(&mut self, queued: &Queued) {
        self.messages -= 1;
        self.bytes = self.bytes.saturating_sub(queued.bytes());
    }
}
