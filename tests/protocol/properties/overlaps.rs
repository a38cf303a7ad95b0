//! Filters that have topics in common: each gets each message once, whatever the server does with
//! overlapping subscriptions. [MQTT-3.3.5-1]

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use scratch_mqtt::packet::{ProtocolVersion, QoS};
use scratch_mqtt::session::{Event, Owner, SessionOptions, SubscriptionId, Warning};
use scratch_mqtt::topic::{TopicFilter, TopicName};

use super::each_history;
use super::random::Random;
use super::server::number_of;
use crate::pair::{Pair, V5, VERSION, filter, options, options5, secs};
use crate::test;
use crate::wire::{self, ClientPacket, property};

const SUBSCRIPTION_ID: u8 = 0x0B;
const SUBSCRIPTION_IDS_AVAILABLE: u8 = 0x29;

const FILTERS: [&str; 14] = [
    "a/b", "a/c", "a/+", "+/b", "a/#", "#", "c/d", "c/+", "+/+", "a", "+", "b/#", "$x/y", "$x/#",
];

const TOPICS: [&str; 8] = ["a/b", "a/c", "a", "b", "c/d", "e/b", "b/x/y", "$x/y"];

/// What a server does with a message that several subscriptions of a client match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copying {
    /// One copy for each: mosquitto, NATS.
    EachSubscription,
    /// One for each QoS: RabbitMQ.
    EachQos,
    /// One, with the highest QoS.
    Once,
}

#[derive(Clone, Debug)]
struct Subscribed {
    options: u8,
    identifier: Option<Vec<u8>>,
}

/// A server with one client.
struct Server {
    version: ProtocolVersion,
    copying: Copying,
    /// What was kept comes before SUBACK.
    keeps_order: bool,
    subscriptions: BTreeMap<String, Subscribed>,
    kept: BTreeMap<&'static str, u32>,
    refuses: HashSet<&'static str>,
    last_id: u16,
    to_client: VecDeque<Vec<u8>>,
}

impl Server {
    fn receive(&mut self, packet: &ClientPacket) {
        match packet {
            ClientPacket::Subscribe {
                id,
                filters,
                properties,
            } => self.subscribe(*id, filters, properties),
            ClientPacket::Unsubscribe { id, filters, .. } => {
                let gone = filters.iter().map(|text| self.subscriptions.remove(text));
                let codes = gone.map(|gone| if gone.is_some() { 0 } else { 0x11 });
                let codes = codes.collect::<Vec<_>>();
                let unsuback = wire::unsuback(self.version, *id, &codes);
                self.to_client.push_back(unsuback);
            }
            ClientPacket::PubAck { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn subscribe(&mut self, id: u16, filters: &[(String, u8)], properties: &[(u8, Vec<u8>)]) {
        let identifier = properties.iter().find(|(id, _)| *id == SUBSCRIPTION_ID);
        let identifier = identifier.map(|(_, value)| value.clone());
        let (mut codes, mut kept) = (Vec::new(), Vec::new());
        for (text, options) in filters {
            if self.refuses.contains(text.as_str()) {
                codes.push(0x80);
                continue;
            }
            let subscribed = Subscribed {
                options: *options,
                identifier: identifier.clone(),
            };
            let old = self.subscriptions.insert(text.clone(), subscribed.clone());
            codes.push(options & 3);
            let wants_kept = match options >> 4 {
                0 => true,
                1 => old.is_none(),
                _ => false,
            };
            let kept_now = self.kept.clone().into_iter();
            for (topic, number) in kept_now.filter(|_| wants_kept) {
                if matches(text, topic) {
                    kept.push(self.copy(topic, number, 1, true, &[&subscribed]));
                }
            }
        }
        let suback = wire::suback(self.version, id, &codes);
        if self.keeps_order {
            self.to_client.extend(kept);
            self.to_client.push_back(suback);
        } else {
            self.to_client.push_back(suback);
            self.to_client.extend(kept);
        }
    }

    fn publish(&mut self, topic: &'static str, number: u32, qos: u8, retain: bool) {
        if retain {
            self.kept.insert(topic, number);
        }
        let all = self.subscriptions.clone();
        let mut matching = all
            .iter()
            .filter(|(text, _)| matches(text, topic))
            .map(|(_, subscribed)| subscribed)
            .collect::<Vec<_>>();
        matching.sort_by_key(|subscribed| u8::MAX - (subscribed.options & 3));
        let groups: Vec<Vec<&Subscribed>> = match self.copying {
            Copying::EachSubscription => matching.into_iter().map(|one| vec![one]).collect(),
            Copying::EachQos => matching
                .chunk_by(|one, other| one.options & 3 == other.options & 3)
                .map(<[_]>::to_vec)
                .collect(),
            Copying::Once if matching.is_empty() => Vec::new(),
            Copying::Once => vec![matching],
        };
        for group in groups {
            let copy = self.copy(topic, number, qos, false, &group);
            self.to_client.push_back(copy);
        }
    }

    fn copy(
        &mut self,
        topic: &str,
        number: u32,
        qos: u8,
        retain: bool,
        group: &[&Subscribed],
    ) -> Vec<u8> {
        let mut publish = wire::publish(topic, number.to_be_bytes());
        if retain {
            publish = publish.retained();
        }
        if qos.min(group[0].options & 3) > 0 {
            self.last_id += 1;
            publish = publish.at_least_once(self.last_id);
        }
        for identifier in group.iter().filter_map(|one| one.identifier.as_ref()) {
            publish = publish.with_property(&property(SUBSCRIPTION_ID, identifier));
        }
        publish.bytes(self.version)
    }
}

/// A filter that the program wants.
struct Request {
    filter: TopicFilter,
    id: SubscriptionId,
    is_reported: bool,
    /// How often each message came.
    came: HashMap<u32, u32>,
    /// The messages that must have come at the end.
    owed: HashSet<u32>,
}

struct Play {
    random: Random,
    pair: Pair,
    server: Server,
    requests: BTreeMap<&'static str, Request>,
    same_qos: bool,
    identifiers: bool,
    /// How often the program was handed each message, and how often as one that was kept.
    handed: HashMap<u32, u32>,
    last_number: u32,
}

impl Play {
    fn new(beginning: &[u32]) -> Self {
        let mut random = Random::new(beginning);
        let (version, identifiers) = random.pick(&[(VERSION, false), (V5, true), (V5, false)]);
        let copying = random.pick(&[Copying::EachSubscription, Copying::EachQos, Copying::Once]);
        let pair = if version == VERSION {
            Pair::connected_with(options())
        } else {
            let available = property(SUBSCRIPTION_IDS_AVAILABLE, &[u8::from(identifiers)]);
            let options = SessionOptions {
                receive_maximum: u16::MAX,
                ..options5()
            };
            Pair::connected_to(options, &available)
        };
        let refuses = if random.one_in(3) {
            HashSet::from([random.pick(&FILTERS), random.pick(&FILTERS)])
        } else {
            HashSet::new()
        };
        let server = Server {
            version,
            copying,
            keeps_order: random.one_in(2),
            subscriptions: BTreeMap::new(),
            kept: BTreeMap::new(),
            refuses,
            last_id: 0,
            to_client: VecDeque::new(),
        };
        let same_qos = random.one_in(2);
        Self {
            random,
            pair,
            server,
            requests: BTreeMap::new(),
            same_qos,
            identifiers,
            handed: HashMap::new(),
            last_number: 0,
        }
    }

    fn has_identifiers(&self) -> bool {
        self.identifiers
    }

    fn step(&mut self) {
        match self.random.below(40) {
            0..3 => self.subscribe(),
            3..5 => self.unsubscribe(),
            5..11 => self.publish(),
            11..19 => self.server_reads(),
            _ => self.client_reads(),
        }
        self.take();
    }

    fn subscribe(&mut self) {
        // Several in a turn, as the hats of a project.
        for _ in 0..self.random.pick(&[1, 1, 3]) {
            let text = self.random.pick(&FILTERS);
            let qos = match self.same_qos {
                true => QoS::AtMostOnce,
                false => self.random.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce]),
            };
            if self.requests.contains_key(text) {
                continue;
            }
            let session = &mut self.pair.session;
            let id = session
                .subscribe(self.pair.now, Owner(0), &filter(text), qos)
                .unwrap();
            let kept = self.server.kept.iter();
            let owed = kept.filter(|(topic, _)| matches(text, topic));
            let request = Request {
                filter: filter(text),
                id,
                is_reported: false,
                came: HashMap::new(),
                owed: owed.map(|(_, number)| *number).collect(),
            };
            self.requests.insert(text, request);
        }
        self.pair.drain();
    }

    fn unsubscribe(&mut self) {
        for _ in 0..self.random.pick(&[1, 1, 3]) {
            let text = self.random.pick(&FILTERS);
            self.requests.remove(text);
            let session = &mut self.pair.session;
            session.unsubscribe(self.pair.now, None, &filter(text));
        }
        self.pair.drain();
    }

    fn publish(&mut self) {
        self.last_number += 1;
        let (number, topic) = (self.last_number, self.random.pick(&TOPICS));
        let retain = self.random.one_in(4);
        for request in self.requests.values_mut() {
            if let Some(old) = self.server.kept.get(topic).filter(|_| retain)
                && !request.came.contains_key(old)
            {
                // It may be replaced before the server is asked for it.
                request.owed.remove(old);
            }
            if request.is_reported && request.filter.matches(&TopicName::new(topic).unwrap()) {
                request.owed.insert(number);
            }
        }
        let qos = self.random.below(2) as u8;
        self.server.publish(topic, number, qos, retain);
    }

    /// What left in one turn arrives in one piece.
    fn server_reads(&mut self) {
        for packet in self.pair.sent_packets() {
            self.server.receive(&packet);
        }
    }

    fn client_reads(&mut self) {
        let Some(bytes) = self.server.to_client.pop_front() else {
            self.server_reads();
            if !self.server.to_client.is_empty() {
                return;
            }
            // Long enough for all that was kept to have come.
            self.pair.now += secs(3);
            return;
        };
        self.pair.server_sends(bytes);
    }

    fn take(&mut self) {
        let identifiers = self.has_identifiers();
        for received in self.pair.received() {
            let number = number_of(&received.message.payload);
            if !received.message.retain && !received.subscriptions.is_empty() {
                *self.handed.entry(number).or_default() += 1;
            }
            for id in received.subscriptions {
                let requests = self.requests.values_mut();
                let request = { requests }
                    .find(|request| request.id == id)
                    .expect("a request");
                let times = request.came.entry(number).or_default();
                *times += 1;
                // Where a join is refused, its parts are subscribed to, and their copies are alike.
                let is_exact = identifiers || self.server.refuses.is_empty();
                let is_once = *times == 1 || !is_exact;
                assert!(is_once, "message {number} again for {:?}", request.filter);
            }
        }
        for event in self.pair.events() {
            let (id, is_reported) = match event {
                Event::Subscribed { subscription, .. } => (subscription, true),
                Event::SubscribeFailed { subscription, .. } => (subscription, false),
                Event::Unsubscribed { .. } | Event::Warning(Warning::UnexpectedTopic) => continue,
                other => panic!("{other:?}"),
            };
            let Some(request) = self.requests.values_mut().find(|request| request.id == id) else {
                continue;
            };
            request.is_reported = is_reported;
            if !is_reported {
                request.owed.clear();
            }
        }
    }

    fn come_to_rest(&mut self) {
        for _ in 0..1000 {
            self.server_reads();
            self.client_reads();
            self.take();
        }
        assert!(self.server.to_client.is_empty());
    }

    fn check(&self) {
        for (text, request) in &self.requests {
            let is_refused = self.server.refuses.contains(text);
            assert!(
                request.is_reported || is_refused,
                "{text} was never answered"
            );
            // Where copies are alike, what covers others takes their place before it is granted.
            let is_safe = self.identifiers || self.server.refuses.is_empty();
            for number in request
                .owed
                .iter()
                .filter(|_| request.is_reported && is_safe)
            {
                let came = request.came.contains_key(number);
                assert!(came, "message {number} did not come for {text}");
            }
        }
        // Where copies have different QoS, filters of different QoS get their own.
        let once = self.same_qos || !self.has_identifiers();
        for (number, times) in self.handed.iter().filter(|_| once) {
            let joins_are_refused = !self.server.refuses.is_empty();
            assert!(*times == 1 || joins_are_refused, "{number} {times} times");
        }
        let wanted = self.requests.values().filter(|request| request.is_reported);
        let wanted = wanted.map(|request| &request.filter).collect::<Vec<_>>();
        for text in self.server.subscriptions.keys() {
            let is_needed = wanted.iter().any(|one| filter(text).covers(one));
            assert!(is_needed, "{text} is subscribed to: {wanted:?}");
        }
    }
}

fn matches(text: &str, topic: &str) -> bool {
    filter(text).matches(&TopicName::new(topic).unwrap())
}

/// (3.3.1.3 of 3.1.1) [MQTT-3.3.5-1] [MQTT5-3.3.4-3] [MQTT5-3.3.4-5]
#[test]
fn each_filter_gets_each_message_once_whatever_overlaps() {
    each_history(3000, |history| {
        let mut play = Play::new(&history.beginning);
        for step in &history.steps {
            play.random.draw_from(step);
            play.step();
        }

        play.come_to_rest();

        play.check();
    });
}
