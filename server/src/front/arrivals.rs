//! Listening, and who comes in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

use crate::front::Front;
use crate::front::client::Tcp;
use crate::front::doorman::Visit;

/// How long the other side may take nothing of what is sent to it.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// When the system asks whether a silent other side is still there, and how often then.
const PROBE_AFTER: Duration = Duration::from_secs(60);
const PROBE_EVERY: Duration = Duration::from_secs(15);

/// What the system may hold of one connection in each direction; Linux takes twice that. By itself it goes up to some MB, and
/// 2,048 clients that do not read would take all memory that it has for TCP.
const SYSTEM_BYTES: usize = 128 * 1024;

/// After an accept that failed, mostly for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A connection that was let in.
pub struct Arrival {
    pub stream: Tcp,
    pub visit: Arc<Visit>,
    /// The address of this computer that it came to.
    pub local: IpAddr,
    pub peer: IpAddr,
}

impl Arrival {
    /// Whether it comes from this computer.
    pub fn is_from_here(&self) -> bool {
        self.peer.is_loopback() || self.peer == self.local
    }
}

/// The next one that is let in.
pub async fn accept(front: &Front, listener: &TcpListener) -> Option<Arrival> {
    let Ok((stream, peer)) = listener.accept().await else {
        tokio::time::sleep(ACCEPT_PAUSE).await;
        return None;
    };
    let local = stream.local_addr().ok()?.ip();
    let visit = front.doorman.admit(peer.ip().to_canonical())?;
    prepare(&stream);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_LIMIT));
    let arrival = Arrival {
        stream: Box::pin(stream),
        visit,
        local: local.to_canonical(),
        peer: peer.ip().to_canonical(),
    };
    front.lets_in(&arrival).then_some(arrival)
}

/// What cannot be set is not needed on that system.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let probes = TcpKeepalive::new()
        .with_time(PROBE_AFTER)
        .with_interval(PROBE_EVERY);
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_keepalive(&probes);
    let _ = socket.set_send_buffer_size(SYSTEM_BYTES);
    let _ = socket.set_recv_buffer_size(SYSTEM_BYTES);
}

/// Listens, or says why that cannot be.
pub async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let bound = listener
        .local_addr()
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    Ok((listener, bound))
}
