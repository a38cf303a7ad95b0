//! Bytes on their way to the server, and how many of them are known to have arrived where.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::BytesMut;

use crate::session::agreed::journal::Journal;
use crate::session::clock::{Clock, Timer};
use crate::session::wanted::options::CAN_KEEP;
use crate::session::wanted::pace::Pace;

/// Packets are gathered into one WebSocket message up to this size: one `send` costs as much as a
/// thousand small packets, but copying a large one into a larger buffer costs memory.
pub(crate) const GATHER_BYTES: usize = 64 * 1024;

/// With a rate that lets messages wait, after so many bytes the server is asked whether it has read
/// them.
const ASK_BYTES: u64 = 16 * 1024;

/// How often to ask what the socket holds, while messages wait for room in it. No event says so.
const MEASURED_AGAIN: Duration = Duration::from_millis(4);

/// Whether the caller is to say how much the socket holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Measure {
    #[default]
    Known,
    Due,
    /// It was asked for, or is when a timer fires.
    Later,
}

#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// Whole packets that are sent before any message.
    pub(crate) control: BytesMut,
    /// Whole packets that wait until a change is stored, with the number of that commit.
    held: VecDeque<(u32, BytesMut)>,
    /// How many bytes the socket has not sent yet, as far as we know.
    buffered: usize,
    measure: Measure,
    /// How many bytes were handed to the socket, how many of them the server has read for sure, and
    /// up to where a PINGREQ asks. Between the browser and the server nothing else can be seen.
    sent: u64,
    read: u64,
    asked: Option<u64>,
}

impl Outgoing {
    /// Bytes wait until a commit is stored.
    pub(crate) fn hold(&mut self, commit: u32, bytes: BytesMut) {
        self.held.push_back((commit, bytes));
    }

    /// What waited for a change that is stored now.
    pub(crate) fn next_held(&mut self, journal: &Journal) -> Option<BytesMut> {
        let (commit, _) = self.held.front().filter(|_| CAN_KEEP)?;
        if !journal.has_stored(*commit) {
            return None;
        }
        self.held.pop_front().map(|(_, bytes)| bytes)
    }

    /// Bytes are handed to the socket.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.buffered = self.buffered.saturating_add(bytes);
        self.sent = self.sent.saturating_add(bytes as u64);
        if self.buffered >= GATHER_BYTES {
            self.measure = Measure::Due;
        }
    }

    /// Whether more may be handed to the socket, behind so many bytes that are about to be.
    pub(crate) fn has_room(&self, gathered: usize, pace: &Pace) -> bool {
        let most = pace.socket_bytes();
        let under_way = self.sent.saturating_sub(self.read);
        let is_far = under_way.saturating_add(gathered as u64) >= most as u64;
        let held = self.held.iter().filter(|_| CAN_KEEP);
        let held = held.map(|(_, bytes)| bytes.len()).sum::<usize>();
        let is_far = is_far && pace.lets_excess_wait();
        !is_far && self.buffered.saturating_add(held) < most
    }

    /// Messages wait. If it is for room in the socket, that is to be measured.
    pub(crate) fn wants_room(&mut self, pace: &Pace) {
        if self.measure == Measure::Known && self.buffered >= pace.socket_bytes() {
            self.measure = Measure::Due;
        }
    }

    /// The socket was measured. While messages wait for room it is looked at again.
    pub(crate) fn measured(&mut self, bytes: usize, waits: bool, pace: &Pace, clock: &mut Clock) {
        self.buffered = bytes;
        let is_held_back = waits && bytes >= pace.socket_bytes();
        self.measure = if is_held_back {
            clock.set(Timer::Measure, MEASURED_AGAIN);
            Measure::Later
        } else {
            Measure::Known
        };
    }

    /// The socket is to be measured once more.
    pub(crate) const fn measure_again(&mut self) {
        self.measure = Measure::Due;
    }

    /// Whether the caller is to say now how much the socket holds.
    pub(crate) fn takes_measure(&mut self) -> bool {
        let is_due = self.measure == Measure::Due;
        if is_due {
            self.measure = Measure::Later;
        }
        is_due
    }

    /// A browser says only what it has not handed to the system yet, and the system holds megabytes.
    /// The server answers a PINGREQ when it has read what came before. Whether one is to follow so
    /// many bytes. [MQTT-3.12.4-1]
    pub(crate) fn asks_behind(&mut self, bytes: usize) -> bool {
        let up_to = self.sent.saturating_add(bytes as u64);
        let asks = up_to.saturating_sub(self.read) >= ASK_BYTES && self.asked.is_none();
        if asks {
            self.asked = Some(up_to);
        }
        asks
    }

    /// The server has read all that came before the PINGREQ.
    pub(crate) const fn all_read(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.read = asked;
        }
    }
}
