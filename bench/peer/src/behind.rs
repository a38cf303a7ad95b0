//! A client over TCP behind a real broker: counts what the browser publishes, publishes what it
//! receives.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::Peer;
use crate::burst::Burst;
use crate::packets::{Packet, header, kind};

/// What the browser publishes to a real broker.
const OUT: &str = "bench/out";

/// The client, which connects when it is needed first.
pub struct Behind {
    address: SocketAddr,
    stream: Mutex<Option<TcpStream>>,
}

impl Behind {
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: Mutex::new(None),
        }
    }

    /// Connects and subscribes, unless that has been done.
    pub fn connect(&self, peer: &Arc<Peer>) -> io::Result<()> {
        let mut slot = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() {
            return Ok(());
        }
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        let mut reader = stream.try_clone()?;
        stream.write_all(&connect())?;
        expect(&mut reader, [0x20, 2, 0, 0])?;
        stream.write_all(&subscribe())?;
        expect(&mut reader, [0x90, 3, 0, 1, 0])?;
        let peer = Arc::clone(peer);
        thread::spawn(move || listen(reader, &peer));
        *slot = Some(stream);
        drop(slot);
        Ok(())
    }

    /// Publishes to the broker.
    pub fn publish(&self, burst: &Burst) -> io::Result<()> {
        let mut slot = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = slot
            .as_mut()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?;
        burst.send(4, <[u8]>::to_vec, |bytes| stream.write_all(bytes))
    }
}

/// Without keep alive, because it may be silent for long.
fn connect() -> Vec<u8> {
    let id = b"bench-peer";
    let mut bytes = Vec::new();
    header(&mut bytes, kind::CONNECT << 4, 12 + id.len());
    bytes.extend(b"\0\x04MQTT\x04\x02\0\0\0");
    bytes.push(id.len() as u8);
    bytes.extend(id);
    bytes
}

fn subscribe() -> Vec<u8> {
    let mut bytes = Vec::new();
    header(&mut bytes, kind::SUBSCRIBE << 4 | 2, 5 + OUT.len());
    bytes.extend([0, 1, 0, OUT.len() as u8]);
    bytes.extend(OUT.as_bytes());
    bytes.push(0);
    bytes
}

fn expect<const N: usize>(stream: &mut TcpStream, wanted: [u8; N]) -> io::Result<()> {
    let mut found = [0; N];
    stream.read_exact(&mut found)?;
    if found == wanted {
        return Ok(());
    }
    Err(io::Error::other(format!("the broker answered {found:?}")))
}

fn listen(mut stream: TcpStream, peer: &Peer) {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 256 * 1024];
    while let Ok(length @ 1..) = stream.read(&mut chunk) {
        bytes.extend_from_slice(chunk.get(..length).unwrap_or_default());
        let mut rest = bytes.as_slice();
        let mut published = 0;
        while let Some((packet, after)) = Packet::split(rest) {
            rest = after;
            published += u64::from(packet.kind() == kind::PUBLISH);
        }
        let done = bytes.len() - rest.len();
        bytes.drain(..done);
        peer.count.add(published);
    }
}
