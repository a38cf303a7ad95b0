//! Carries a client's bytes to the broker and back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::class::{Guest, VERSION_5, assigned_client_id, connack_code};
use crate::disk::Disk;
use crate::front::Front;
use crate::front::admission::Entry;
use crate::front::backlog::Backlog;
use crate::front::client::{Ending, Reader, Writer};
use crate::front::dialect;
use crate::front::doorman::Visit;
use crate::front::holders::Holder;
use crate::front::own_pings::OwnPings;
use crate::front::packets::{FixedHeader, Header};
use crate::front::upward::Upward;
use crate::lane::FromBroker;
use crate::memory;
use crate::names;

/// How long a client may take to read what is left for it when its connection ends.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How long retained messages wait for a client that reads nothing, in turns: the broker has a copy of
/// all of it meanwhile.
const RETAINED_TURN: Duration = Duration::from_millis(50);
const RETAINED_TURNS: usize = 20;

/// How much is read from the broker at once.
const READ_BYTES: usize = 16 * 1024;

/// How many acknowledgments are held back before no more is read from the broker.
const MOST_HELD: usize = 4096;

/// Until either side ends.
pub async fn carry(
    front: &Front,
    visit: &Visit,
    guest: &Guest,
    entry: Entry,
    (reader, mut writer): (Reader, Writer),
) {
    let _open = front.closing.opens();
    let Some((from_broker, to_broker)) = front.broker.open_lane().await else {
        return writer.close(Ending::ByBroker).await;
    };
    let backlog = Backlog::new(front.waiting.clone());
    let pings = OwnPings::default();
    let holder = front.holders.enter();
    let mut upward = Upward::new(reader, to_broker, (guest, &holder), &pings, front, entry);
    let heard = Heard {
        guest,
        holder: &holder,
        pings: &pings,
        is_connected: AtomicBool::new(false),
        has_said_why: AtomicBool::new(false),
    };
    let downward = receive_all(from_broker, &backlog, &heard, front.broker.disk());
    tokio::pin!(downward);
    let (ending, is_heard_out) = tokio::select! {
        // What comes from the broker is sent in the same turn.
        biased;
        ending = &mut downward => (Some(ending), true),
        ending = upward.run(visit) => (ending, false),
        () = visit.evicted() => match heard.is_connected() {
            true => (Some(Ending::Quota), false),
            // It said nothing that could be answered.
            false => return,
        },
        () = front.closing.begins() => (Some(Ending::ShuttingDown), false),
        () = send_and_listen(&backlog, &mut writer) => (None, false),
    };
    guest.ends();
    let Some(ending) = ending else {
        if let Some(_place) = upward.holds_for_later(&front.gone) {
            let _ = timeout(CLOSE_LIMIT, writer.close(Ending::ByBroker)).await;
            tokio::select! {
                biased;
                _ = &mut downward => return,
                () = upward.send_held() => {}
                () = discard_all(&backlog) => {}
                () = holder.must_go() => {}
                () = front.closing.begins() => {}
            }
        }
        // Closed with something unread, the connection would take from the broker what it has not read yet.
        let (_reader, shutdown) = upward.hang_up();
        let _ = timeout(CLOSE_LIMIT, async {
            tokio::join!(shutdown.run(), downward)
        })
        .await;
        return;
    };
    let ending = match ending {
        Ending::ByBroker if !heard.has_said_why() => upward.offense().unwrap_or(ending),
        _ => ending,
    };
    // It has nothing to ask any more: one that does not hang up must not keep out those who come.
    visit.wait_again();
    let (mut reader, shutdown) = upward.hang_up();
    backlog.end();
    let client_ends = async {
        // A client for which too much waits reads none of it soon.
        if ending != Ending::Quota {
            send_all(&backlog, &mut writer).await;
        }
        if let Some(code) = ending.reason_code().filter(|_| heard.may_say_why()) {
            let _ = writer.send(Bytes::from(vec![0xe0, 1, code])).await;
        }
        writer.close(ending).await;
        // Closed with something unread, the connection would take back what the client has not read yet.
        reader.read_out().await;
    };
    let broker_ends = async {
        if is_heard_out {
            shutdown.run().await;
        } else {
            tokio::join!(shutdown.run(), downward);
        }
        holder.is_over();
    };
    let both_end = timeout(CLOSE_LIMIT, async {
        tokio::join!(client_ends, broker_ends)
    });
    tokio::select! {
        _ = both_end => {}
        () = visit.evicted() => {}
    }
}

/// From the broker to the backlog; acknowledgments when what they stand for is on the disk, if there is one.
async fn receive_all(
    broker: FromBroker,
    backlog: &Backlog,
    heard: &Heard<'_>,
    disk: Option<Disk>,
) -> Ending {
    let Some(disk) = disk else {
        return receive(broker, backlog, heard, None).await;
    };
    let (hold, held) = mpsc::channel(MOST_HELD);
    tokio::select! {
        ending = receive(broker, backlog, heard, Some(hold)) => ending,
        ending = release(held, backlog, &disk) => ending,
    }
}

/// Who looks at what the broker says.
struct Heard<'a> {
    guest: &'a Guest,
    holder: &'a Holder<'a>,
    pings: &'a OwnPings,
    is_connected: AtomicBool,
    /// The broker has said DISCONNECT.
    has_said_why: AtomicBool,
}

impl Heard<'_> {
    fn looks_at(&self, header: FixedHeader, packet: &[u8]) {
        self.guest.receives(header, packet);
        if header.is_connack() {
            let is_connected = connack_code(header, packet) == Some(0);
            self.is_connected.store(is_connected, Ordering::Relaxed);
            if let Some(client_id) = assigned_client_id(header, packet) {
                // Nobody had it before.
                self.holder.claim(&names::file_name(&client_id));
            }
        } else if header.is_disconnect() {
            self.has_said_why.store(true, Ordering::Relaxed);
        }
    }

    fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed)
    }

    fn has_said_why(&self) -> bool {
        self.has_said_why.load(Ordering::Relaxed)
    }

    /// Only 5.0 has words for it, and only after CONNACK. [MQTT5-3.14.0-1]
    fn may_say_why(&self) -> bool {
        self.is_connected() && !self.has_said_why() && self.guest.version() == Some(VERSION_5)
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

/// As fast as it comes. A subscription brings all retained messages at once, which must not be too much for
/// a client that reads.
async fn receive(
    mut broker: FromBroker,
    backlog: &Backlog,
    heard: &Heard<'_>,
    hold: Option<mpsc::Sender<Held>>,
) -> Ending {
    let guest = heard.guest;
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
                // The broker sends DISCONNECT to all clients; a server of 3.1.1 has none.
                continue;
            }
            if header.is_ping_response() && heard.pings.is_answered() {
                continue;
            }
            heard.looks_at(header, packet);
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
        if passed > 0 {
            // What a large packet took.
            begun.shrink_to(READ_BYTES);
        }
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
    let mut turns = if is_read { RETAINED_TURNS } else { 0 };
    while turns > 0 && memory::is_ample() {
        if timeout(RETAINED_TURN, backlog.room(size)).await.is_ok() {
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

/// As `send_all`. What a client sent before it went is still to be read, which tells its end too; who only stopped reading
/// has as long as a close.
async fn send_and_listen(backlog: &Backlog, writer: &mut Writer) {
    send_all(backlog, writer).await;
    let _ = timeout(CLOSE_LIMIT, discard_all(backlog)).await;
}

/// For a client that is gone already.
async fn discard_all(backlog: &Backlog) {
    while let Some(bytes) = backlog.next().await {
        backlog.sent(bytes.len());
    }
}
