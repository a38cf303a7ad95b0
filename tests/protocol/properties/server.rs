//! A model of a server: it keeps sessions, sends again after a reconnect and answers as the
//! specification says, one packet at a time.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};
use scratch_mqtt::topic::TopicName;

use super::grants::Grants;
use super::random::Random;
use crate::pair::filter;
use crate::wire::{self, ClientConnect, ClientPacket, ClientPublish};

/// A message on its way to the client.
struct Outgoing {
    number: u32,
    id: u16,
    topic: String,
    qos: u8,
    sent: bool,
    /// PUBREC came: from now on PUBREL.
    released: bool,
}

/// What outlives a connection.
#[derive(Default)]
pub struct ServerSession {
    pub subscriptions: BTreeMap<String, u8>,
    /// QoS 2 messages whose PUBREL has not come.
    received: HashSet<u16>,
    outgoing: VecDeque<Outgoing>,
}

impl ServerSession {
    /// The lowest that is free, so that each is used again soon.
    fn free_id(&self) -> u16 {
        let is_free = |id: &u16| !self.outgoing.iter().any(|message| message.id == *id);
        (1..=u16::MAX).find(is_free).unwrap()
    }

    /// Messages without PUBREC, with their Packet Identifiers.
    pub fn unreceived(&self) -> impl Iterator<Item = (u32, u16)> {
        let outgoing = self.outgoing.iter().filter(|message| !message.released);
        outgoing.map(|message| (message.number, message.id))
    }

    /// The numbers of the messages that this client has not confirmed.
    pub fn unconfirmed(&self) -> impl Iterator<Item = u32> {
        self.outgoing.iter().map(|message| message.number)
    }
}

/// One connection as the server sees it.
struct Link {
    version: ProtocolVersion,
    client_id: String,
    keep_session: bool,
    /// The client does not know that its old session is gone. It cannot find out if the CONNACK is
    /// lost too, because the next one says that a session is present: a gap in the protocol, so the
    /// model closes it by forgetting the session.
    is_connack_unread: bool,
    receive_maximum: usize,
    aliases: HashMap<u16, String>,
    grants: Grants,
}

/// What an answer means for the client once it has read it.
#[derive(Clone, Debug)]
pub enum Note {
    Nothing,
    /// It may end the connection: what follows is void.
    Surprise,
    /// CONNACK let it in.
    Accepted {
        session_present: bool,
        grants: Grants,
    },
    /// The Packet Identifier is free again.
    Freed(u16),
}

/// What the server does after a packet.
pub enum Reply {
    Send(Vec<u8>, Note),
    Close,
}

#[derive(Default)]
pub struct Server {
    pub sessions: HashMap<String, ServerSession>,
    link: Option<Link>,
    /// Refuses 5.0 as servers of 3.1.1 do.
    pub old: bool,
    /// How often each message arrived, by its number.
    pub arrived: HashMap<u32, u32>,
    /// Messages to the client that were lost with their session.
    pub lost: HashSet<u32>,
    names: u32,
}

impl Server {
    pub fn receive(&mut self, packet: &ClientPacket, random: &mut Random) -> Vec<Reply> {
        if let ClientPacket::Connect(connect) = packet {
            return self.connect(connect, random);
        }
        let Some(link) = self.link.as_mut() else {
            return vec![Reply::Close];
        };
        let version = link.version;
        let session = self.sessions.get_mut(&link.client_id).unwrap();
        let send = |bytes: Vec<u8>| vec![Reply::Send(bytes, Note::Nothing)];
        let last = |bytes: Vec<u8>, id: u16| vec![Reply::Send(bytes, Note::Freed(id))];
        match packet {
            ClientPacket::Publish(publish) => self.publish(publish, random),
            ClientPacket::PubAck { id, .. } => {
                let waiting = session.outgoing.iter();
                let place = { waiting }.position(|message| message.id == *id && message.sent);
                session.outgoing.remove(place.expect("PUBACK of a message"));
                self.pump()
            }
            ClientPacket::PubRec { id, .. } => {
                let waiting = session
                    .outgoing
                    .iter_mut()
                    .find(|message| message.id == *id);
                waiting.expect("PUBREC of a message").released = true;
                send(wire::pubrel(*id))
            }
            ClientPacket::PubComp { id, .. } => {
                session.outgoing.retain(|message| message.id != *id);
                self.pump()
            }
            ClientPacket::PubRel { id, .. } => {
                let known = session.received.remove(id);
                let reason = if known || version == V3_1_1 { 0 } else { 0x92 };
                last(with_reason(wire::pubcomp(*id), reason), *id)
            }
            ClientPacket::Subscribe { id, filters, .. } => {
                let mut codes = Vec::new();
                for (filter, options) in filters {
                    if filter.starts_with("refused") {
                        codes.push(0x80);
                    } else {
                        session.subscriptions.insert(filter.clone(), *options);
                        codes.push(options & 3);
                    }
                }
                last(wire::suback(version, *id, &codes), *id)
            }
            ClientPacket::Unsubscribe { id, filters, .. } => {
                let code = |filter| {
                    if session.subscriptions.remove(filter).is_some() {
                        0
                    } else {
                        0x11
                    }
                };
                let codes = filters.iter().map(code).collect::<Vec<_>>();
                last(wire::unsuback(version, *id, &codes), *id)
            }
            ClientPacket::PingReq => send(wire::pingresp()),
            ClientPacket::Disconnect { properties, .. } => {
                if properties
                    .iter()
                    .any(|(id, value)| *id == 0x11 && value == &[0; 4])
                {
                    link.keep_session = false;
                }
                vec![Reply::Close]
            }
            ClientPacket::Connect(_) | ClientPacket::Auth { .. } => panic!("{packet:?}"),
        }
    }

    fn connect(&mut self, connect: &ClientConnect, random: &mut Random) -> Vec<Reply> {
        self.hang_up();
        let version = connect.version;
        let v5 = version == V5_0;
        if v5 && self.old {
            let refusal = wire::connack(V3_1_1, false, 1, &[]);
            return vec![Reply::Send(refusal, Note::Nothing), Reply::Close];
        }
        if random.one_in(12) {
            // Unavailable, in the words of each version.
            let refusal = wire::connack(version, false, if v5 { 0x88 } else { 3 }, &[]);
            return vec![Reply::Send(refusal, Note::Nothing), Reply::Close];
        }
        let mut properties = Vec::new();
        let mut client_id = connect.client_id.clone();
        if client_id.is_empty() {
            self.names += 1;
            client_id = format!("auto{}", self.names);
            if v5 {
                properties.extend(wire::property(0x12, &wire::text(&client_id)));
            }
        }
        if connect.clean_session {
            self.forget(&client_id);
        }
        let session_present = self.sessions.contains_key(&client_id);
        self.sessions.entry(client_id.clone()).or_default();
        let grants = if v5 {
            Grants::by_chance(random)
        } else {
            Grants::EVERYTHING
        };
        properties.extend(if v5 { grants.properties() } else { Vec::new() });
        let number = |identifier| {
            let found = connect.properties.iter().find(|(id, _)| *id == identifier);
            found.map(|(_, value)| {
                value
                    .iter()
                    .fold(0, |number, byte| number << 8 | usize::from(*byte))
            })
        };
        self.link = Some(Link {
            version,
            client_id,
            keep_session: if v5 {
                number(0x11).unwrap_or(0) > 0
            } else {
                !connect.clean_session
            },
            receive_maximum: number(0x21).unwrap_or(65_535),
            is_connack_unread: !session_present,
            aliases: HashMap::new(),
            grants: grants.clone(),
        });
        let connack = wire::connack(version, session_present, 0, &properties);
        let mut replies = vec![Reply::Send(
            connack,
            Note::Accepted {
                session_present,
                grants,
            },
        )];
        replies.extend(self.send_again());
        replies
    }

    fn publish(&mut self, publish: &ClientPublish, random: &mut Random) -> Vec<Reply> {
        let link = self.link.as_mut().unwrap();
        let session = self.sessions.get_mut(&link.client_id).unwrap();
        link.grants.check(publish, &mut link.aliases);
        let number = number_of(&publish.payload);
        let repeated = publish.id.is_some_and(|id| session.received.contains(&id));
        let refuses = link.version == V5_0 && publish.qos > 0 && !repeated && random.one_in(20);
        if !refuses && !repeated {
            *self.arrived.entry(number).or_default() += 1;
        }
        let reason = match (link.version, refuses) {
            (_, true) => 0x87,
            (V5_0, false) => random.pick(&[0, 0x10]),
            (V3_1_1, false) => 0,
        };
        match (publish.qos, publish.id) {
            (1, Some(id)) => {
                let puback = with_reason(wire::puback(id), reason);
                vec![Reply::Send(puback, Note::Freed(id))]
            }
            (2, Some(id)) if refuses => {
                let pubrec = with_reason(wire::pubrec(id), reason);
                vec![Reply::Send(pubrec, Note::Freed(id))]
            }
            (2, Some(id)) => {
                session.received.insert(id);
                let pubrec = with_reason(wire::pubrec(id), reason);
                vec![Reply::Send(pubrec, Note::Nothing)]
            }
            _ => Vec::new(),
        }
    }

    /// Somebody else published: the message goes to the client, if it wants it. Says at which QoS.
    pub fn deliver(&mut self, number: u32, topic: &str, qos: u8) -> Option<(u8, Vec<Reply>)> {
        let link = self.link.as_ref()?;
        let session = self.sessions.get_mut(&link.client_id).unwrap();
        let name = TopicName::new(topic).unwrap();
        let subscriptions = session.subscriptions.iter();
        let matching = subscriptions.filter(|(text, _)| filter(text).matches(&name));
        let granted = matching.map(|(_, options)| options & 3).max()?;
        let qos = qos.min(granted);
        if qos == 0 {
            let publish = wire::publish(topic, number.to_be_bytes()).bytes(link.version);
            return Some((0, vec![Reply::Send(publish, Note::Nothing)]));
        }
        let id = session.free_id();
        session.outgoing.push_back(Outgoing {
            number,
            id,
            topic: topic.to_owned(),
            qos,
            sent: false,
            released: false,
        });
        Some((qos, self.pump()))
    }

    /// Sends what the client's Receive Maximum allows.
    fn pump(&mut self) -> Vec<Reply> {
        let link = self.link.as_ref().unwrap();
        let session = self.sessions.get_mut(&link.client_id).unwrap();
        let sent = session
            .outgoing
            .iter()
            .filter(|message| message.sent)
            .count();
        let room = link.receive_maximum.min(50).saturating_sub(sent);
        let waiting = session.outgoing.iter_mut().filter(|message| !message.sent);
        waiting
            .take(room)
            .map(|message| {
                message.sent = true;
                Reply::Send(publish(link.version, message, false), Note::Nothing)
            })
            .collect()
    }

    /// The session goes on: PUBREL, or PUBLISH as a repetition, for all that was sent.
    fn send_again(&mut self) -> Vec<Reply> {
        let link = self.link.as_ref().unwrap();
        let session = &self.sessions[&link.client_id];
        let sent = session.outgoing.iter().filter(|message| message.sent);
        let mut replies = sent
            .map(|message| {
                let packet = if message.released {
                    wire::pubrel(message.id)
                } else {
                    publish(link.version, message, true)
                };
                Reply::Send(packet, Note::Nothing)
            })
            .collect::<Vec<_>>();
        replies.extend(self.pump());
        replies
    }

    /// The connection is over for the server.
    pub fn hang_up(&mut self) {
        if let Some(link) = self
            .link
            .take()
            .filter(|link| !link.keep_session || link.is_connack_unread)
        {
            self.forget(&link.client_id);
        }
    }

    /// The client has read the CONNACK.
    pub fn is_known(&mut self) {
        self.link.as_mut().unwrap().is_connack_unread = false;
    }

    pub fn forget(&mut self, client_id: &str) {
        if let Some(session) = self.sessions.remove(client_id) {
            self.lost.extend(session.unconfirmed());
        }
    }

    pub fn version(&self) -> Option<ProtocolVersion> {
        self.link.as_ref().map(|link| link.version)
    }

    /// The session of the connection that is up.
    pub fn session(&self) -> Option<&ServerSession> {
        self.sessions.get(&self.link.as_ref()?.client_id)
    }
}

fn publish(version: ProtocolVersion, message: &Outgoing, dup: bool) -> Vec<u8> {
    let publish = wire::publish(&message.topic, message.number.to_be_bytes());
    let publish = match message.qos {
        1 => publish.at_least_once(message.id),
        _ => publish.exactly_once(message.id),
    };
    if dup { publish.dup() } else { publish }.bytes(version)
}

fn with_reason(ack: Vec<u8>, reason: u8) -> Vec<u8> {
    if reason == 0 {
        ack
    } else {
        wire::ack_with_reason(ack, reason)
    }
}

/// Each payload begins with the number of its message.
pub fn number_of(payload: &[u8]) -> u32 {
    u32::from_be_bytes(payload[..4].try_into().unwrap())
}
