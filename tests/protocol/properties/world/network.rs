//! What happens on the wires and at the server.

use bytes::Bytes;
use scratch_mqtt::packet::ProtocolVersion;
use scratch_mqtt::session::{Closed, ConnectionId};

use super::super::server::{Note, Reply};
use super::{FILTERS, World};
use crate::wire;

impl World {
    /// The server reads a packet. `false` if there is none.
    pub(super) fn server_reads(&mut self) -> bool {
        if self.frozen {
            return false;
        }
        if let Some(mut wires) = self.lingering.take() {
            // What was sent before the socket was closed may still arrive.
            if let Some(packet) = wires.to_server.pop_front() {
                self.server.receive(&packet, &mut self.random);
                self.lingering = Some(wires);
            } else {
                self.server.hang_up();
            }
            return true;
        }
        let Some(packet) = self
            .wires
            .as_mut()
            .and_then(|wires| wires.to_server.pop_front())
        else {
            return false;
        };
        let replies = self.server.receive(&packet, &mut self.random);
        self.reply(replies);
        true
    }

    pub(super) fn somebody_publishes(&mut self) {
        if self.lingering.is_some() || self.wires.as_ref().is_none_or(|wires| !wires.open) {
            return;
        }
        self.last_number += 1;
        let mut wanted = self.random.pick(&FILTERS);
        while !self.requests.is_empty() && !self.requests.contains_key(wanted.0) {
            wanted = self.random.pick(&FILTERS);
        }
        let qos = self.random.below(3) as u8;
        if let Some((qos, replies)) = self.server.deliver(self.last_number, wanted.1, qos) {
            self.delivered.insert(self.last_number, qos);
            if self.requests.contains_key(wanted.0) {
                let numbers = self.sent_for.entry(wanted.0).or_default();
                numbers.push(self.last_number);
            } else {
                self.unwanted.insert(self.last_number);
            }
            self.reply(replies);
        }
    }

    pub(super) fn reply(&mut self, replies: Vec<Reply>) {
        let connection = self.socket();
        for reply in replies {
            let wires = self.wires.as_mut();
            // The client may close while it reads.
            let Some(wires) = wires.filter(|wires| Some(wires.connection) == connection) else {
                return;
            };
            match reply {
                Reply::Send(bytes, note) => wires.to_client.push_back((bytes, note)),
                Reply::Close => {
                    while self.socket() == connection && self.client_reads() {}
                    if self.socket() == connection {
                        self.cut();
                    }
                }
            }
        }
    }

    pub(super) fn socket(&self) -> Option<ConnectionId> {
        self.wires.as_ref().map(|wires| wires.connection)
    }

    /// The client reads some bytes. `false` if there are none.
    pub(super) fn client_reads(&mut self) -> bool {
        let Some(wires) = self
            .wires
            .as_mut()
            .filter(|wires| !wires.to_client.is_empty())
        else {
            return false;
        };
        let mut bytes = Vec::new();
        let mut is_new = false;
        for _ in 0..self.random.pick(&[1, 1, 2, 9]) {
            let Some((packet, note)) = wires.to_client.pop_front() else {
                break;
            };
            if self.random.one_in(4) && packet.len() > 1 {
                let (chunk, rest) = packet.split_at(1 + self.random.below(packet.len() - 1));
                bytes.extend(chunk);
                wires.to_client.push_front((rest.to_vec(), note));
                break;
            }
            bytes.extend(packet);
            let last = matches!(note, Note::Surprise);
            let new = matches!(
                note,
                Note::Accepted {
                    session_present: false,
                    ..
                }
            );
            wires.read(note, &mut self.watchman);
            is_new |= new;
            if new {
                self.doubtful.extend(self.watchman.on_their_way.keys());
            }
            if last {
                break;
            }
        }
        let connection = wires.connection;
        if is_new {
            self.unsettled = Some(connection);
        }
        self.session
            .handle_bytes(self.now, connection, Bytes::copy_from_slice(&bytes));
        self.drain();
        self.settle();
        true
    }

    pub(super) fn socket_opens_or_fails(&mut self) {
        if self.wires.as_ref().is_none_or(|wires| wires.open) {
            return;
        }
        if self.random.one_in(5) {
            self.cut()
        } else {
            self.open()
        }
    }

    pub(super) fn open(&mut self) {
        // The server reads the end of the old connection, or never does.
        if let Some(mut old) = self.lingering.take() {
            let arrives = self.random.below(old.to_server.len() + 1);
            for packet in old.to_server.drain(..arrives) {
                self.server.receive(&packet, &mut self.random);
            }
        }
        self.server.hang_up();
        let wires = self.wires.as_mut().unwrap();
        wires.open = true;
        self.session
            .handle_opened(self.now, wires.connection, "mqtt");
        self.drain();
    }

    /// The connection ends, wherever it stands.
    pub(super) fn cut(&mut self) {
        if let Some(wires) = self.wires.take() {
            self.server.hang_up();
            self.watchman.connection_ended();
            let closed = Closed::Ended {
                code: 1006,
                clean: false,
            };
            self.session
                .handle_closed(self.now, wires.connection, closed);
            self.drain();
        }
    }

    /// The server breaks the rules, or only surprises.
    pub(super) fn server_misbehaves(&mut self) {
        let is_open = self.wires.as_ref().is_some_and(|wires| wires.open);
        let spoken = self.server.version();
        let version = spoken.filter(|_| is_open && self.lingering.is_none());
        let Some((version, connection)) = version.zip(self.socket()) else {
            return;
        };
        let unknown = (1..)
            .find(|id| !self.watchman.is_in_use(60_000 + id))
            .unwrap()
            + 60_000;
        let v5 = version == ProtocolVersion::V5_0;
        let bytes = match self.random.below(9) {
            0 => vec![0x36],
            1 => wire::connack(version, true, 0, &[]),
            2 => wire::suback(version, unknown, &[0]),
            3 => wire::puback(unknown),
            4 => wire::pubrel(unknown),
            5 => wire::pubcomp(unknown),
            6 if v5 => wire::disconnect(self.random.pick(&[0x8B, 0x8E, 0x81])),
            7 => return self.session.handle_text(self.now, connection),
            _ => wire::pingresp(),
        };
        self.reply(vec![Reply::Send(bytes, Note::Surprise)]);
    }

    pub(super) fn server_restarts(&mut self) {
        self.lingering = None;
        self.cut();
        for client_id in self.server.sessions.keys().cloned().collect::<Vec<_>>() {
            self.server.forget(&client_id);
        }
    }

    pub(super) fn late_event_of_an_older_socket(&mut self) {
        let older = ConnectionId(0);
        match self.random.below(3) {
            0 => self.session.handle_opened(self.now, older, "mqtt"),
            1 => self
                .session
                .handle_bytes(self.now, older, Bytes::from_static(&[0x36])),
            _ => self
                .session
                .handle_closed(self.now, older, Closed::Refused(String::new())),
        }
    }
}
