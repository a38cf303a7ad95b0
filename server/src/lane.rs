//! How a client's bytes get from the front to the broker inside: in memory. Over a socket of this computer each
//! delivery would cost two calls of the system and two wake-ups more than it has to.

use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use mqtt5::broker::client_handler::ClientHandler;
use mqtt5::broker::config::BrokerConfig;
use mqtt5::broker::resource_monitor::ResourceMonitor;
use mqtt5::broker::router::MessageRouter;
use mqtt5::broker::storage::DynamicStorage;
use mqtt5::broker::sys_topics::BrokerStats;
use mqtt5::broker::transport::{BrokerTransport, WebSocketTransport};
use mqtt5::broker::{AuthProvider, MqttBroker};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::sync::{broadcast, mpsc};
use tokio::time::timeout;

/// What lies between a client's side of the front and the broker at most: what the broker reads at once. A burst must not
/// be taken in one turn: between the turns its receivers have theirs, and what waits for each of them there is bounded
/// in messages.
const INWARD_BYTES: usize = 4 * 1024;

/// What lies there on the way back. The front takes it at once.
const OUTWARD_BYTES: usize = 32 * 1024;

/// As the broker sees all clients.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How long the broker may take to disconnect all clients, and to write down what they have left.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Of each only one direction is used.
pub type FromBroker = DuplexStream;
pub type ToBroker = DuplexStream;

/// The lanes of one run of the broker, until they are closed.
pub struct Lanes {
    end: broadcast::Sender<()>,
    open: mpsc::Sender<()>,
    closed: mpsc::Receiver<()>,
}

/// Where lanes begin.
#[derive(Clone)]
pub struct LaneOpener {
    config: Arc<BrokerConfig>,
    router: Arc<MessageRouter>,
    auth: Arc<dyn AuthProvider>,
    storage: Option<Arc<DynamicStorage>>,
    stats: Arc<BrokerStats>,
    monitor: Arc<ResourceMonitor>,
    ends: Arc<broadcast::Receiver<()>>,
    open: mpsc::WeakSender<()>,
}

impl Lanes {
    /// To a broker with this configuration.
    pub fn of(broker: &MqttBroker, config: BrokerConfig) -> (Self, LaneOpener) {
        let (end, ends) = broadcast::channel(1);
        let (open, closed) = mpsc::channel(1);
        let opener = LaneOpener {
            config: Arc::new(config),
            router: broker.router(),
            auth: broker.auth_provider(),
            storage: broker.storage(),
            stats: broker.stats(),
            monitor: broker.resource_monitor(),
            ends: Arc::new(ends),
            open: open.downgrade(),
        };
        (Self { end, open, closed }, opener)
    }

    /// The broker disconnects all clients, and has nothing to do with them afterwards.
    pub async fn close(self) {
        let Self {
            end,
            open,
            mut closed,
        } = self;
        drop((end, open));
        // Ends when the last one is closed: nobody sends anything.
        let _ = timeout(END_LIMIT, closed.recv()).await;
    }
}

impl LaneOpener {
    /// For one client; `None` when the broker takes no more, or has ended.
    pub async fn open(&self) -> Option<(FromBroker, ToBroker)> {
        let is_open = self.open.upgrade()?;
        if !self.monitor.can_accept_connection(PEER.ip()).await {
            return None;
        }
        let (to_broker, inward) = duplex(INWARD_BYTES);
        let (outward, from_broker) = duplex(OUTWARD_BYTES);
        let handler = ClientHandler::new(
            BrokerTransport::WebSocket(Box::new(Lane { inward, outward })),
            PEER,
            Arc::clone(&self.config),
            Arc::clone(&self.router),
            Arc::clone(&self.auth),
            self.storage.clone(),
            Arc::clone(&self.stats),
            Arc::clone(&self.monitor),
            self.ends.resubscribe(),
        );
        tokio::spawn(async move {
            let _is_open = is_open;
            // Why it ended is in what it said to the client.
            let _ = handler.run().await;
        });
        Some((from_broker, to_broker))
    }
}

/// The broker's end. The name of the trait is of its first use: it wants no more than bytes.
struct Lane {
    inward: DuplexStream,
    outward: DuplexStream,
}

impl WebSocketTransport for Lane {
    fn peer_addr(&self) -> mqtt5::Result<SocketAddr> {
        Ok(PEER)
    }
}

impl AsyncRead for Lane {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.inward).poll_read(context, buffer)
    }
}

impl AsyncWrite for Lane {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.outward).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.outward).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.outward).poll_shutdown(context)
    }
}
