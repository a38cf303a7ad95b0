//! QoS 1 and 2 messages on their way to the server, and their re-delivery.

use std::collections::VecDeque;
use std::time::Duration;

use crate::packet::{PacketId, QoS};
use crate::session::event::{Message, Token};
use crate::session::wanted::queue::Queued;

/// Which acknowledgement a message waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    /// PUBACK.
    Acknowledgement,
    /// PUBREC.
    Receipt,
    /// PUBCOMP.
    Completion,
}

impl Awaits {
    /// Of a message that was sent; without its text it was received.
    fn first_for(message: Option<&Message>) -> Self {
        match message.map(|message| message.qos) {
            None => Self::Completion,
            Some(QoS::ExactlyOnce) => Self::Receipt,
            Some(QoS::AtLeastOnce | QoS::AtMostOnce) => Self::Acknowledgement,
        }
    }
}

#[derive(Clone, Debug)]
struct Flight {
    numbers: Numbers,
    awaits: Awaits,
    since: Duration,
    /// Gone once PUBREC came: from then on no PUBLISH may be sent. [MQTT-4.3.3-1]
    message: Option<Message>,
    /// When PUBREC came, counted; PUBRELs are sent again in this order. [MQTT-4.6.0-4]
    released: u64,
    /// Sent on the connection that is up now.
    sent: bool,
}

/// How a message that is on its way, or was, is known to its publisher, the server and the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) token: Token,
    pub(crate) packet_id: PacketId,
    /// 0 if it is not stored.
    pub(crate) stored: u64,
}

/// What becomes of the messages on their way when the server forgets them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LostSession {
    pub(crate) again: Vec<Queued>,
    pub(crate) delivered: Vec<Numbers>,
    pub(crate) freed: Vec<PacketId>,
}

/// What to send for a message.
#[derive(Clone, Debug)]
pub(crate) enum Resend {
    /// The PUBLISH, as a repetition.
    Publish(PacketId, Message),
    /// The PUBREL.
    Release(PacketId),
}

/// The in-flight store, in the order in which the messages were first sent. [MQTT-4.6.0-1]
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight {
    in_flight: VecDeque<Flight>,
    releases: u64,
    /// How many must be sent again on the connection that is up now.
    unsent: usize,
    /// Those in the order in which they are sent; empty until the first is asked for.
    resends: VecDeque<PacketId>,
    /// Given up after their PUBREC: the server has the numbers until it forgets the session.
    abandoned: Vec<PacketId>,
}

impl InFlight {
    /// Remembers a message until it is acknowledged.
    pub(crate) fn insert(&mut self, packet_id: PacketId, queued: Queued) {
        let Queued { token, stored, .. } = queued;
        self.in_flight.push_back(Flight {
            numbers: Numbers {
                token,
                packet_id,
                stored,
            },
            awaits: Awaits::first_for(Some(&queued.message)),
            since: queued.since,
            message: Some(queued.message),
            released: 0,
            sent: true,
        });
    }

    /// A message that an earlier page sent: without its text after PUBREC.
    pub(crate) fn restore(
        &mut self,
        message: Option<Message>,
        numbers: Numbers,
        since: Duration,
        released: u64,
    ) {
        self.in_flight.push_back(Flight {
            numbers,
            awaits: Awaits::first_for(message.as_ref()),
            since,
            message,
            released,
            sent: false,
        });
        self.unsent += 1;
        self.releases = self.releases.max(released);
    }

    /// PUBACK: the QoS 1 message is delivered.
    pub(crate) fn acknowledge(&mut self, packet_id: PacketId) -> Option<Numbers> {
        self.remove(packet_id, Awaits::Acknowledgement)
    }

    /// PUBREC: the server has the QoS 2 message; PUBREL follows. Says what is to be stored of it;
    /// `None` for an unknown number.
    pub(crate) fn receive(&mut self, packet_id: PacketId) -> Option<(u64, u64)> {
        self.releases += 1;
        let released = self.releases;
        let position = self.position(packet_id)?;
        let entry = self.in_flight.get_mut(position)?;
        if entry.awaits == Awaits::Acknowledgement {
            return None;
        }
        if entry.awaits == Awaits::Receipt {
            entry.awaits = Awaits::Completion;
            entry.message = None;
            entry.released = released;
        }
        Some((entry.numbers.stored, entry.released))
    }

    /// PUBREC with a refusal (5.0): the flow ends there. [MQTT5-4.3.3-4]
    pub(crate) fn refuse(&mut self, packet_id: PacketId) -> Option<Numbers> {
        self.remove(packet_id, Awaits::Receipt)
    }

    /// PUBCOMP: the QoS 2 message is delivered.
    pub(crate) fn complete(&mut self, packet_id: PacketId) -> Option<Numbers> {
        self.remove(packet_id, Awaits::Completion)
    }

    /// The message cannot be sent again.
    pub(crate) fn give_up(&mut self, packet_id: PacketId) -> Option<Numbers> {
        let ended = self
            .acknowledge(packet_id)
            .or_else(|| self.refuse(packet_id));
        ended.or_else(|| {
            let ended = self.complete(packet_id)?;
            self.abandoned.push(packet_id);
            Some(ended)
        })
    }

    /// The message that was sent on this connection and waits for an answer, when it is the only one.
    pub(crate) fn only_one_sent(&self) -> Option<Numbers> {
        let mut sent = self.in_flight.iter().filter(|entry| entry.sent);
        let (entry, None) = (sent.next()?, sent.next()) else {
            return None;
        };
        Some(entry.numbers)
    }

    /// A message on its way; `None` after its PUBREC, from when on only its number is known.
    pub(crate) fn message(&self, packet_id: PacketId) -> Option<&Message> {
        let entry = self.in_flight.get(self.position(packet_id)?)?;
        entry.message.as_ref()
    }

    /// The connection is gone: everything must be sent again on the next one.
    pub(crate) fn connection_lost(&mut self) {
        for entry in &mut self.in_flight {
            entry.sent = false;
        }
        self.unsent = self.in_flight.len();
        self.resends.clear();
    }

    /// The server lost the session: what it did not confirm is published anew, in order, with new
    /// numbers; what it confirmed with PUBREC is delivered.
    pub(crate) fn session_lost(&mut self) -> LostSession {
        self.unsent = 0;
        self.resends.clear();
        let mut lost = LostSession::default();
        lost.freed.append(&mut self.abandoned);
        for flight in self.in_flight.drain(..) {
            let Numbers {
                token,
                packet_id,
                stored,
            } = flight.numbers;
            lost.freed.push(packet_id);
            match flight.message {
                Some(message) => lost.again.push(Queued {
                    token,
                    message,
                    since: flight.since,
                    stored,
                    excess: false,
                    is_offline: false,
                }),
                None => lost.delivered.push(flight.numbers),
            }
        }
        lost
    }

    /// What comes next when the server still has the session: first every PUBREL in the order of
    /// its PUBREC, then every PUBLISH in its first order. [MQTT-4.4.0-1] [MQTT-4.6.0-1] [MQTT-4.6.0-4]
    ///
    /// `None` also where only PUBLISH is left and may not be sent now; PUBREL waits for nothing.
    /// [MQTT5-4.9.0-3]
    pub(crate) fn next_resend(&mut self, publish_too: bool) -> Option<Resend> {
        if self.resends.is_empty() {
            self.order_resends();
        }
        loop {
            let packet_id = *self.resends.front()?;
            let position = self.position(packet_id);
            let entry = position.and_then(|position| self.in_flight.get_mut(position));
            // One that was answered meanwhile is not sent again.
            let Some(entry) = entry.filter(|entry| !entry.sent) else {
                self.resends.pop_front();
                continue;
            };
            let is_release = entry.awaits == Awaits::Completion;
            if !is_release && !publish_too {
                return None;
            }
            let resend = if is_release {
                Resend::Release(packet_id)
            } else {
                Resend::Publish(packet_id, entry.message.clone()?)
            };
            entry.sent = true;
            self.unsent -= 1;
            self.resends.pop_front();
            return Some(resend);
        }
    }

    fn order_resends(&mut self) {
        let mut releases: Vec<(u64, PacketId)> = Vec::new();
        let unsent = self.in_flight.iter().filter(|entry| !entry.sent);
        for entry in unsent.clone() {
            if entry.awaits == Awaits::Completion {
                // Nearly always the last place: answers come in order.
                let place = releases.partition_point(|(released, _)| *released < entry.released);
                releases.insert(place, (entry.released, entry.numbers.packet_id));
            }
        }
        let publishes = unsent.filter(|entry| entry.awaits != Awaits::Completion);
        let releases = releases.into_iter().map(|(_, packet_id)| packet_id);
        self.resends
            .extend(releases.chain(publishes.map(|entry| entry.numbers.packet_id)));
    }

    /// How many messages count towards the server's Receive Maximum on this connection.
    pub(crate) fn sent(&self) -> usize {
        self.in_flight.len() - self.unsent
    }

    /// Whether something must be sent again before anything new.
    pub(crate) const fn has_unsent(&self) -> bool {
        self.unsent > 0
    }

    /// How many messages have no final acknowledgement.
    pub(crate) fn len(&self) -> usize {
        self.in_flight.len()
    }

    fn remove(&mut self, packet_id: PacketId, awaits: Awaits) -> Option<Numbers> {
        let position = self.position(packet_id)?;
        if self.in_flight.get(position)?.awaits != awaits {
            return None;
        }
        let entry = self.in_flight.remove(position)?;
        self.unsent -= usize::from(!entry.sent);
        Some(entry.numbers)
    }

    /// Where a message is. Numbers are handed out in turn, so they are in order from the first one
    /// on; only while a message waits until all numbers were used once more they may not be.
    fn position(&self, packet_id: PacketId) -> Option<usize> {
        let first = self.in_flight.front()?.numbers.packet_id;
        if first == packet_id {
            return Some(0);
        }
        let turn = |id: PacketId| id.get().wrapping_sub(first.get());
        let found = self
            .in_flight
            .binary_search_by(|entry| turn(entry.numbers.packet_id).cmp(&turn(packet_id)));
        found.ok().or_else(|| {
            let mut all = self.in_flight.iter();
            all.position(|entry| entry.numbers.packet_id == packet_id)
        })
    }
}
