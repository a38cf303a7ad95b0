//! What is stored for a page that is loaded again: the changes to be stored, and what waits for them.
//!
//! Write-ahead: bytes that depend on a change leave only when it is stored. So however the page
//! ends, what is stored is never behind what the server knows.

pub(crate) mod records;

use std::collections::VecDeque;
use std::time::Duration;

use crate::packet::{PacketId, QoS};
use crate::session::event::Message;
use crate::session::wanted::options::{CAN_KEEP, SessionOptions};
use records::{FNV_START, Record, fnv};

/// How long the store may take; then the session goes on without it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the caller must do with the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreRequest {
    /// Take the store of this session, for this client alone, and pass all of its records to
    /// [`handle_loaded`](crate::session::Session::handle_loaded).
    Load {
        /// Which session: a number made of the Client Identifier and the addresses.
        identity: u64,
    },
    /// Make all of these changes or none, in this order, and pass the number to
    /// [`handle_stored`](crate::session::Session::handle_stored).
    Commit {
        /// Which request.
        number: u32,
        /// What changes.
        changes: Vec<StoreChange>,
    },
    /// Empty the store if that is possible, and let go of it. No answer follows.
    Leave,
}

/// A change of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreChange {
    /// Remove everything.
    Clear,
    /// Write a record over the one with the same key, if there is one.
    Put(Record),
    /// Remove the record with this key, if there is one.
    Remove(u64),
}

/// Why a store cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Another page uses it: only one may.
    InUse,
    /// There is none, or it is full, or it is broken.
    Failed,
}

/// A message that may be stored.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Its number; 0 if it is not stored.
    pub(crate) number: u64,
    record: Option<Record>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Off,
    Loading,
    On,
}

/// Only `agreed/` reports changes to it.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    stage: Stage,
    identity: Option<u64>,
    requests: VecDeque<StoreRequest>,
    changes: Vec<StoreChange>,
    /// The number of the last commit that was handed out.
    last: u32,
    /// The number of the last commit that was written.
    written: u32,
    /// When an answer is overdue.
    deadline: Option<Duration>,
    /// A store that failed is not trusted again.
    has_failed: bool,
    /// The number of the last message.
    last_message: u64,
    /// The same for each commit that is being written.
    handed_out: VecDeque<u64>,
    /// Messages up to this number are stored.
    stored: u64,
    /// The time since 1970 when the session's clock showed 0.
    epoch: Duration,
    /// What the head says of the server; `None` if there is no head.
    server_session: Option<bool>,
    /// The Packet Identifier that was handed out last. The next page goes on from there, so that it
    /// does not meet one that the server still connects with an older message.
    last_id: u16,
    /// What the head says of it.
    stored_id: u16,
}

impl Journal {
    /// Which session is to be stored; `None` for none.
    pub(super) fn choose(&mut self, identity: Option<u64>) {
        if !CAN_KEEP || (self.identity == identity && self.is_used()) {
            return;
        }
        if self.is_used() {
            self.leave();
        }
        self.identity = identity;
        if let Some(identity) = identity.filter(|_| !self.has_failed) {
            self.stage = Stage::Loading;
            self.requests.push_back(StoreRequest::Load { identity });
        }
    }

    /// The store answered with its records.
    pub(super) fn loaded(&mut self, epoch: Duration) {
        self.stage = Stage::On;
        self.epoch = epoch;
        self.deadline = None;
        self.last_message = 0;
        self.stored = 0;
        self.server_session = None;
        self.last_id = 0;
        self.stored_id = 0;
    }

    /// The store cannot be used.
    pub(super) fn failed(&mut self, error: StoreError) {
        self.has_failed |= error == StoreError::Failed;
        self.leave();
    }

    fn leave(&mut self) {
        self.stage = Stage::Off;
        self.changes.clear();
        self.requests.clear();
        self.requests.push_back(StoreRequest::Leave);
        self.written = self.last;
        self.handed_out.clear();
        self.deadline = None;
    }

    /// A commit was written, and with it all before. One that nobody waits for means nothing.
    pub(crate) fn stored(&mut self, now: Duration, number: u32) {
        let awaited = 1..=self.last.wrapping_sub(self.written);
        let done = number.wrapping_sub(self.written);
        if awaited.contains(&done) {
            for _ in 0..done {
                self.stored = self.handed_out.pop_front().unwrap_or(self.stored);
            }
            self.written = number;
            self.deadline = self.is_writing().then_some(now + PATIENCE);
        }
    }

    /// Which store to take or to leave.
    pub(crate) fn next_request(&mut self, now: Duration) -> Option<StoreRequest> {
        let request = self.requests.pop_front().filter(|_| CAN_KEEP)?;
        if request != StoreRequest::Leave {
            self.deadline = Some(now + PATIENCE);
        }
        Some(request)
    }

    /// What to store: all changes so far, when those before them are stored.
    pub(crate) fn next_commit(&mut self, now: Duration) -> Option<StoreRequest> {
        if !CAN_KEEP || self.changes.is_empty() || self.is_writing() {
            return None;
        }
        if self.stored_id != self.last_id {
            self.put_head(self.server_session == Some(true));
        }
        self.handed_out.push_back(self.last_message);
        self.deadline.get_or_insert(now + PATIENCE);
        self.last = self.last.wrapping_add(1);
        Some(StoreRequest::Commit {
            number: self.last,
            changes: std::mem::take(&mut self.changes),
        })
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.deadline.filter(|_| CAN_KEEP)
    }

    pub(crate) fn is_loading(&self) -> bool {
        CAN_KEEP && self.stage == Stage::Loading
    }

    pub(super) fn is_used(&self) -> bool {
        CAN_KEEP && self.stage != Stage::Off
    }

    pub(super) fn is_on(&self) -> bool {
        CAN_KEEP && self.stage == Stage::On
    }

    pub(crate) const fn identity(&self) -> Option<u64> {
        self.identity
    }

    /// The commit that all changes so far wait for; `None` when all are stored.
    pub(crate) fn waits_for(&self) -> Option<u32> {
        if !CAN_KEEP {
            return None;
        }
        if !self.changes.is_empty() {
            return Some(self.last.wrapping_add(1));
        }
        self.is_writing().then_some(self.last)
    }

    /// Whether a commit is behind us, and with it all before.
    pub(crate) fn has_stored(&self, number: u32) -> bool {
        self.waits_for().is_none_or(|_| number <= self.written)
    }

    /// Whether a commit is being written.
    pub(crate) const fn is_writing(&self) -> bool {
        CAN_KEEP && self.written != self.last
    }

    /// How long ago it was, when it was then.
    pub(super) fn age(&self, now: Duration, published: Duration) -> Duration {
        (self.epoch + now).saturating_sub(published)
    }

    pub(super) fn clear(&mut self) {
        self.change(StoreChange::Clear);
    }

    pub(super) fn put_head(&mut self, server_session: bool) {
        let is_new = self.server_session != Some(server_session) || self.stored_id != self.last_id;
        if let Some(identity) = self.identity.filter(|_| is_new) {
            self.server_session = Some(server_session);
            self.stored_id = self.last_id;
            self.put(records::head(identity, server_session, self.last_id));
        }
    }

    /// The record of a message that is about to wait; `None` if it cannot be written.
    pub(super) fn draft(&self, message: &Message, since: Duration) -> Option<Draft> {
        if !self.is_on() || message.qos == QoS::AtMostOnce {
            return Some(Draft::default());
        }
        let number = self.last_message + 1;
        let record = records::message(number, message, self.epoch + since)?;
        Some(Draft {
            number,
            record: Some(record),
        })
    }

    /// The message waits from now on.
    pub(super) fn keep(&mut self, draft: Draft) {
        if let Some(record) = draft.record {
            self.last_message = draft.number;
            self.put(record);
        }
    }

    /// What an earlier page wrote into the head.
    pub(super) fn goes_on_from(&mut self, server_session: bool, last_id: u16) {
        self.server_session = Some(server_session);
        self.last_id = last_id;
        self.stored_id = last_id;
    }

    /// A message of an earlier page: later ones get higher numbers.
    pub(super) fn knows(&mut self, number: u64) {
        self.last_message = self.last_message.max(number);
        self.stored = self.last_message;
    }

    /// Whether a message with this number is the store's, whoever has it.
    pub(crate) const fn has(&self, number: u64) -> bool {
        number > 0 && number <= self.stored
    }

    /// A message is sent under this number.
    pub(super) fn put_place(&mut self, number: u64, packet_id: PacketId) {
        if self.is_on() && number > 0 {
            self.last_id = packet_id.get();
            self.put(records::place(number, packet_id, 0));
        }
    }

    /// Its PUBREC came: never again may it be published.
    pub(super) fn put_released(&mut self, number: u64, packet_id: PacketId, released: u64) {
        if self.is_on() && number > 0 {
            self.change(StoreChange::Remove(records::message_key(number)));
            self.put(records::place(number, packet_id, released));
        }
    }

    /// It is not on its way any more.
    pub(super) fn remove_place(&mut self, number: u64) {
        if self.is_on() && number > 0 {
            self.change(StoreChange::Remove(records::place_key(number)));
        }
    }

    /// It neither waits nor is on its way.
    pub(super) fn remove_message(&mut self, number: u64) {
        if self.is_on() && number > 0 {
            self.change(StoreChange::Remove(records::message_key(number)));
            self.remove_place(number);
        }
    }

    /// The application took a QoS 2 message.
    pub(super) fn put_received(&mut self, packet_id: PacketId) {
        if self.is_on() {
            self.put(records::received(packet_id));
        }
    }

    /// Its number means a new message from now on.
    pub(super) fn remove_received(&mut self, packet_id: PacketId) {
        if self.is_on() {
            let key = u64::from(packet_id.get());
            self.change(StoreChange::Remove(key));
        }
    }

    fn put(&mut self, record: Record) {
        self.change(StoreChange::Put(record));
    }

    fn change(&mut self, change: StoreChange) {
        if self.is_on() {
            self.changes.push(change);
        }
    }
}

/// Which stored session is this one: that of the same Client Identifier at the same addresses,
/// whatever user names, passwords and tokens they hold. `None` if none is stored.
pub(crate) fn identity(options: &SessionOptions) -> Option<u64> {
    if !CAN_KEEP || !options.keep_session {
        return None;
    }
    let mut hash = fnv(FNV_START, options.client_id.as_bytes());
    for url in &options.urls {
        let bare = url.split(['?', '#']).next().unwrap_or_default();
        // Not at `://`: what looks for a text in a text brings along what prints any character.
        let (scheme, rest) = bare.split_once(':').unwrap_or_default();
        let rest = rest.strip_prefix("//").unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().unwrap_or_default();
        for part in [scheme, host, path] {
            hash = fnv(fnv(hash, &[0]), part.as_bytes());
        }
    }
    Some(hash)
}
