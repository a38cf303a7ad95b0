//! The peer of the benchmark: what the clients in the browser talk to.
//!
//! ```text
//! scratch-mqtt-bench-peer [TCP ADDRESS OF A BROKER]
//! ```
//!
//! It listens on a free port of this computer and prints `ready PORT`. Two paths are served there:
//!
//! | path | what it is |
//! |---|---|
//! | `/mqtt` | the null broker: answers and counts, and does nothing else |
//! | `/control` | the page says what it awaits, and gets what has arrived |
//!
//! With an address it is also a client of that broker over TCP, which counts and publishes behind it
//! as the null broker does by itself. It ends when its standard input is closed.

mod behind;
mod burst;
mod control;
mod count;
mod null_broker;
mod packets;
mod wire;

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use tungstenite::handshake::server::{Request, Response};

use crate::behind::Behind;
use crate::control::Control;
use crate::count::Count;
use crate::null_broker::{Links, NullBroker};
use crate::wire::Wire;

/// What all connections share.
pub struct Peer {
    /// What arrived, and who wants to know.
    pub count: Count,
    /// The clients of the null broker.
    pub links: Links,
    /// The client of a real broker.
    pub behind: Option<Behind>,
}

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), String> {
    let broker = std::env::args().nth(1);
    let broker = broker.map(|text| {
        text.parse::<SocketAddr>()
            .map_err(|error| format!("address {text}: {error}"))
    });
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let port = listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port();
    let peer = Arc::new(Peer {
        count: Count::default(),
        links: Links::default(),
        behind: broker.transpose()?.map(Behind::new),
    });
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let peer = Arc::clone(&peer);
            thread::spawn(move || {
                // A client that leaves without goodbye is the end of its thread and nothing else.
                let _ = accept(stream, &peer);
            });
        }
    });
    println!("ready {port}");
    let mut nothing = [0; 64];
    while matches!(io::stdin().read(&mut nothing), Ok(1..)) {}
    Ok(())
}

fn accept(stream: TcpStream, peer: &Arc<Peer>) -> Result<(), wire::Ended> {
    let mut path = String::new();
    // The callback's type is tungstenite's: a large error that is never made here.
    #[allow(clippy::result_large_err)]
    let look = |request: &Request, mut response: Response| {
        request.uri().path().clone_into(&mut path);
        if let Some(protocol) = request.headers().get("sec-websocket-protocol") {
            let headers = response.headers_mut();
            headers.insert("sec-websocket-protocol", protocol.clone());
        }
        Ok(response)
    };
    let wire = Wire::accept(stream, look)?;
    match path.as_str() {
        "/control" => Control::new(wire, peer).run(),
        _ => NullBroker::new(wire, peer).run(),
    }
}
