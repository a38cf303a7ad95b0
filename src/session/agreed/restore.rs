//! A session that outlives its page: what begins again.

use std::time::Duration;

use super::Agreed;
use super::in_flight::Numbers;
use super::journal::records::{self, Record, Snapshot, StoredMessage};
use crate::session::event::{Event, Token, Warning};
use crate::session::outbox::Outbox;
use crate::session::wanted::Wanted;
use crate::session::wanted::queue::Queued;

impl Agreed {
    /// Takes over the store's records, by ascending key. `time` is the time since 1970.
    pub(crate) fn load(
        &mut self,
        (now, time): (Duration, Duration),
        records: &[Record],
        wanted: &mut Wanted,
        out: &mut Outbox,
    ) {
        self.journal.loaded(time.saturating_sub(now));
        let identity = self.journal.identity().unwrap_or_default();
        let messages = match records::read(identity, records) {
            Ok(Some(snapshot)) => self.restore(snapshot, now, &mut wanted.last_token, out),
            Ok(None) => Vec::new(),
            Err(_damaged) => {
                self.journal.clear();
                // What was on its way is not known any more. [MQTT5-3.2.2-4]
                self.starts_clean = true;
                out.warn(Warning::SessionDiscarded);
                Vec::new()
            }
        };
        self.journal.put_head(self.is_on_server);
        for queued in wanted.queue.iter_mut() {
            let draft = self.journal.draft(&queued.message, queued.since);
            let draft = draft.unwrap_or_default();
            queued.stored = draft.number;
            self.journal.keep(draft);
        }
        for queued in messages.into_iter().rev() {
            wanted.queue.push_front(queued);
        }
    }

    /// Takes over what an earlier page left. Returns what was not sent yet.
    fn restore(
        &mut self,
        snapshot: Snapshot,
        now: Duration,
        last_token: &mut Token,
        out: &mut Outbox,
    ) -> Vec<Queued> {
        self.is_on_server = snapshot.server_session;
        for packet_id in snapshot.received {
            self.received.is_first(packet_id);
        }
        let first = last_token.next();
        let count = u32::try_from(snapshot.messages.len()).unwrap_or(u32::MAX);
        let mut waiting = Vec::new();
        for stored in snapshot.messages {
            *last_token = last_token.next();
            self.journal.knows(stored.number);
            waiting.extend(self.restore_message(stored, *last_token, now));
        }
        self.packet_ids.go_on_from(snapshot.last_id);
        self.journal
            .goes_on_from(snapshot.server_session, snapshot.last_id);
        if count > 0 {
            out.emit(Event::SessionRestored {
                first,
                messages: count,
            });
        }
        waiting
    }

    fn restore_message(
        &mut self,
        stored: StoredMessage,
        token: Token,
        now: Duration,
    ) -> Option<Queued> {
        let mut message = stored.message;
        let properties = message.as_mut().and_then(|given| given.properties.as_mut());
        if let Some(secs) = properties.and_then(|given| given.message_expiry_secs.as_mut()) {
            let age = self.journal.age(now, stored.published).as_secs();
            let left = secs.saturating_sub(u32::try_from(age).unwrap_or(u32::MAX));
            // What was sent has its number on the server, and is sent again however old it is.
            *secs = left.max(u32::from(stored.packet_id.is_some()));
        }
        if let Some(packet_id) = stored.packet_id {
            self.packet_ids.take(packet_id);
            let numbers = Numbers {
                token,
                packet_id,
                stored: stored.number,
            };
            self.in_flight
                .restore(message, numbers, now, stored.released);
            return None;
        }
        Some(Queued {
            token,
            message: message?,
            since: now,
            stored: stored.number,
            excess: false,
            is_offline: false,
        })
    }
}
