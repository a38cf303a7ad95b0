//! What is between client and server: packets that are not there yet, and a watchman who reads
//! everything that the client sends.

use std::collections::{HashMap, HashSet, VecDeque};

use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};
use scratch_mqtt::session::ConnectionId;

use super::grants::Grants;
use super::server::{Note, number_of};
use crate::wire::{self, ClientPacket};

/// One socket.
pub struct Wires {
    pub connection: ConnectionId,
    pub open: bool,
    pub version: Option<ProtocolVersion>,
    /// What the client sent and the server has not read.
    pub to_server: VecDeque<ClientPacket>,
    /// What the server sent and the client has not read.
    pub to_client: VecDeque<(Vec<u8>, Note)>,
    accepted: Option<Grants>,
    disconnected: bool,
    /// PUBLISH of QoS 1 and 2 on this connection without their last acknowledgement.
    unacknowledged: HashSet<u16>,
    last_number: Option<u32>,
}

/// What outlives a socket.
#[derive(Default)]
pub struct Watchman {
    /// Numbers of PUBLISH, SUBSCRIBE and UNSUBSCRIBE without their last acknowledgement.
    in_use: HashSet<u16>,
    requests: HashSet<u16>,
    /// Messages that a connection carried and that have not ended.
    pub on_their_way: HashMap<u32, u16>,
    /// The client stores first and sends then: a repetition may be the first that arrives.
    pub is_kept: bool,
    /// How many PUBLISH were no repetitions.
    pub first_times: u32,
}

impl Wires {
    pub fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            open: false,
            version: None,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            accepted: None,
            disconnected: false,
            unacknowledged: HashSet::new(),
            last_number: None,
        }
    }

    /// The client handed bytes to the socket: each packet of them is checked.
    pub fn carry(&mut self, bytes: &[u8], watchman: &mut Watchman, send_maximum: usize) {
        assert!(self.open, "bytes before the socket is open");
        for packet in split(bytes) {
            assert!(!self.disconnected, "packet after DISCONNECT");
            let limit = self
                .accepted
                .as_ref()
                .map_or(usize::MAX, |grants| grants.max_packet_bytes);
            assert!(
                packet.len() <= limit,
                "{} bytes, {limit} allowed",
                packet.len()
            );
            let version = *self.version.get_or_insert_with(|| level_of(packet));
            let mut parsed = wire::parse_client(version, packet);
            assert_eq!(parsed.len(), 1);
            self.check(&parsed[0], watchman, send_maximum);
            self.to_server.extend(parsed.pop());
        }
    }

    fn check(&mut self, packet: &ClientPacket, watchman: &mut Watchman, send_maximum: usize) {
        if let ClientPacket::Connect(_) = packet {
            assert!(self.accepted.is_none(), "second CONNECT");
            return;
        }
        let grants = self.accepted.as_ref().expect("a packet before CONNACK");
        match packet {
            ClientPacket::Publish(publish) => {
                let number = number_of(&publish.payload);
                let in_order = self.last_number.is_none_or(|last| last < number);
                assert!(in_order, "{number} after {:?}", self.last_number);
                self.last_number = Some(number);
                watchman.first_times += u32::from(!publish.dup);
                let Some(id) = publish.id else { return };
                watchman.on_their_way.insert(number, id);
                let is_new = watchman.in_use.insert(id);
                let never_sent = watchman.is_kept && is_new && publish.dup;
                assert!(is_new != publish.dup || never_sent, "{publish:?}");
                self.unacknowledged.insert(id);
                let most = grants.receive_maximum.min(send_maximum);
                assert!(
                    self.unacknowledged.len() <= most,
                    "more than {most} on their way"
                );
            }
            ClientPacket::Subscribe { id, .. } | ClientPacket::Unsubscribe { id, .. } => {
                assert!(watchman.in_use.insert(*id), "{id} is in use: {packet:?}");
                watchman.requests.insert(*id);
            }
            ClientPacket::Disconnect { .. } => self.disconnected = true,
            ClientPacket::Connect(_)
            | ClientPacket::PubAck { .. }
            | ClientPacket::PubRec { .. }
            | ClientPacket::PubRel { .. }
            | ClientPacket::PubComp { .. }
            | ClientPacket::PingReq
            | ClientPacket::Auth { .. } => {}
        }
    }

    /// The client is about to read the end of a packet from the server.
    pub fn read(&mut self, note: Note, watchman: &mut Watchman) {
        match note {
            Note::Nothing | Note::Surprise => {}
            Note::Freed(id) => {
                self.unacknowledged.remove(&id);
                watchman.in_use.remove(&id);
                watchman.requests.remove(&id);
            }
            Note::Accepted {
                session_present,
                grants,
            } => {
                self.accepted = Some(grants);
                if !session_present {
                    watchman.in_use.clear();
                }
            }
        }
    }
}

impl Watchman {
    pub fn of(is_kept: bool) -> Self {
        Self {
            is_kept,
            ..Self::default()
        }
    }

    /// Nobody waits for the answers of this connection any more.
    pub fn connection_ended(&mut self) {
        for id in self.requests.drain() {
            self.in_use.remove(&id);
        }
    }

    /// An event said what became of a message.
    pub fn ended(&mut self, number: u32) {
        if let Some(id) = self.on_their_way.remove(&number) {
            self.in_use.remove(&id);
        }
    }

    /// Another page begins with these messages on their way.
    pub fn restart(&mut self, on_their_way: HashMap<u32, u16>) {
        self.in_use = on_their_way.values().copied().collect();
        self.on_their_way = on_their_way;
    }

    /// The client is another one now.
    pub fn forget(&mut self) {
        self.in_use.clear();
        self.requests.clear();
    }

    pub fn is_in_use(&self, id: u16) -> bool {
        self.in_use.contains(&id)
    }
}

/// The protocol level of a CONNECT, which comes first.
fn level_of(connect: &[u8]) -> ProtocolVersion {
    assert_eq!(connect[0], 0x10, "the first packet");
    let name = connect.windows(4).position(|four| four == b"MQTT").unwrap();
    if connect[name + 4] == 5 { V5_0 } else { V3_1_1 }
}

fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut packets = Vec::new();
    while !bytes.is_empty() {
        let digits = 1 + bytes[1..].iter().take_while(|byte| **byte >= 0x80).count();
        let length = bytes[1..=digits]
            .iter()
            .rev()
            .fold(0, |length, byte| length << 7 | usize::from(byte & 0x7F));
        let (packet, rest) = bytes.split_at(1 + digits + length);
        packets.push(packet);
        bytes = rest;
    }
    packets
}
