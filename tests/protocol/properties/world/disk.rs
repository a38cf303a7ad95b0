//! The store of a session that is kept, and the end of the page that keeps it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use scratch_mqtt::packet::{ProtocolVersion, QoS};
use scratch_mqtt::session::{Owner, Session, StoreChange, StoreError, StoreRequest, Token};

use super::super::server::number_of;
use super::{Fate, Sent, World};
use crate::pair::{filter, secs};
use crate::wire::{self, ClientPacket};

/// The keys of messages and of their places begin here.
const MESSAGES: u64 = 1 << 40;
const PLACES: u64 = 1 << 41;
/// Those of received messages are their Packet Identifiers.
const RECEIVED: std::ops::RangeInclusive<u64> = 1..=0xFFFF;

/// What is on the disk for one session.
type Records = BTreeMap<u64, Vec<u8>>;

/// A disk that takes its time.
#[derive(Default)]
pub struct Disk {
    sessions: HashMap<u64, Records>,
    /// Whose records are written.
    identity: u64,
    /// What it is about to do, in order.
    pub asked: VecDeque<StoreRequest>,
    /// It was let go of, and not taken again.
    is_left: bool,
    pub has_failed: bool,
    /// Which message each record stands for, by its number in the store.
    numbers: HashMap<u64, (u32, QoS)>,
    /// Every message that was ever stored.
    pub stored: HashSet<u32>,
    /// How often the page ended.
    pub crashes: u32,
    /// What the next page will find, in order.
    restored: Vec<(u32, QoS)>,
}

impl Disk {
    fn records(&mut self) -> &mut Records {
        self.sessions.entry(self.identity).or_default()
    }

    /// A page that cannot read what the one before left has numbers of its own, and a server of
    /// 3.1.1 cannot tell them from the old ones.
    pub fn must_answer(&self) -> bool {
        let is_load = matches!(self.asked.front(), Some(StoreRequest::Load { .. }));
        is_load && self.crashes > 0
    }

    fn apply(&mut self, changes: Vec<StoreChange>) {
        for change in changes {
            match change {
                StoreChange::Clear => self.records().clear(),
                StoreChange::Remove(key) => drop(self.records().remove(&key)),
                StoreChange::Put((key, value)) => {
                    if (MESSAGES..PLACES).contains(&key) {
                        let message = message_of(&value);
                        self.stored.insert(message.0);
                        self.numbers.insert(key - MESSAGES, message);
                    }
                    self.records().insert(key, value);
                }
            }
        }
    }

    /// The numbers of what waits or is on its way, in order, each with its Packet Identifier.
    fn waiting(&mut self) -> Vec<(u32, QoS, Option<u16>)> {
        let records = self.records().clone();
        let mut numbers = BTreeMap::new();
        for (key, value) in &records {
            match *key {
                MESSAGES..PLACES => drop(numbers.insert(key - MESSAGES, None)),
                PLACES.. => {
                    let id = u16::from_be_bytes([value[0], value[1]]);
                    numbers.insert(key - PLACES, Some(id));
                }
                _ => {}
            }
        }
        let found = numbers.into_iter();
        found
            .map(|(place, id)| (self.numbers[&place].0, self.numbers[&place].1, id))
            .collect()
    }
}

impl World {
    /// The session asks the disk for one thing at a time, unless a message was emitted.
    pub(super) fn ask_the_disk(&mut self, request: StoreRequest) {
        self.disk.is_left = request == StoreRequest::Leave;
        if self.disk.is_left {
            self.disk.records().clear();
            self.disk.asked.clear();
        } else {
            let puts_received = |change: &StoreChange| matches!(change, StoreChange::Put((key, _)) if RECEIVED.contains(key));
            let may_not_wait = matches!(&request, StoreRequest::Commit { changes, .. }
                if changes.iter().any(puts_received));
            let is_alone = self.disk.asked.is_empty();
            assert!(is_alone || may_not_wait, "two requests at a time");
            self.disk.asked.push_back(request);
        }
    }

    /// Another session has been asked for by now, or the disk was given up.
    pub(super) fn leave_the_disk(&mut self) {
        self.disk.has_failed |= std::mem::take(&mut self.disk.is_left);
    }

    /// The disk has done what it was asked for. `false` if that was nothing.
    pub(super) fn disk_works(&mut self) -> bool {
        match self.disk.asked.pop_front() {
            Some(StoreRequest::Load { identity }) => {
                self.disk.identity = identity;
                let records: Vec<_> = self.disk.records().clone().into_iter().collect();
                let time = self.epoch + self.now;
                self.session
                    .handle_loaded(self.now, time, identity, &records);
            }
            Some(StoreRequest::Commit { number, changes }) => {
                self.disk.apply(changes);
                self.session.handle_stored(self.now, number);
            }
            Some(StoreRequest::Leave) | None => return false,
        }
        self.drain();
        self.settle();
        true
    }

    /// The server's word that it has no session counts once the client has written it down: a
    /// client that ends before cannot know, because the next CONNACK says that a session is present.
    pub(super) fn settle(&mut self) {
        if !self.disk.asked.is_empty() || self.unsettled.is_none() {
            return;
        }
        if self.unsettled.take() == self.socket() {
            self.server.is_known();
        }
    }

    /// The disk is full: the session goes on without it, and ends with the page.
    pub(super) fn disk_fails(&mut self) {
        if self.disk.asked.is_empty() || self.disk.must_answer() {
            return;
        }
        self.disk.asked.clear();
        self.disk.has_failed = true;
        self.session
            .handle_store_failed(self.now, StoreError::Failed);
    }

    /// The page ends without a word, and another one begins.
    pub(super) fn crash(&mut self) {
        if !self.options.keep_session || self.disk.has_failed {
            return;
        }
        self.disk.crashes += 1;
        // Some of it was written, but nobody heard of it any more.
        let written = self.random.below(self.disk.asked.len() + 1);
        for request in std::mem::take(&mut self.disk.asked)
            .into_iter()
            .take(written)
        {
            if let StoreRequest::Commit { changes, .. } = request {
                self.disk.apply(changes);
            }
        }
        self.lose_all_wires();
        self.unsettled = None;
        self.forget_what_is_not_stored();
        self.epoch += self.now;
        self.now = secs(1);
        self.session = Session::new(self.random.below(1000) as u64);
        (self.not_sent, self.dropped) = (0, 0);
        for (text, owners) in &self.requests {
            for owner in owners {
                let owner = Owner(*owner);
                let qos = QoS::ExactlyOnce;
                let wanted = self.session.subscribe(self.now, owner, &filter(text), qos);
                assert!(wanted.is_ok());
            }
        }
        assert_eq!(self.session.connect(self.now, self.options.clone()), Ok(()));
    }

    fn lose_all_wires(&mut self) {
        let old = self.lingering.take().into_iter();
        for mut wires in old.chain(self.closing.take()).chain(self.wires.take()) {
            // Some of what was sent still arrives.
            let arrives = self.random.below(wires.to_server.len() + 1);
            for packet in wires.to_server.drain(..arrives).filter(|_| wires.open) {
                self.server.receive(&packet, &mut self.random);
            }
        }
        self.server.hang_up();
        self.watchman.connection_ended();
    }

    fn forget_what_is_not_stored(&mut self) {
        let waiting = self.disk.waiting();
        self.disk.restored = waiting
            .iter()
            .map(|(number, qos, _)| (*number, *qos))
            .collect();
        for (_, mut sent) in self.sent.drain() {
            let restored = waiting.iter().any(|(number, ..)| *number == sent.number);
            match (sent.fate, restored) {
                (Fate::Waiting, true) => continue,
                (Fate::Waiting, false) => sent.fate = Fate::Lost,
                (Fate::Published | Fate::Failed | Fate::Lost, _) => {}
            }
            self.ended.push(sent);
        }
        let places = waiting
            .iter()
            .filter_map(|(number, _, id)| Some((*number, (*id)?)));
        self.watchman.restart(places.collect());
        let client_id = &self.options.client_id;
        let Some(session) = self.server.sessions.get(client_id) else {
            return;
        };
        let records = self.disk.sessions.entry(self.disk.identity).or_default();
        for (number, id) in session.unreceived() {
            // The application took it, and the page ended before that was written down.
            let taken = self.received.get(&number).is_some_and(|count| *count > 0);
            if taken && !records.contains_key(&u64::from(id)) {
                self.twice.insert(number);
            }
        }
    }

    /// The next page knows the messages of the one before by new tokens.
    pub(super) fn restored(&mut self, first: Token, messages: u32) {
        assert_eq!(messages as usize, self.disk.restored.len());
        for (place, (number, qos)) in self.disk.restored.drain(..).enumerate() {
            let token = Token(first.0 + place as u32);
            let fate = Fate::Waiting;
            let before = self.sent.insert(token, Sent { number, qos, fate });
            assert!(before.is_none(), "{token:?} was used before");
        }
    }

    /// Nothing leaves before what it depends on is stored: else the next page would repeat what the
    /// server has, or take for a repetition what is new.
    pub(super) fn check_that_all_is_stored(&mut self, packets: &[ClientPacket]) {
        if !self.options.keep_session || self.disk.has_failed {
            return;
        }
        let records = self.disk.records();
        let place = |id: u16| {
            let mut places = records.range(PLACES..).map(|(_, value)| value);
            places.find(|value| value[..2] == id.to_be_bytes())
        };
        let is_received = |id: u16| records.contains_key(&u64::from(id));
        for packet in packets {
            let is_stored = match packet {
                ClientPacket::Publish(publish) => publish
                    .id
                    .is_none_or(|id| place(id).is_some_and(|it| it[2..10] == [0; 8])),
                ClientPacket::PubRel { id, .. } => place(*id).is_none_or(|it| it[2..10] != [0; 8]),
                ClientPacket::PubRec { id, .. } => is_received(*id),
                ClientPacket::PubComp { id, .. } => !is_received(*id),
                _ => true,
            };
            assert!(is_stored, "{packet:?} before it is stored");
        }
    }

    pub fn crashes(&self) -> u32 {
        self.disk.crashes
    }

    pub(super) fn epoch() -> Duration {
        secs(1_700_000_000)
    }
}

/// The number of the message in a record: eight bytes of time, and a PUBLISH.
fn message_of(record: &[u8]) -> (u32, QoS) {
    let packet = &record[8..record.len() - 8];
    match wire::parse_client(ProtocolVersion::V5_0, packet).as_slice() {
        [ClientPacket::Publish(publish)] => (
            number_of(&publish.payload),
            QoS::from_number(publish.qos).unwrap(),
        ),
        other => panic!("{other:?}"),
    }
}
