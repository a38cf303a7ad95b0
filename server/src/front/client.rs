//! A client's connection, over TCP or WebSocket: bytes in, bytes out.

use std::io::{Error, Result};
use std::pin::Pin;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

/// TCP whose writes fail when the other side takes nothing for long.
pub type Tcp = Pin<Box<TimeoutStream<TcpStream>>>;

/// How much is read from TCP at once.
const READ_BYTES: usize = 64 * 1024;

pub enum Reader {
    Tcp(ReadHalf<Tcp>),
    WebSocket(SplitStream<WebSocket>),
}

pub enum Writer {
    Tcp(WriteHalf<Tcp>),
    WebSocket(SplitSink<WebSocket, Message>),
}

pub fn over_tcp(stream: Tcp) -> (Reader, Writer) {
    let (reader, writer) = tokio::io::split(stream);
    (Reader::Tcp(reader), Writer::Tcp(writer))
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
}

impl Ending {
    /// The reason code of DISCONNECT. [MQTT5-3.14.2.1]
    pub fn reason_code(self) -> Option<u8> {
        match self {
            Self::ByBroker => None,
            Self::Protocol => Some(0x81),
            Self::TooLarge => Some(0x95),
            Self::Quota => Some(0x97),
        }
    }

    /// RFC 6455, section 7.4.1.
    fn close_code(self) -> u16 {
        match self {
            Self::ByBroker => 1000,
            Self::Protocol => 1002,
            Self::TooLarge => 1009,
            Self::Quota => 1008,
        }
    }
}

impl Reader {
    /// The next bytes; `None` at the end, whatever ended it.
    pub async fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::Tcp(stream) => {
                let mut buffer = Vec::with_capacity(READ_BYTES);
                let read = stream.read_buf(&mut buffer).await.ok()?;
                (read > 0).then(|| Bytes::from(buffer))
            }
            Self::WebSocket(stream) => loop {
                match stream.next().await?.ok()? {
                    Message::Binary(bytes) => return Some(bytes),
                    // Answered by the library.
                    Message::Ping(_) | Message::Pong(_) => {}
                    // [MQTT-6.0.0-1] says binary.
                    Message::Text(_) | Message::Close(_) => return None,
                }
            },
        }
    }
}

impl Writer {
    pub async fn send(&mut self, bytes: Bytes) -> Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(&bytes).await,
            Self::WebSocket(sink) => sink
                .send(Message::Binary(bytes))
                .await
                .map_err(Error::other),
        }
    }

    pub async fn close(&mut self, ending: Ending) {
        // What is gone already need not be closed.
        let _ = match self {
            Self::Tcp(stream) => stream.shutdown().await,
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
