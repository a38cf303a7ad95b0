//! What the client does and says, and what must be true when all is done.

use scratch_mqtt::packet::{ProtocolVersion, QoS};
use scratch_mqtt::session::{ConnectionId, Event, Output, PublishError, Token};
use scratch_mqtt::topic::TopicFilter;

use super::super::server::number_of;
use super::super::wires::Wires;
use super::{Fate, Sent, World};
use crate::pair::{Drain, filter};

impl World {
    pub(super) fn drain(&mut self) {
        self.session.pause_events(self.busy);
        let mut drain = Drain::default();
        while let Some(output) = drain.next(&mut self.session) {
            if !matches!(output, Output::Store(_)) {
                self.leave_the_disk();
            }
            match output {
                Output::Open { connection, .. } => {
                    assert!(self.closing.is_none(), "three sockets");
                    self.closing = self.wires.replace(Wires::new(connection));
                }
                Output::Close { connection, .. } => self.close(connection),
                Output::Ask { .. } => panic!("nobody wanted to be asked"),
                Output::Send { connection, bytes } => self.carry(connection, &bytes),
                Output::Measure { connection } => {
                    self.session.handle_buffered(self.now, connection, 0);
                }
                Output::Store(request) => self.ask_the_disk(request),
                Output::Event(event) => self.take(event),
            }
        }
        self.leave_the_disk();
    }

    fn carry(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let mut sockets = self.closing.iter_mut().chain(&mut self.wires);
        let wires = sockets.find(|wires| wires.connection == connection);
        let wires = wires.expect("a socket to send on");
        let window = usize::from(self.options.send_maximum);
        let before = wires.to_server.len();
        wires.carry(bytes, &mut self.watchman, window);
        let packets = wires.to_server.range(before..).cloned().collect::<Vec<_>>();
        self.check_that_all_is_stored(&packets);
    }

    pub(super) fn close(&mut self, connection: ConnectionId) {
        let wires = self.closing.take().or_else(|| self.wires.take());
        let wires = wires.expect("a socket to close");
        assert_eq!(wires.connection, connection, "another socket");
        self.watchman.connection_ended();
        self.lingering = Some(wires).filter(|wires| wires.open);
    }

    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::MessageReceived(received) => {
                let number = number_of(&received.message.payload);
                *self.received.entry(number).or_default() += 1;
            }
            Event::SessionRestored { first, messages } => self.restored(first, messages),
            Event::Published { token } => self.ends(token, Fate::Published),
            Event::PublishFailed { token, error } => {
                self.not_sent += u32::from(error == PublishError::Replaced);
                self.ends(token, Fate::Failed);
            }
            Event::Subscribed { filter, .. } | Event::Unsubscribed { filter } => {
                self.refused.remove(filter.as_str());
            }
            Event::SubscribeFailed { filter, .. } | Event::UnsubscribeFailed { filter, .. } => {
                self.refused.insert(filter.as_str().to_owned());
            }
            Event::MessagesDropped { count } => self.dropped += count,
            _ => {}
        }
    }

    pub(super) fn ends(&mut self, token: Token, fate: Fate) {
        let sent = self.sent.get_mut(&token).expect("a message of ours");
        assert_eq!(sent.fate, Fate::Waiting, "{token:?} ended twice");
        sent.fate = fate;
        self.watchman.ended(sent.number);
    }

    pub fn check_at_rest(&self) {
        for sent in self.sent.values().chain(&self.ended) {
            let Sent { number, qos, fate } = sent;
            let arrived = self.server.arrived.get(number).copied().unwrap_or(0);
            let doubtful = self.doubtful.contains(number);
            match (qos, fate) {
                (QoS::AtMostOnce, fate) => assert!(arrived <= 1 && *fate != Fate::Published),
                (_, Fate::Waiting) => panic!("{sent:?} never ended"),
                (_, Fate::Published) => assert!(arrived >= 1, "{sent:?} never arrived"),
                (_, Fate::Failed) => {}
                (_, Fate::Lost) => assert!(arrived == 0 || self.disk.stored.contains(number)),
            }
            let once = *qos == QoS::ExactlyOnce && !doubtful;
            assert!(!once || arrived <= 1, "{sent:?} arrived {arrived} times");
        }
        for (number, qos) in &self.delivered {
            let received = self.received.get(number).copied().unwrap_or(0);
            let lost = self.server.lost.contains(number);
            let other = self.doubtful.contains(number);
            let left_out = self.unwanted.contains(number);
            let at_least = *qos == 0 || received >= 1 || lost || other || left_out;
            assert!(at_least, "{number} of QoS {qos} was not received");
            let twice = self.twice.contains(number);
            let at_most = *qos == 1 || received <= 1 || other || twice;
            assert!(
                at_most,
                "{number} of QoS {qos} was received {received} times"
            );
        }
        let statistics = self.session.statistics();
        assert_eq!(statistics.waiting, 0);
        assert_eq!(self.disagreement(), None);
        if self.disk.crashes > 0 {
            return;
        }
        let sent = self.watchman.first_times;
        assert!(statistics.sent == sent || self.options.keep_session);
        assert_eq!(statistics.not_sent, self.not_sent);
        assert_eq!(statistics.dropped, self.dropped);
        assert_eq!(
            statistics.received - self.dropped,
            self.received.values().sum::<u32>()
        );
    }
    /// What is wanted is subscribed to, by itself or by what covers it. Nothing else is, and what has
    /// topics in common shares a subscription, where copies could not be told apart.
    pub(super) fn disagreement(&self) -> Option<String> {
        let session = self.server.session()?;
        let on_server = session.subscriptions.keys().map(|text| filter(text));
        let on_server = on_server.collect::<Vec<_>>();
        let wanted = self.requests.keys().map(|text| filter(text));
        let wanted = wanted.collect::<Vec<_>>();
        let is_served = |one: &&TopicFilter| on_server.iter().any(|other| other.covers(one));
        // Refused, or given up after a DISCONNECT that blames it: left as the server has it.
        let is_refused = |one: &&TopicFilter| self.refused.contains(one.as_str());
        let mut asked = wanted.iter().filter(|one| !is_refused(one));
        if let Some(one) = asked.find(|one| !is_served(one)) {
            return Some(format!("{one:?} has no subscription: {on_server:?}"));
        }
        if self.disk.crashes > 0 {
            // What an earlier page wanted, this one does not know.
            return None;
        }
        let is_needed = |one: &&TopicFilter| wanted.iter().any(|other| one.covers(other));
        if let Some(one) = on_server
            .iter()
            .find(|one| !is_needed(one) && !is_refused(one))
        {
            return Some(format!("{one:?} is subscribed to: {wanted:?}"));
        }
        let has_identifiers = self.server.version() == Some(ProtocolVersion::V5_0);
        let is_apart = |one: &TopicFilter, other: &TopicFilter| {
            one == other || has_identifiers && !one.covers(other) || !one.overlaps(other)
        };
        let mut pairs = on_server
            .iter()
            .flat_map(|one| on_server.iter().map(move |other| (one, other)));
        let pair = pairs.find(|(one, other)| !is_apart(one, other));
        pair.map(|(one, other)| format!("{one:?} overlaps {other:?}"))
    }
}
