//! Carries a client's bytes to the broker and back, over loopback TCP.

use std::time::Duration;

use axum::body::Bytes;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::class::{Guest, VERSION_5};
use crate::disk::Disk;
use crate::front::Front;
use crate::front::backlog::Backlog;
use crate::front::client::{Ending, Reader, Writer};
use crate::front::dialect;
use crate::front::doorman::Visit;
use crate::front::packets::{FixedHeader, Header, Scanner, Seen};
use crate::memory::{self, Pressure};
use crate::settings::MAX_PACKET_BYTES;

/// From the open connection to the whole CONNECT. [MQTT5-3.1.0-1]
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How long a client may take to read what is left for it when its connection ends.
const FAREWELL_LIMIT: Duration = Duration::from_secs(5);

/// How long what is kept waits for a client that reads nothing, in turns: the broker has a copy of
/// all of it meanwhile.
const KEPT_TURN: Duration = Duration::from_millis(50);
const KEPT_TURNS: usize = 20;

/// How long each read from a client that publishes waits while memory is short.
const HELD_BACK: Duration = Duration::from_millis(100);

/// The longest filter there is, or some thousands of short ones.
const MOST_SUBSCRIBE_BYTES: usize = 66_000;

/// A last will of 64 kB, and all other fields. It waits here until it is whole.
const MOST_CONNECT_BYTES: usize = 132_000;

/// How much is read from the broker at once.
const READ_BYTES: usize = 16 * 1024;

/// How much the system holds between a client's side of the front and the broker, about.
const TURN_BYTES: usize = 32 * 1024;

/// How many acknowledgments are held back before no more is read from the broker.
const MOST_HELD: usize = 4096;

/// Until either side ends.
pub async fn carry(
    front: &Front,
    visit: &Visit,
    guest: &Guest,
    (reader, mut writer): (Reader, Writer),
) {
    let Ok(broker) = TcpStream::connect(front.broker.address()).await else {
        return writer.close(Ending::ByBroker).await;
    };
    // Small packets are not held back for more.
    let _ = broker.set_nodelay(true);
    // A burst must not be taken in one turn: between the turns its receivers have theirs.
    let _ = SockRef::from(&broker).set_send_buffer_size(TURN_BYTES);
    let (from_broker, to_broker) = broker.into_split();
    let backlog = Backlog::new(front.waiting.clone());
    let mut upward = Upward {
        reader,
        to_broker,
        scanner: Scanner::default(),
        guest,
        has_begun: false,
        publishes: false,
    };
    let downward = receive_all(from_broker, &backlog, guest, front.broker.disk());
    tokio::pin!(downward);
    let ending = tokio::select! {
        ending = upward.run(visit) => ending,
        ending = &mut downward => Some(ending),
        () = visit.told_to_leave() => Some(Ending::Protocol),
        () = send_all(&backlog, &mut writer) => None,
    };
    let Some(ending) = ending else {
        // Closed with something unread, the connection would take from the broker what it has not read yet.
        let _ = upward.to_broker.shutdown().await;
        let _ = timeout(FAREWELL_LIMIT, downward).await;
        return;
    };
    backlog.end();
    let farewell = async {
        // After what was refused nothing of use to the client is left.
        if ending == Ending::ByBroker {
            send_all(&backlog, &mut writer).await;
        } else if let (Some(code), Some(VERSION_5)) = (ending.reason_code(), guest.version()) {
            let _ = writer.send(Bytes::from(vec![0xe0, 1, code])).await;
        }
        writer.close(ending).await;
        // Closed with something unread, the connection would take back what the client has not read yet.
        while upward.reader.next().await.is_some() {}
    };
    let _ = timeout(FAREWELL_LIMIT, farewell).await;
}

/// From the client to the broker.
struct Upward<'a> {
    reader: Reader,
    to_broker: OwnedWriteHalf,
    scanner: Scanner,
    guest: &'a Guest,
    has_begun: bool,
    publishes: bool,
}

impl Upward<'_> {
    /// Gives back why the server ends it; `None` when the client did.
    async fn run(&mut self, visit: &Visit) -> Option<Ending> {
        let introduction = async {
            let mut begun = Vec::new();
            while !self.has_connected() {
                match self.read().await {
                    Ok(bytes) => begun.extend_from_slice(&bytes),
                    Err(ending) => return Some(ending),
                }
            }
            self.introduce(&begun).await;
            None
        };
        match timeout(CONNECT_LIMIT, introduction).await {
            Ok(None) => visit.settle(),
            Ok(Some(ending)) => return ending,
            Err(_) => return Some(Ending::Protocol),
        }
        loop {
            if let Some(ending) = self.pass().await {
                return ending;
            }
        }
    }

    /// CONNECT, and what came with it.
    async fn introduce(&mut self, begun: &[u8]) {
        let connect = match Header::read(begun) {
            Header::Whole(header) => begun.split_at_checked(header.whole()).zip(Some(header)),
            Header::Part | Header::Malformed => None,
        };
        let translated = connect.and_then(|((connect, after), header)| {
            let body = connect.get(header.length()..)?;
            Some((dialect::connect_for_broker(body)?, after))
        });
        match translated {
            Some((connect, after)) => {
                self.write(&connect).await;
                self.write(after).await;
            }
            None => self.write(begun).await,
        }
    }

    /// Some bytes; `Some` at the end.
    async fn pass(&mut self) -> Option<Option<Ending>> {
        if self.publishes {
            match memory::pressure() {
                Pressure::None => {}
                Pressure::Some => tokio::time::sleep(HELD_BACK).await,
                Pressure::TooMuch => return Some(Some(Ending::Quota)),
            }
        }
        match self.read().await {
            Ok(bytes) => self.write(&bytes).await,
            Err(ending) => return Some(ending),
        }
        None
    }

    /// Some bytes that may go to the broker, or why it ends.
    async fn read(&mut self) -> Result<Bytes, Option<Ending>> {
        // The broker tells the others with the last will when it was the client.
        let bytes = self.reader.next().await.ok_or(None)?;
        match self.look_at(&bytes) {
            Some(ending) => Err(Some(ending)),
            None => Ok(bytes),
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        if self.to_broker.write_all(bytes).await.is_err() {
            // What the broker said before it hung up is on its way.
            std::future::pending::<()>().await;
        }
    }

    fn look_at(&mut self, bytes: &[u8]) -> Option<Ending> {
        let mut too_large = false;
        let goes_on = self.scanner.follow(bytes, |seen| match seen {
            Seen::Begun(header) => {
                let is_in_turn = self.has_begun || header.is_connect();
                self.has_begun = true;
                self.publishes |= header.is_publish();
                too_large = header.whole() > most_bytes(header);
                is_in_turn && !too_large
            }
            Seen::Head(header, head) => {
                self.guest.sends(header, head);
                true
            }
        });
        match goes_on {
            true => None,
            false if too_large => Some(Ending::TooLarge),
            false => Some(Ending::Protocol),
        }
    }

    fn has_connected(&self) -> bool {
        self.has_begun && self.scanner.is_between_packets()
    }
}

/// Each filter of a SUBSCRIBE costs the broker a look at all others.
fn most_bytes(header: FixedHeader) -> usize {
    if header.is_subscribe() {
        MOST_SUBSCRIBE_BYTES
    } else if header.is_connect() {
        MOST_CONNECT_BYTES
    } else {
        MAX_PACKET_BYTES
    }
}

/// From the broker to the backlog; acknowledgments when what they stand for is on the disk, if there is one.
async fn receive_all(
    broker: OwnedReadHalf,
    backlog: &Backlog,
    guest: &Guest,
    disk: Option<Disk>,
) -> Ending {
    let Some(disk) = disk else {
        return receive(broker, backlog, guest, None).await;
    };
    let (hold, held) = mpsc::channel(MOST_HELD);
    tokio::select! {
        ending = receive(broker, backlog, guest, Some(hold)) => ending,
        ending = release(held, backlog, &disk) => ending,
    }
}

type Held = (FixedHeader, Vec<u8>);

/// In the order in which they came.
async fn release(mut held: mpsc::Receiver<Held>, backlog: &Backlog, disk: &Disk) -> Ending {
    let mut turn = Vec::new();
    loop {
        held.recv_many(&mut turn, MOST_HELD).await;
        if disk.settle().await.is_err() {
            return Ending::ByBroker;
        }
        for (header, packet) in turn.drain(..) {
            if backlog.push(header, &packet).is_err() {
                return Ending::Quota;
            }
        }
    }
}

/// As fast as it comes. A subscription brings all that is kept at once, which must not be too much for
/// a client that reads.
async fn receive(
    mut broker: OwnedReadHalf,
    backlog: &Backlog,
    guest: &Guest,
    hold: Option<mpsc::Sender<Held>>,
) -> Ending {
    let mut begun = Vec::with_capacity(READ_BYTES);
    let mut is_read = true;
    loop {
        match broker.read_buf(&mut begun).await {
            Ok(0) | Err(_) => return Ending::ByBroker,
            Ok(_) => {}
        }
        let mut rest = begun.as_slice();
        while let Header::Whole(header) = Header::read(rest) {
            let Some((packet, after)) = rest.split_at_checked(header.whole()) else {
                break;
            };
            rest = after;
            if header.is_disconnect() && guest.version() != Some(VERSION_5) {
                // The broker says goodbye to all clients in the words of 5.0; in 3.1.1 it has none.
                continue;
            }
            guest.receives(header, packet);
            let translated = match guest.version() {
                Some(VERSION_5) if header.is_publish() => nameless(header, packet),
                _ => None,
            };
            let (header, packet) = match &translated {
                Some((header, packet)) => (*header, packet.as_slice()),
                None => (header, packet),
            };
            if header.is_kept() {
                is_read = has_room(backlog, packet.len(), is_read).await;
            }
            match hold.as_ref().filter(|_| header.is_acknowledgment()) {
                // Who releases them ends together with this.
                Some(hold) => drop(hold.send((header, packet.to_vec())).await),
                None if backlog.push(header, packet).is_err() => return Ending::Quota,
                None => {}
            }
        }
        let passed = begun.len() - rest.len();
        begun.drain(..passed);
        begun.shrink_to(READ_BYTES);
        begun.reserve(READ_BYTES);
    }
}

/// A message that does not say who sent it; `None` where it does not.
fn nameless(header: FixedHeader, packet: &[u8]) -> Option<(FixedHeader, Vec<u8>)> {
    let packet = dialect::publish_for_client(header.first(), packet.get(header.length()..)?)?;
    match Header::read(&packet) {
        Header::Whole(header) => Some((header, packet)),
        Header::Part | Header::Malformed => None,
    }
}

/// Whether a client has room for a packet, at once or, if it did read, soon.
async fn has_room(backlog: &Backlog, size: usize, is_read: bool) -> bool {
    if timeout(Duration::ZERO, backlog.room(size)).await.is_ok() {
        return true;
    }
    let mut turns = if is_read { KEPT_TURNS } else { 0 };
    while turns > 0 && memory::is_ample() {
        if timeout(KEPT_TURN, backlog.room(size)).await.is_ok() {
            return true;
        }
        turns -= 1;
    }
    false
}

/// From the backlog to the client, as fast as it takes it.
async fn send_all(backlog: &Backlog, writer: &mut Writer) {
    while let Some(bytes) = backlog.next().await {
        let length = bytes.len();
        if writer.send(bytes).await.is_err() {
            return;
        }
        backlog.sent(length);
    }
}
