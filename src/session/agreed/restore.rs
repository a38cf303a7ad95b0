//! A session that outlives its page: what the store says, and what begins again.

use std::time::Duration;

use crate::session::Session;
use crate::session::agreed::in_flight::Ended;
use crate::session::agreed::journal::records::{self, Kept, Record, Snapshot};
use crate::session::agreed::journal::{StoreError, StoreRequest};
use crate::session::connection::Phase;
use crate::session::event::{CloseReason, Event, Token, Warning};
use crate::session::wanted::queue::Queued;

impl Session {
    /// What the caller must do with the store of a session that is kept; `None` while nothing is to
    /// be stored, or until [`handle_stored`](Self::handle_stored).
    pub fn poll_store(&mut self) -> Option<StoreRequest> {
        self.journal.poll(self.now)
    }

    /// The store's records, by ascending key. `time` is the time since 1970, by which messages
    /// expire that an earlier page published. The session of another `identity` is ignored.
    pub fn handle_loaded(
        &mut self,
        now: Duration,
        time: Duration,
        identity: u64,
        records: &[Record],
    ) {
        self.observe(now);
        if !self.journal.is_loading() || self.journal.identity() != Some(identity) {
            return;
        }
        self.journal.loaded(time.saturating_sub(self.now));
        let messages = match records::read(identity, records) {
            Ok(Some(snapshot)) => self.restore(snapshot),
            Ok(None) => Vec::new(),
            Err(_damaged) => {
                self.journal.clear();
                // What was on its way is not known any more. [MQTT5-3.2.2-4]
                self.start_clean = true;
                self.inbox.push(Event::Warning(Warning::SessionDiscarded));
                Vec::new()
            }
        };
        self.journal.put_head(self.server_session);
        for queued in self.queue.iter_mut() {
            let draft = self.journal.draft(&queued.message, queued.since);
            let draft = draft.unwrap_or_default();
            queued.kept = draft.number;
            self.journal.keep(draft);
        }
        for queued in messages.into_iter().rev() {
            self.queue.push_front(queued);
        }
        if self.phase == Phase::Restoring {
            self.open();
        }
    }

    /// Everything up to this request is stored: what waited for it may be sent.
    pub fn handle_stored(&mut self, now: Duration, number: u32) {
        self.begin(now);
        self.journal.stored(self.now, number);
    }

    /// The store cannot be used. The session goes on without it, and is not kept any more; unless
    /// another page has it: then it stays closed.
    pub fn handle_store_failed(&mut self, now: Duration, error: StoreError) {
        self.observe(now);
        if !self.journal.is_used() {
            return;
        }
        self.journal.failed(error);
        match error {
            StoreError::InUse => self.fail(CloseReason::SessionInUse),
            StoreError::Failed => {
                self.inbox.push(Event::Warning(Warning::SessionNotKept));
                if self.phase == Phase::Restoring {
                    self.open();
                }
            }
        }
    }

    /// Takes over what an earlier page left. Returns what was not sent yet.
    fn restore(&mut self, snapshot: Snapshot) -> Vec<Queued> {
        self.server_session = snapshot.server_session;
        for packet_id in snapshot.received {
            self.inbox.is_first(packet_id);
        }
        let first = Token(self.last_token.wrapping_add(1));
        let count = u32::try_from(snapshot.messages.len()).unwrap_or(u32::MAX);
        let mut waiting = Vec::new();
        for kept in snapshot.messages {
            self.last_token = self.last_token.wrapping_add(1);
            self.journal.knows(kept.number);
            waiting.extend(self.restore_message(kept));
        }
        self.packet_ids.go_on_from(snapshot.last_id);
        self.journal
            .goes_on_from(snapshot.server_session, snapshot.last_id);
        if count > 0 {
            self.inbox.push(Event::SessionRestored {
                first,
                messages: count,
            });
        }
        waiting
    }

    fn restore_message(&mut self, kept: Kept) -> Option<Queued> {
        let token = Token(self.last_token);
        let mut message = kept.message;
        let properties = message.as_mut().and_then(|given| given.properties.as_mut());
        if let Some(secs) = properties.and_then(|given| given.message_expiry_secs.as_mut()) {
            let age = self.journal.age(self.now, kept.published).as_secs();
            let left = secs.saturating_sub(u32::try_from(age).unwrap_or(u32::MAX));
            // What was sent has its number on the server, and is sent again however old it is.
            *secs = left.max(u32::from(kept.packet_id.is_some()));
        }
        if let Some(packet_id) = kept.packet_id {
            self.packet_ids.take(packet_id);
            let ended = Ended {
                token,
                packet_id,
                kept: kept.number,
            };
            self.in_flight
                .restore(ended, message, self.now, kept.released);
            return None;
        }
        Some(Queued {
            token,
            message: message?,
            since: self.now,
            kept: kept.number,
            excess: false,
            is_offline: false,
        })
    }
}
