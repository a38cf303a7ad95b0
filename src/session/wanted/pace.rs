//! The publish rate: when a message may be sent, which ones wait, and how much is on its way.

use std::time::Duration;

use bytes::BytesMut;

use crate::packet::Packet;
use crate::session::Session;
use crate::session::connection::Phase;
use crate::session::event::PublishError;
use crate::session::timers::Timer;
use crate::session::wanted::options::{Excess, PublishRate};
use crate::session::wanted::rate::Bucket;

/// Where a rate lets messages wait, above this many bytes in the socket, or that the server has not
/// read yet, messages wait in the queue: what is published next is to arrive soon.
pub(crate) const SOCKET_BYTES: usize = 64 * 1024;

/// With such a rate, after so many bytes the server is asked whether it has read them.
const ASK_BYTES: u64 = 16 * 1024;

/// With such a rate, above this many bytes that may be sent already, messages wait as if they were
/// too fast. A burst of 200 short messages is far less.
const AHEAD_BYTES: usize = 256 * 1024;

impl Session {
    /// Changes the publish rate at once, without connecting again.
    pub fn set_publish_rate(&mut self, rate: Option<PublishRate>) {
        if let Some(options) = self.options.as_mut() {
            options.publish_rate = rate;
        }
        if self.bucket.as_ref().map(Bucket::rate) != rate {
            self.bucket = rate.map(|rate| Bucket::new(rate, self.now));
        }
    }

    /// Takes back what was published at least so long ago while there was no connection, of every
    /// QoS, and was not sent yet. Each fails with [`PublishError::Discarded`]. Says how many.
    pub fn discard_unsent(&mut self, now: Duration, age: Duration) -> usize {
        self.observe(now);
        let until = self.now.saturating_sub(age);
        let discarded = self.queue.take_offline(until);
        let count = discarded.len();
        self.skipped(count);
        for queued in discarded {
            self.journal.remove_message(queued.kept);
            self.publish_failed(queued.token, PublishError::Discarded);
        }
        count
    }

    /// Whether a message is within the publish rate. Behind bytes that take long to send, and behind
    /// what waits for the rate already, none is.
    pub(crate) fn is_within_rate(&mut self) -> bool {
        self.admit_excess();
        let now = self.now;
        !self.is_far_ahead()
            && !self.queue.has_excess()
            && self.bucket.as_mut().is_none_or(|bucket| bucket.take(now))
    }

    /// Whether what is faster than the publish rate waits.
    pub(crate) fn lets_excess_wait(&self) -> bool {
        let rate = self.bucket.as_ref().map(Bucket::rate);
        rate.is_some_and(|rate| rate.excess == Excess::Wait)
    }

    /// Lets messages go that waited for the publish rate. While the socket is full the rate earns
    /// nothing: else what waits would grow where the network is slower than the rate.
    pub(crate) fn admit_excess(&mut self) {
        let is_full = self.phase == Phase::Connected && !self.socket_has_room(0);
        let waits = self.lets_excess_wait();
        let Some(bucket) = self.bucket.as_mut() else {
            while self.queue.admit() {}
            return;
        };
        if is_full && waits {
            bucket.skip(self.now);
        }
        while self.queue.has_excess() && !self.is_far_ahead() && self.take_turn() {
            self.queue.admit();
        }
    }

    fn take_turn(&mut self) -> bool {
        let now = self.now;
        self.bucket.as_mut().is_some_and(|bucket| bucket.take(now))
    }

    /// Whether more bytes wait for the socket than a network sends in a moment.
    fn is_far_ahead(&self) -> bool {
        let is_up = self.phase == Phase::Connected;
        is_up && self.lets_excess_wait() && self.queue.admitted_bytes() >= AHEAD_BYTES
    }

    /// Whether the next message may be sent now; else a timer says when.
    pub(crate) fn is_next_admitted(&mut self) -> bool {
        let waits =
            self.phase == Phase::Connected && self.queue.front().is_some_and(|next| next.excess);
        if waits && let Some(bucket) = self.bucket.as_ref() {
            self.timers.set(Timer::Publish, bucket.next());
        }
        !waits
    }

    /// A browser says only what it has not handed to the system yet, and the system holds megabytes.
    /// The server answers a PINGREQ when it has read what came before. [MQTT-3.12.4-1]
    pub(crate) fn ask_how_far(&mut self, bytes: &mut BytesMut) {
        let is_paced = self.lets_excess_wait();
        let Some(link) = self.link.as_mut().filter(|_| is_paced) else {
            return;
        };
        let up_to = link.sent_bytes.saturating_add(bytes.len() as u64);
        let is_much = up_to.saturating_sub(link.read_bytes) >= ASK_BYTES;
        if is_much && link.asked_bytes.is_none() && link.ping_sent.is_none() {
            link.asked_bytes = Some(up_to);
            self.encode_request(&Packet::PingReq, bytes);
        }
    }
}
