//! Messages that wait for a connection, or for room in the Receive Maximum of the server: bounded, in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;

use super::options::{Bounds, QueuePolicy};
use super::written::Written;
use crate::codec::PublishParts;
use crate::packet::{ProtocolVersion, QoS};
use crate::session::event::{Message, PublishError, Token};
use crate::session::text_map::TextMap;

/// A message with the number its publisher knows it by.
#[derive(Clone, Debug)]
pub(crate) struct Queued {
    pub(crate) token: Token,
    pub(crate) message: Message,
    /// When it was published; its Message Expiry Interval counts from there.
    pub(crate) since: Duration,
    /// Its number in the store; 0 if it is not stored.
    pub(crate) stored: u64,
    /// Faster than the publish rate: it waits for its turn.
    pub(crate) excess: bool,
    /// Published while there was no connection.
    pub(crate) is_offline: bool,
}

impl Queued {
    /// What counts towards bounds in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.message.parts().bytes()
    }

    /// Whether a newer value of the topic may take its place.
    fn is_replaceable(&self, policy: QueuePolicy) -> bool {
        let only_newest = self.excess || policy == QueuePolicy::LatestPerTopic;
        self.message.qos == QoS::AtMostOnce && only_newest
    }

    /// Under which name the newest value of the topic is found. The rate replaces a retained value by
    /// a retained one only: the server keeps no other. No topic holds U+0000. [MQTT-1.5.3-2]
    fn key(&self) -> Arc<str> {
        let topic = &self.message.topic;
        if self.excess && self.message.retain {
            return [topic.as_str(), "\0"].concat().into();
        }
        topic.to_shared()
    }

    /// The name for values of the same topic that are retained, if these are not, or the reverse.
    fn other_key(&self) -> Arc<str> {
        let topic = &self.message.topic;
        if self.message.retain {
            return topic.to_shared();
        }
        [topic.as_str(), "\0"].concat().into()
    }
}

/// First in, first out. What was accepted is delivered, unless the policy or the publish rate says
/// otherwise. What waits for the rate stands behind all that may be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    /// Empty places are messages that were replaced.
    waiting: VecDeque<Option<Queued>>,
    /// Messages that stand before all that waits, as packets.
    written: Written,
    messages: usize,
    bytes: usize,
    bounds: Bounds,
    /// The number of the first place.
    first: u32,
    /// Where the newest replaceable message of a topic waits.
    latest: TextMap,
    /// How many messages wait for the publish rate, and how many bytes.
    excess: usize,
    excess_bytes: usize,
    /// No message before this place waits for the publish rate.
    excess_from: u32,
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            ..Self::default()
        }
    }

    /// Changes the bounds; what already waits stays.
    pub(crate) fn set_bounds(&mut self, bounds: Bounds) {
        if self.bounds.policy != bounds.policy {
            self.latest.clear();
        }
        self.bounds = bounds;
    }

    /// Whether nothing stands before a message but others that were written, and nothing may replace it.
    pub(crate) fn may_write(&self, message: &PublishParts<'_>) -> bool {
        self.messages == self.written.messages
            && self.bounds.policy == QueuePolicy::RejectNew
            && self.has_room(self.messages, self.bytes, message.bytes())
    }

    /// Writes a message that may be written. `false`: the packet would be too large.
    pub(crate) fn write(
        &mut self,
        token: Token,
        message: &PublishParts<'_>,
        version: ProtocolVersion,
        max_packet_bytes: usize,
    ) -> bool {
        let is_written = (self.written).push(token, message, version, max_packet_bytes);
        if is_written {
            self.count_in(message.bytes(), false);
        }
        is_written
    }

    /// The packets that are written already.
    pub(crate) const fn written(&self) -> &Written {
        &self.written
    }

    /// Adds the packets that are written already to what is sent now. Says how many messages they are.
    pub(crate) fn send_written(&mut self, out: &mut BytesMut) -> usize {
        self.count_out_written();
        self.written.send(out)
    }

    /// What was written for a connection that is gone, and never left, waits again.
    pub(crate) fn take_back_written(&mut self, now: Duration) {
        self.count_out_written();
        for queued in self.written.take_back(now) {
            self.push_front(queued);
        }
    }

    /// Adds a message at the end, or in the turn of an older value that waits for the publish rate:
    /// at the end a topic whose values come in every turn would never get one. Returns those that
    /// made room.
    ///
    /// One message is always taken, however large: else it could never be sent.
    pub(crate) fn push(&mut self, queued: Queued) -> Result<Vec<Queued>, PublishError> {
        let mut removed = Vec::new();
        while !self.has_room_for(&queued) {
            match self.bounds.policy {
                QueuePolicy::DropOldest => removed.extend(self.pop()),
                QueuePolicy::RejectNew | QueuePolicy::LatestPerTopic => {
                    return Err(PublishError::QueueFull);
                }
            }
        }
        let older = self.place_of_older(&queued);
        let turn = older.filter(|place| self.keeps_turn(&queued, *place));
        let replaced = older.and_then(|place| self.waiting.get_mut(place)?.take());
        if let Some(replaced) = &replaced {
            self.count_out(replaced);
        }
        if let Some(slot) = turn.and_then(|place| self.waiting.get_mut(place)) {
            let bytes = slot.insert(queued).bytes();
            self.count_in(bytes, true);
        } else {
            self.append(queued);
        }
        removed.extend(replaced);
        Ok(removed)
    }

    /// Puts a message back at the front; it was accepted before, so no bound refuses it.
    pub(crate) fn push_front(&mut self, queued: Queued) {
        self.first = self.first.wrapping_sub(1);
        self.count_in(queued.bytes(), false);
        self.waiting.push_front(Some(queued));
    }

    /// Lets the next message that waits for the publish rate be sent. `false`: none does.
    pub(crate) fn admit(&mut self) -> bool {
        if self.excess == 0 {
            return false;
        }
        let from = self.position(self.excess_from).unwrap_or(0);
        let mut places = self.waiting.iter_mut().enumerate().skip(from);
        let next = places.find_map(|(place, slot)| {
            let queued = slot.as_mut().filter(|queued| queued.excess)?;
            let key = queued.key();
            queued.excess = false;
            Some((place, key, queued.bytes()))
        });
        let Some((place, key, bytes)) = next else {
            return false;
        };
        let number = self.number(place);
        self.forget(&key, number);
        self.excess -= 1;
        self.excess_bytes = self.excess_bytes.saturating_sub(bytes);
        self.excess_from = number.wrapping_add(1);
        true
    }

    /// Takes every message of a kind.
    pub(crate) fn take(&mut self, is_wanted: impl Fn(&Queued) -> bool) -> Vec<Queued> {
        let mut taken = Vec::new();
        for place in 0..self.waiting.len() {
            let number = self.number(place);
            let slot = self.waiting.get_mut(place);
            let Some(queued) = slot.and_then(|slot| slot.take_if(|queued| is_wanted(queued)))
            else {
                continue;
            };
            self.forget(&queued.key(), number);
            self.count_out(&queued);
            taken.push(queued);
        }
        taken
    }

    /// All that waits, in order.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Queued> {
        self.waiting.iter_mut().flatten()
    }

    /// The message whose turn is next.
    pub(crate) fn front(&self) -> Option<&Queued> {
        self.waiting.iter().flatten().next()
    }

    /// Takes the message whose turn is next.
    pub(crate) fn pop(&mut self) -> Option<Queued> {
        while let Some(place) = self.waiting.pop_front() {
            let number = self.first;
            self.first = self.first.wrapping_add(1);
            if let Some(queued) = place {
                self.count_out(&queued);
                if !self.latest.is_empty() {
                    self.forget(&queued.key(), number);
                }
                return Some(queued);
            }
        }
        None
    }

    pub(crate) const fn len(&self) -> usize {
        self.messages
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.messages == 0
    }

    /// Whether messages wait for the publish rate.
    pub(crate) const fn has_excess(&self) -> bool {
        self.excess > 0
    }

    /// How many bytes may be sent as far as the publish rate goes.
    pub(crate) const fn admitted_bytes(&self) -> usize {
        self.bytes.saturating_sub(self.excess_bytes)
    }

    fn has_room_for(&self, queued: &Queued) -> bool {
        let older = self.place_of_older(queued);
        let older = older.and_then(|place| self.waiting.get(place)?.as_ref());
        let messages = self.messages - usize::from(older.is_some());
        let bytes = self.bytes.saturating_sub(older.map_or(0, Queued::bytes));
        self.has_room(messages, bytes, queued.bytes())
    }

    /// Whether one more message with so many bytes fits beside so many.
    const fn has_room(&self, messages: usize, bytes: usize, more: usize) -> bool {
        let fits = bytes.saturating_add(more) <= self.bounds.bytes;
        messages == 0 || (messages < self.bounds.messages && fits)
    }

    /// Where a message waits that this one replaces.
    fn place_of_older(&self, queued: &Queued) -> Option<usize> {
        if self.latest.is_empty() || !queued.is_replaceable(self.bounds.policy) {
            return None;
        }
        self.position(*self.latest.get(&queued.key())?)
    }

    /// Whether a message may be sent before what came after the one that it replaces.
    fn keeps_turn(&self, queued: &Queued, place: usize) -> bool {
        let older = self.waiting.get(place).and_then(Option::as_ref);
        let waits = queued.excess && older.is_some_and(|older| older.excess);
        let other = self.latest.get(&queued.other_key());
        let other = other.and_then(|number| self.position(*number));
        waits && other.is_none_or(|other| other < place)
    }

    fn append(&mut self, queued: Queued) {
        let number = self.number(self.waiting.len());
        if queued.excess && self.excess == 0 {
            self.excess_from = number;
        }
        self.count_in(queued.bytes(), queued.excess);
        if queued.is_replaceable(self.bounds.policy) {
            self.latest.insert(queued.key(), number);
        } else if queued.excess {
            // What comes after it must not be sent before it.
            self.latest.remove(&queued.key());
            self.latest.remove(&queued.other_key());
        }
        self.waiting.push_back(Some(queued));
    }

    fn forget(&mut self, key: &str, number: u32) {
        if self.latest.get(key) == Some(&number) {
            self.latest.remove(key);
        }
    }

    fn count_in(&mut self, bytes: usize, excess: bool) {
        self.messages += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if excess {
            self.excess += 1;
            self.excess_bytes = self.excess_bytes.saturating_add(bytes);
        }
    }

    fn count_out(&mut self, queued: &Queued) {
        self.messages -= 1;
        self.bytes = self.bytes.saturating_sub(queued.bytes());
        if queued.excess {
            self.excess -= 1;
            self.excess_bytes = self.excess_bytes.saturating_sub(queued.bytes());
        }
    }

    fn count_out_written(&mut self) {
        self.messages -= self.written.messages;
        self.bytes = self.bytes.saturating_sub(self.written.bytes);
    }

    fn number(&self, place: usize) -> u32 {
        self.first.wrapping_add(place as u32)
    }

    /// The place of a number; `None` if it is gone.
    fn position(&self, number: u32) -> Option<usize> {
        let place = usize::try_from(number.wrapping_sub(self.first)).ok()?;
        (place <= self.waiting.len()).then_some(place)
    }
}
