//! The program behind `npm start`: a broker for MQTT 3.1.1 and 5.0, and the pages.
//!
//! ```text
//! scratch-mqtt-server 127.0.0.1:1883 127.0.0.1:8083 --pages 127.0.0.1:8000 --root . --editor FOLDER
//! ```
//!
//! The first address is for MQTT over TCP, the second for MQTT over WebSocket (path `/mqtt`); the port of
//! the pages has `/mqtt` too. Port 0 is any free one. When all listen, one line is printed:
//! `ready TCP-ADDRESS WEBSOCKET-ADDRESS [PAGES-ADDRESS]`. The program ends when its standard input is
//! closed, so that it never outlives the one that started it.

mod broker;
mod class;
mod disk;
mod front;
mod keeper;
mod lesson;
mod login;
mod mdns;
mod memory;
mod options;
mod settings;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::io::AsyncReadExt;

use crate::broker::Broker;
use crate::front::gate::{Gate, own_names};
use crate::front::pages::Pages;
use crate::front::{Front, ToldBroker, listen, serve_http, serve_tcp};
use crate::lesson::Lesson;
use crate::mdns::Announcement;
use crate::options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), String> {
    let options = Options::from_arguments(std::env::args().skip(1))?;
    // Each client takes three descriptors; systems begin with 256 or 1024.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let (tcp, tcp_address) = listen(options.tcp).await?;
    let (websocket, websocket_address) = listen(options.websocket).await?;
    let pages = match options.pages {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let lesson = options.store.map(Lesson::open).transpose()?;
    let (broker, care) = Broker::start(lesson).await?;
    let own_ports = (tcp_address.port(), websocket_address.port());
    let (told_tcp, told_websocket) = options.other_broker.unwrap_or(own_ports);
    let announcement = announced(tcp_address, pages.as_ref().map(|(_, address)| *address));
    let names = own_names().into_iter().chain(options.names).collect();
    let front = Arc::new(Front::new(
        broker,
        Gate::new(names, options.origins, options.null_origin),
        pages
            .is_some()
            .then(|| Pages::new(options.root, options.editor)),
        ToldBroker {
            tcp: told_tcp,
            websocket: told_websocket,
            is_other: options.other_broker.is_some(),
        },
        announcement,
    ));
    let mut ready = format!("ready {tcp_address} {websocket_address}");
    tokio::spawn(serve_tcp(Arc::clone(&front), tcp));
    tokio::spawn(serve_http(Arc::clone(&front), websocket, None));
    if let Some((pages, address)) = pages {
        ready = format!("{ready} {address}");
        tokio::spawn(serve_http(front, pages, Some(address)));
    }
    println!("{ready}");
    tokio::select! {
        () = standard_input_closed() => Ok(()),
        () = care.keep_running() => Err("the broker is not kept running".to_string()),
    }
}

/// Without a name on the network the address does as well.
fn announced(tcp: SocketAddr, pages: Option<SocketAddr>) -> Option<Announcement> {
    Announcement::begin(tcp, pages).unwrap_or_else(|problem| {
        eprintln!("This computer has no name on the network ({problem}). Use its address.");
        None
    })
}

async fn standard_input_closed() {
    let mut buffer = [0; 64];
    while matches!(tokio::io::stdin().read(&mut buffer).await, Ok(1..)) {}
}
