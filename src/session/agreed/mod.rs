//! What lives with the server's session: both sides must agree on it.
//!
//! Only this file reports changes to the journal; so what an application and a server know of a
//! session that outlives its page never differs from what is stored of it.

pub(crate) mod in_flight;
pub(crate) mod journal;
pub(crate) mod packet_ids;
pub(crate) mod received;
mod restore;
pub(crate) mod subscriptions;

use super::event::{Event, PublishError};
use super::outbox::DueAck;
use super::outbox::Outbox;
use super::wanted::options::SessionOptions;
use super::wanted::queue::{Queue, Queued};
use crate::packet::{PacketId, QoS};
use in_flight::{InFlight, Numbers};
use journal::{Journal, StoreError};
use packet_ids::PacketIds;
use received::ReceivedIds;
use subscriptions::Subscriptions;

#[derive(Debug, Default)]
pub(crate) struct Agreed {
    /// The server may still have the session that we have.
    pub(crate) is_on_server: bool,
    /// The next attempt must ask for a new session. [MQTT5-3.2.2-4]
    pub(crate) starts_clean: bool,
    /// The name that the server gave us. [MQTT5-3.1.3-7]
    pub(crate) assigned_client_id: Option<String>,
    pub(crate) packet_ids: PacketIds,
    pub(crate) in_flight: InFlight,
    pub(crate) received: ReceivedIds,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) journal: Journal,
}

impl Agreed {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            subscriptions: Subscriptions::new(seed),
            ..Self::default()
        }
    }

    /// The name that we go by.
    pub(crate) fn client_id(&self, options: &SessionOptions) -> String {
        let assigned = self.assigned_client_id.as_ref();
        assigned.unwrap_or(&options.client_id).clone()
    }

    /// Chooses the journal of these options, if there is one. Whether it must be read first.
    pub(crate) fn choose(&mut self, options: &SessionOptions) -> bool {
        self.journal.choose(journal::identity(options));
        self.journal.is_loading()
    }

    /// A message waits from now on: first it is noted.
    pub(crate) fn enqueue(
        &mut self,
        queue: &mut Queue,
        mut queued: Queued,
    ) -> Result<Vec<Queued>, PublishError> {
        let draft = self.journal.draft(&queued.message, queued.since);
        let draft = draft.ok_or(PublishError::Invalid)?;
        queued.stored = draft.number;
        let removed = queue.push(queued)?;
        self.journal.keep(draft);
        Ok(removed)
    }

    /// A message was sent for the first time. QoS 0 is not remembered.
    pub(crate) fn sent(&mut self, packet_id: PacketId, queued: Queued) {
        self.journal.put_place(queued.stored, packet_id);
        self.in_flight.insert(packet_id, queued);
    }

    /// PUBREC: PUBREL follows. `false` for an unknown number.
    pub(crate) fn pubrec(&mut self, packet_id: PacketId) -> bool {
        let received = self.in_flight.receive(packet_id);
        if let Some((stored, released)) = received {
            self.journal.put_released(stored, packet_id, released);
        }
        received.is_some()
    }

    /// PUBREL: the number means a new message from now on. `false` for an unknown number.
    pub(crate) fn pubrel(&mut self, packet_id: PacketId) -> bool {
        let is_known = self.received.release(packet_id);
        if is_known {
            self.journal.remove_received(packet_id);
        }
        is_known
    }

    /// The application took a message.
    pub(crate) fn taken(&mut self, ack: DueAck) {
        if ack.qos == QoS::ExactlyOnce && ack.session == self.received.session() {
            self.journal.put_received(ack.packet_id);
        }
    }

    /// Nothing more is sent for a message: its number is free.
    pub(crate) fn ended(&mut self, ended: Numbers) {
        self.packet_ids.release(ended.packet_id);
        self.journal.remove_message(ended.stored);
    }

    /// A message cannot be sent again. After PUBREC the server still has its number.
    pub(crate) fn give_up(&mut self, packet_id: PacketId) -> Option<Numbers> {
        let is_received = self.in_flight.message(packet_id).is_none();
        let ended = self.in_flight.give_up(packet_id)?;
        if !is_received {
            self.packet_ids.release(packet_id);
        }
        self.journal.remove_message(ended.stored);
        Some(ended)
    }

    /// A message that waited is not sent.
    pub(crate) fn dropped(&mut self, stored: u64) {
        self.journal.remove_message(stored);
    }

    /// CONNACK said whether the server keeps the session.
    pub(crate) fn established(&mut self, is_on_server: bool) {
        self.is_on_server = is_on_server;
        self.starts_clean = false;
        self.journal.put_head(is_on_server);
    }

    /// The connection is gone: what is on its way is sent again on the next one.
    pub(crate) fn connection_lost(&mut self) {
        self.in_flight.connection_lost();
        for packet_id in self.subscriptions.connection_lost() {
            self.packet_ids.release(packet_id);
        }
    }

    /// What the server knew of this client is void: its numbers are free, messages on their way
    /// are published anew, and every filter is subscribed to again. [MQTT-3.1.2-6] [MQTT5-3.2.2-5]
    pub(crate) fn session_lost(&mut self, queue: &mut Queue, out: &mut Outbox) {
        self.is_on_server = false;
        if self.journal.is_on() {
            self.journal.put_head(false);
            for packet_id in self.received.iter() {
                self.journal.remove_received(packet_id);
            }
        }
        self.received.session_lost();
        self.subscriptions.session_lost();
        let lost = self.in_flight.session_lost();
        for packet_id in lost.freed {
            self.packet_ids.release(packet_id);
        }
        for Numbers { token, stored, .. } in lost.delivered {
            self.journal.remove_message(stored);
            out.emit(Event::Published { token });
        }
        for queued in lost.again.into_iter().rev() {
            self.journal.remove_place(queued.stored);
            queue.push_front(queued);
        }
    }

    /// The store cannot be used. `false` if none is.
    pub(crate) fn store_failed(&mut self, error: StoreError) -> bool {
        let is_used = self.journal.is_used();
        if is_used {
            self.journal.failed(error);
        }
        is_used
    }
}
