//! A broker that costs as little as possible, so that the client's own ceiling is what is measured.

use std::sync::{Arc, Mutex, PoisonError};

use tungstenite::{Bytes, Message};

use crate::Peer;
use crate::packets::{Packet, header, kind};
use crate::wire::{BINARY, Ended, Sender, Wire, frame};

/// What is published to topics that begin so comes back.
const ECHO: &[u8] = b"echo";

/// The clients that are connected, with their protocol levels; the newest last.
#[derive(Default)]
pub struct Links(Mutex<Vec<(u64, u8, Sender)>>);

impl Links {
    /// The client that connected last.
    pub fn newest(&self) -> Option<(u8, Sender)> {
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links
            .last()
            .map(|(_, level, sender)| (*level, sender.clone()))
    }

    fn add(&self, level: u8, sender: &Sender) -> u64 {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = links.last().map_or(1, |(number, ..)| number + 1);
        links.push((number, level, sender.clone()));
        number
    }

    fn remove(&self, number: u64) {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|(other, ..)| *other != number);
    }
}

/// The null broker's end of one connection.
pub struct NullBroker<'a> {
    wire: Wire,
    peer: &'a Arc<Peer>,
    level: u8,
    number: Option<u64>,
    /// The beginning of a packet whose end has not come yet.
    part: Vec<u8>,
}

impl<'a> NullBroker<'a> {
    pub const fn new(wire: Wire, peer: &'a Arc<Peer>) -> Self {
        Self {
            wire,
            peer,
            level: 4,
            number: None,
            part: Vec::new(),
        }
    }

    /// Serves until the client leaves.
    pub fn run(mut self) -> Result<(), Ended> {
        let ended = loop {
            match self.wire.next() {
                Ok(Message::Binary(bytes)) => {
                    if !self.take(&bytes) {
                        break Ok(());
                    }
                }
                Ok(Message::Close(_)) => break Ok(()),
                Ok(_) => {}
                Err(ended) => break Err(ended),
            }
        };
        if let Some(number) = self.number {
            self.peer.links.remove(number);
        }
        ended
    }

    /// False when the client said goodbye.
    fn take(&mut self, bytes: &Bytes) -> bool {
        if self.part.is_empty() {
            return self.take_packets(bytes);
        }
        let mut all = std::mem::take(&mut self.part);
        all.extend_from_slice(bytes);
        self.take_packets(&all)
    }

    fn take_packets(&mut self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        let mut published = 0;
        let mut stays = true;
        while let Some((packet, after)) = Packet::split(rest) {
            rest = after;
            match packet.kind() {
                kind::PUBLISH => {
                    published += 1;
                    self.publish(&packet);
                }
                kind::DISCONNECT => stays = false,
                _ => self.other(&packet),
            }
        }
        self.part = rest.to_vec();
        self.peer.count.add(published);
        stays
    }

    fn publish(&self, packet: &Packet) {
        match (packet.qos(), packet.publish_id()) {
            (1, Some([high, low])) => self.wire.answer(&[0x40, 2, high, low]),
            (2, Some([high, low])) => self.wire.answer(&[0x50, 2, high, low]),
            _ => {
                if packet.topic().is_some_and(|topic| topic.starts_with(ECHO)) {
                    // At once and by itself: this is what round trips are measured with.
                    let _ = self.wire.sender().write(&frame(BINARY, packet.whole));
                }
            }
        }
    }

    fn other(&mut self, packet: &Packet) {
        match (packet.kind(), packet.id()) {
            (kind::CONNECT, _) => self.connect(packet),
            (kind::PUBREC, Some([high, low])) => self.wire.answer(&[0x62, 2, high, low]),
            (kind::PUBREL, Some([high, low])) => self.wire.answer(&[0x70, 2, high, low]),
            (kind::SUBSCRIBE, Some(id)) => self.acknowledge(0x90, id, packet),
            (kind::UNSUBSCRIBE, Some(id)) => self.acknowledge(0xB0, id, packet),
            (kind::PINGREQ, _) => self.wire.answer(&[0xD0, 0]),
            _ => {}
        }
    }

    fn connect(&mut self, packet: &Packet) {
        self.level = packet.level().unwrap_or(4);
        let number = self.peer.links.add(self.level, self.wire.sender());
        self.number = Some(number);
        if self.level == 5 {
            self.wire.answer(&[0x20, 3, 0, 0, 0]);
        } else {
            self.wire.answer(&[0x20, 2, 0, 0]);
        }
    }

    /// Grants QoS 0 for every filter of a SUBSCRIBE; says yes to every one of an UNSUBSCRIBE.
    fn acknowledge(&self, first: u8, id: [u8; 2], packet: &Packet) {
        let filters = packet.filters(self.level).unwrap_or(1);
        let codes = if first == 0xB0 && self.level < 5 {
            0
        } else {
            filters
        };
        let properties = usize::from(self.level == 5);
        let mut bytes = Vec::new();
        header(&mut bytes, first, 2 + properties + codes);
        bytes.extend(id);
        bytes.extend(vec![0; properties + codes]);
        self.wire.answer(&bytes);
    }
}
