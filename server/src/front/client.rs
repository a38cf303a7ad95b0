//! A client's connection, over TCP or WebSocket: bytes in, bytes out.

use std::io::{Error, Result};
use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

/// TCP whose writes fail when the other side takes nothing for long.
pub type Tcp = Pin<Box<TimeoutStream<TcpStream>>>;

/// How long a client may take to read why it is ended, where the end of what it sends is not seen.
const LINGER: Duration = Duration::from_secs(1);

/// How much is read from TCP at once.
const READ_BYTES: usize = 64 * 1024;

pub enum Reader {
    Tcp(ReadHalf<Tcp>),
    WebSocket(SplitStream<WebSocket>),
}

pub enum Writer {
    /// With what is left of the bytes that were being sent when that was broken off.
    Tcp(WriteHalf<Tcp>, Bytes),
    WebSocket(SplitSink<WebSocket, Message>),
}

pub fn over_tcp(stream: Tcp) -> (Reader, Writer) {
    let (reader, writer) = tokio::io::split(stream);
    (Reader::Tcp(reader), Writer::Tcp(writer, Bytes::new()))
}

pub fn over_websocket(socket: WebSocket) -> (Reader, Writer) {
    let (writer, reader) = socket.split();
    (Reader::WebSocket(reader), Writer::WebSocket(writer))
}

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The broker ended it and has said why, if it could.
    ByBroker,
    /// Not MQTT, or too late.
    Protocol,
    TooLarge,
    /// More waits for this client, or comes from it, than this computer keeps.
    Quota,
    /// Nothing came for longer than the client itself said. [MQTT5-3.1.2-22]
    Silence,
    /// The broker ended it and has not said why.
    Unclear,
    /// The program ends.
    ShuttingDown,
}

impl Ending {
    /// The reason code of DISCONNECT. [MQTT5-3.14.2.1]
    pub fn reason_code(self) -> Option<u8> {
        match self {
            Self::ByBroker => None,
            Self::Protocol => Some(0x81),
            Self::TooLarge => Some(0x95),
            Self::Quota => Some(0x97),
            Self::Silence => Some(0x8d),
            Self::Unclear => Some(0x80),
            Self::ShuttingDown => Some(0x8b),
        }
    }

    /// RFC 6455, section 7.4.1.
    fn close_code(self) -> u16 {
        match self {
            Self::ByBroker | Self::Silence | Self::Unclear => 1000,
            Self::Protocol => 1002,
            Self::TooLarge => 1009,
            Self::Quota => 1008,
            Self::ShuttingDown => 1001,
        }
    }
}

impl Reader {
    /// The next bytes, or why the server ends it; `None` when the client did, or the network.
    pub async fn next(&mut self) -> std::result::Result<Bytes, Option<Ending>> {
        match self {
            Self::Tcp(stream) => {
                let mut buffer = Vec::with_capacity(READ_BYTES);
                match stream.read_buf(&mut buffer).await {
                    Ok(1..) => Ok(Bytes::from(buffer)),
                    Ok(0) | Err(_) => Err(None),
                }
            }
            Self::WebSocket(stream) => loop {
                match stream.next().await.ok_or(None)? {
                    Ok(Message::Binary(bytes)) => return Ok(bytes),
                    // Answered by the library.
                    Ok(Message::Ping(_) | Message::Pong(_)) => {}
                    // [MQTT-6.0.0-1] says binary.
                    Ok(Message::Text(_) | Message::Close(_)) => return Err(None),
                    Err(error) => return Err(is_too_large(error).then_some(Ending::TooLarge)),
                }
            },
        }
    }

    /// Reads what nobody wants any more, until the client ends it.
    pub async fn read_out(&mut self) {
        loop {
            match self.next().await {
                Ok(_) => {}
                Err(None) => return,
                // What is not read is still to come.
                Err(Some(_)) => return sleep(LINGER).await,
            }
        }
    }
}

/// The library reads no message that is larger than its bound.
fn is_too_large(error: axum::Error) -> bool {
    let error = error.into_inner();
    matches!(error.downcast_ref(), Some(tungstenite::Error::Capacity(_)))
}

impl Writer {
    /// May be broken off: what is sent next follows on a whole packet.
    pub async fn send(&mut self, bytes: Bytes) -> Result<()> {
        match self {
            Self::Tcp(stream, left) => {
                stream.write_all_buf(left).await?;
                *left = bytes;
                stream.write_all_buf(left).await
            }
            Self::WebSocket(sink) => sink
                .send(Message::Binary(bytes))
                .await
                .map_err(Error::other),
        }
    }

    pub async fn close(&mut self, ending: Ending) {
        // What is gone already need not be closed.
        let _ = match self {
            Self::Tcp(stream, _) => stream.shutdown().await,
            Self::WebSocket(sink) => {
                let frame = CloseFrame {
                    code: ending.close_code(),
                    reason: "".into(),
                };
                sink.send(Message::Close(Some(frame)))
                    .await
                    .map_err(Error::other)
            }
        };
    }
}
