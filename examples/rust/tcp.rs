//! MQTT over plain TCP, with the standard library alone: threads wait for the network, one loop owns the session.
//!
//! ```text
//! cargo run --example tcp -- 127.0.0.1:1883 room/1
//! ```
//!
//! Publishes each line that is typed, and prints what arrives on the topic. A lost connection comes back by
//! itself, and what was typed meanwhile is sent then. Ends with the input (Ctrl+D). A login is read from the
//! environment: `MQTT_USER` and `MQTT_PASSWORD`.

use std::collections::HashMap;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use scratch_mqtt::bytes::{Bytes, BytesMut};
use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{
    Closed, ConnectionId, Event, LOCAL_PAUSE, Message, Output, Owner, Session, SessionOptions,
    State,
};
use scratch_mqtt::topic::{TopicFilter, TopicName};

/// How many inputs may wait for the loop. When it is busy the threads wait, and with them the server.
const MOST_INPUTS: usize = 64;
/// How many bytes are read at once.
const PORTION: usize = 16 << 10;
/// How long a server may take nothing of what is sent.
const PATIENCE: Duration = Duration::from_secs(30);
/// How a TCP socket that failed is reported: it has no close code of its own.
const LOST: Closed = Closed::Ended {
    code: 1006,
    clean: false,
};

/// What the threads report to the loop.
enum Input {
    Opened(ConnectionId, TcpStream),
    Arrived(ConnectionId, Bytes),
    Closed(ConnectionId),
    Typed(String),
    NothingMoreIsTyped,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(topic)) = (arguments.next(), arguments.next()) else {
        eprintln!("Say where the broker is, and a topic: tcp 127.0.0.1:1883 room/1");
        return ExitCode::FAILURE;
    };
    match run(&address, &topic) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(address: &str, topic: &str) -> Result<(), Box<dyn Error>> {
    let chance = RandomState::new().hash_one(address);
    let client_id = format!("tcp-{chance:x}");
    let options = SessionOptions {
        longest_pause: LOCAL_PAUSE,
        user_name: std::env::var("MQTT_USER").ok(),
        password: std::env::var("MQTT_PASSWORD").ok(),
        ..SessionOptions::new(address, &client_id)
    };
    let topic = TopicName::new(topic)?;
    let filter = TopicFilter::new(topic.as_str())?;

    let (inputs, waiting) = mpsc::sync_channel(MOST_INPUTS);
    let keyboard = inputs.clone();
    thread::spawn(move || read_lines(&keyboard));
    let mut client = Client {
        session: Session::new(chance),
        start: Instant::now(),
        sockets: Sockets {
            open: HashMap::new(),
            inputs,
        },
    };
    let now = client.now();
    client.session.connect(now, options)?;
    client
        .session
        .subscribe(now, Owner(0), &filter, QoS::AtLeastOnce)?;
    client.run(&waiting, &topic)
}

/// The loop of the contract: an input, then what the session wants, then one timer.
struct Client {
    session: Session,
    start: Instant,
    sockets: Sockets,
}

impl Client {
    fn run(&mut self, waiting: &Receiver<Input>, topic: &TopicName) -> Result<(), Box<dyn Error>> {
        let mut is_ending = false;
        loop {
            self.drain();
            let is_closed = self.session.state() == State::Closed;
            if is_closed && self.sockets.open.is_empty() {
                let is_meant = is_ending.then_some(());
                return is_meant.ok_or_else(|| "Only a person can change that.".into());
            }
            let input = match self.session.poll_timeout() {
                Some(due) => waiting.recv_timeout(due.saturating_sub(self.now())),
                None => waiting.recv().map_err(RecvTimeoutError::from),
            };
            let now = self.now();
            match input {
                Ok(Input::Opened(connection, stream)) => {
                    if self.sockets.opened(connection, stream) {
                        // TCP has no subprotocols.
                        self.session.handle_opened(now, connection, "mqtt");
                    }
                }
                Ok(Input::Arrived(connection, bytes)) => {
                    self.session.handle_bytes(now, connection, bytes);
                }
                Ok(Input::Closed(connection)) => {
                    self.sockets.open.remove(&connection);
                    self.session.handle_closed(now, connection, LOST);
                }
                Ok(Input::Typed(line)) => self.publish(topic, line),
                Ok(Input::NothingMoreIsTyped) => {
                    is_ending = true;
                    self.session.disconnect(now);
                }
                Err(RecvTimeoutError::Timeout) => self.session.handle_timeout(now),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn publish(&mut self, topic: &TopicName, line: String) {
        let message = Message {
            qos: QoS::AtLeastOnce,
            ..Message::new(topic.clone(), line)
        };
        if let Err(error) = self.session.publish(self.now(), message) {
            println!("not published: {error}");
        }
    }

    /// Does all that the session wants.
    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Open {
                    connection, url, ..
                } => self.sockets.open(connection, url),
                Output::Send { connection, bytes } => self.sockets.send(connection, bytes),
                Output::Measure { connection } => {
                    let bytes = self.sockets.held(connection);
                    self.session.handle_buffered(self.now(), connection, bytes);
                }
                Output::Close { connection, .. } => self.sockets.close(connection),
                Output::Event(event) => report(&event),
                // `asks_permission` and `keep_session` are off.
                Output::Ask { .. } | Output::Store(_) => {}
            }
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

fn report(event: &Event) {
    match event {
        Event::Connected { version, .. } => println!("connected, MQTT {version}"),
        Event::Subscribed { filter, .. } => println!("subscribed to {}", filter.as_str()),
        Event::Disconnected { reason, retry_in } => match retry_in {
            Some(pause) => println!("not connected, again in {pause:.1?}: {reason}"),
            None => println!("closed: {reason}"),
        },
        Event::MessageReceived(received) => {
            let text = String::from_utf8_lossy(&received.message.payload);
            println!("{}: {text}", received.message.topic.as_str());
        }
        Event::PublishFailed { error, .. } => println!("not published: {error}"),
        _ => {}
    }
}

/// Every socket that is open, or is being opened for the session.
struct Sockets {
    open: HashMap<ConnectionId, Socket>,
    inputs: SyncSender<Input>,
}

/// What is to be sent waits for a thread of its own; the session bounds how much that is.
#[derive(Default)]
struct Socket {
    writer: Option<Sender<BytesMut>>,
    held: Arc<AtomicUsize>,
}

impl Sockets {
    fn open(&mut self, connection: ConnectionId, address: String) {
        self.open.insert(connection, Socket::default());
        let inputs = self.inputs.clone();
        thread::spawn(move || {
            if let Ok(stream) = TcpStream::connect(address) {
                read(stream, connection, &inputs);
            }
            let _ = inputs.send(Input::Closed(connection));
        });
    }

    /// `false`: the session has closed it meanwhile.
    fn opened(&mut self, connection: ConnectionId, stream: TcpStream) -> bool {
        let Some(socket) = self.open.get_mut(&connection) else {
            let _ = stream.shutdown(Shutdown::Both);
            return false;
        };
        let (writer, packets) = mpsc::channel();
        socket.writer = Some(writer);
        let held = Arc::clone(&socket.held);
        thread::spawn(move || write(stream, &packets, &held));
        true
    }

    fn send(&self, connection: ConnectionId, bytes: BytesMut) {
        let socket = self.open.get(&connection);
        if let Some((socket, writer)) = socket.and_then(|it| Some((it, it.writer.as_ref()?))) {
            socket.held.fetch_add(bytes.len(), Ordering::Relaxed);
            // A writer that failed has ended the socket, and the reader says so.
            let _ = writer.send(bytes);
        }
    }

    fn held(&self, connection: ConnectionId) -> usize {
        let socket = self.open.get(&connection);
        socket.map_or(0, |socket| socket.held.load(Ordering::Relaxed))
    }

    /// What was handed to the writer is sent first; then both threads end, and the reader says so.
    fn close(&mut self, connection: ConnectionId) {
        let socket = self.open.get_mut(&connection);
        let was_open = socket.is_some_and(|socket| socket.writer.take().is_some());
        if !was_open {
            self.open.remove(&connection);
        }
    }
}

fn read(mut stream: TcpStream, connection: ConnectionId, inputs: &SyncSender<Input>) {
    let Ok(writing) = stream.try_clone() else {
        return;
    };
    let _ = writing.set_nodelay(true);
    let _ = writing.set_write_timeout(Some(PATIENCE));
    let mut is_wanted = inputs.send(Input::Opened(connection, writing)).is_ok();
    let mut buffer = vec![0; PORTION];
    while is_wanted {
        let bytes = match stream.read(&mut buffer) {
            Ok(count) => buffer.get(..count).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let arrived = Input::Arrived(connection, Bytes::copy_from_slice(bytes));
        is_wanted = !bytes.is_empty() && inputs.send(arrived).is_ok();
    }
}

fn write(mut stream: TcpStream, packets: &Receiver<BytesMut>, held: &AtomicUsize) {
    for bytes in packets {
        if stream.write_all(&bytes).is_err() {
            break;
        }
        held.fetch_sub(bytes.len(), Ordering::Relaxed);
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_lines(inputs: &SyncSender<Input>) {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        if inputs.send(Input::Typed(line)).is_err() {
            return;
        }
    }
    let _ = inputs.send(Input::NothingMoreIsTyped);
}
