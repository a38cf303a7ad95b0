//! One WebSocket connection: messages in, and whole frames out that any thread may write.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use tungstenite::handshake::server::Callback;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};

/// The connection is over, for whatever reason.
#[derive(Debug)]
pub struct Ended;

impl<E: std::error::Error> From<E> for Ended {
    fn from(_: E) -> Self {
        Self
    }
}

/// The server's end of a WebSocket.
pub struct Wire {
    socket: WebSocket<Input>,
    /// What leaves as one frame as soon as nothing more is there to be read.
    answers: Rc<RefCell<Vec<u8>>>,
    sender: Sender,
}

/// Writes frames; one `write_all` holds whole frames, so that two threads never mix them.
#[derive(Clone)]
pub struct Sender(Arc<Mutex<TcpStream>>);

impl Sender {
    /// Writes bytes that are whole frames already.
    pub fn write(&self, frames: &[u8]) -> io::Result<()> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stream.write_all(frames)
    }

    /// Sends one text message.
    pub fn text(&self, text: &str) -> io::Result<()> {
        self.write(&frame(TEXT, text.as_bytes()))
    }
}

/// The opcode of a text frame.
const TEXT: u8 = 1;
/// The opcode of a binary frame.
pub const BINARY: u8 = 2;

/// One whole frame; a server's frames are not masked.
#[must_use]
pub fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 10);
    bytes.push(0x80 | opcode);
    let length = payload.len();
    if let Ok(short @ 0..126) = u8::try_from(length) {
        bytes.push(short);
    } else if let Ok(medium) = u16::try_from(length) {
        bytes.push(126);
        bytes.extend(medium.to_be_bytes());
    } else {
        bytes.push(127);
        bytes.extend((length as u64).to_be_bytes());
    }
    bytes.extend(payload);
    bytes
}

impl Wire {
    /// Does the handshake.
    pub fn accept(stream: TcpStream, callback: impl Callback) -> Result<Self, Ended> {
        stream.set_nodelay(true)?;
        let sender = Sender(Arc::new(Mutex::new(stream.try_clone()?)));
        let answers = Rc::new(RefCell::new(Vec::new()));
        let input = Input {
            stream,
            sender: sender.clone(),
            answers: Rc::clone(&answers),
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(256 * 1024)
            .max_message_size(None)
            .max_frame_size(None);
        let socket = tungstenite::accept_hdr_with_config(input, callback, Some(config))
            .map_err(|_| Ended)?;
        Ok(Self {
            socket,
            answers,
            sender,
        })
    }

    /// Waits for the next message.
    pub fn next(&mut self) -> Result<Message, Ended> {
        Ok(self.socket.read()?)
    }

    /// What is pushed here leaves in one frame with everything else that was answered meanwhile.
    pub fn answer(&self, bytes: &[u8]) {
        self.answers.borrow_mut().extend_from_slice(bytes);
    }

    /// For other threads.
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }
}

/// Reads for tungstenite, which asks for more only when all whole frames have been taken: the moment
/// to send the answers to them together.
struct Input {
    stream: TcpStream,
    sender: Sender,
    answers: Rc<RefCell<Vec<u8>>>,
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let answers = self.answers.take();
        if !answers.is_empty() {
            self.sender.write(&frame(BINARY, &answers))?;
        }
        self.stream.read(buffer)
    }
}

impl Write for Input {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn length_of_a_frame_takes_as_few_bytes_as_it_can() {
        let header = |length: usize| {
            let whole = frame(2, &vec![7; length]);
            whole[..whole.len() - length].to_vec()
        };

        assert_eq!(header(0), [0x82, 0]);
        assert_eq!(header(125), [0x82, 125]);
        assert_eq!(header(126), [0x82, 126, 0, 126]);
        assert_eq!(header(65_535), [0x82, 126, 255, 255]);
        assert_eq!(header(65_536), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
