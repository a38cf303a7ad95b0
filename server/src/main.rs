//! The class server: a broker for MQTT 3.1.1 and 5.0, and the pages. `npm start` starts it so:
//!
//! ```text
//! scratch-mqtt-server 127.0.0.1:1883 127.0.0.1:8083 --pages 127.0.0.1:8000 --root . --editor FOLDER
//! ```
//!
//! The first address is for MQTT over TCP, the second for MQTT over WebSocket (path `/mqtt`); the port of
//! the pages has `/mqtt` too. Port 0 is any free one. When all listen, one line is printed:
//! `ready TCP-ADDRESS WEBSOCKET-ADDRESS [PAGES-ADDRESS]`. The program ends when its standard input is
//! closed, so that it never outlives the one that started it.
//!
//! Without addresses it is for a person: see `desk`. `--version` and `--help` say what they
//! are about, and do nothing else.

mod broker;
mod class;
mod copies;
mod desk;
mod disk;
mod front;
mod help;
mod lane;
mod lesson;
mod login;
mod mdns;
mod memory;
mod names;
mod options;
mod quotas;
mod retained;
mod settings;
mod signals;
mod whole;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::broker::Broker;
use crate::class::{ClassWord, Places};
use crate::desk::Desk;
use crate::front::files::Files;
use crate::front::gate::{Gate, own_names};
use crate::front::pages::Pages;
use crate::front::{AdvertisedBroker, Front, Rules, listen, serve_http, serve_tcp};
use crate::lesson::Lesson;
use crate::options::Options;
use crate::signals::ShutdownRequests;

type Listening = (TcpListener, SocketAddr);

/// The version; and the commit, where `npm run package` found one.
const BUILD: &str = match option_env!("SCRATCH_MQTT_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

fn main() -> ExitCode {
    for argument in std::env::args() {
        match argument.as_str() {
            "--version" => println!("scratch-mqtt {BUILD}"),
            "--help" | "-h" => println!("{}", help::HELP),
            _ => continue,
        }
        return ExitCode::SUCCESS;
    }
    let options = match Options::from_arguments(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\nAll options: --help");
            return ExitCode::FAILURE;
        }
    };
    let at_desk = options.at_desk;
    let served = match Runtime::new() {
        Ok(runtime) => {
            let served = runtime.block_on(serve(options));
            // Somebody may still be reading the standard input.
            runtime.shutdown_background();
            served
        }
        Err(error) => Err(error.to_string()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            if at_desk {
                desk::wait_for_reader();
            }
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), String> {
    // Each client takes one descriptor; systems begin with 256 or 1024.
    let descriptors = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX);
    if options.at_desk {
        let port = options.pages.map_or(0, |pages| pages.port());
        if port != 0 && desk::runs_already(port).await {
            desk::show(port, options.browser);
            return Ok(());
        }
    }
    let Doors {
        tcp: (tcp, tcp_address),
        websocket: (websocket, websocket_address),
        pages,
    } = Doors::of(&options).await?;
    let lesson = lesson(&options, tcp_address).await?;
    let (broker, mut care) = Broker::start(lesson).await?;
    let own_ports = (tcp_address.port(), websocket_address.port());
    let (advertised_tcp, advertised_websocket) = options.other_broker.unwrap_or(own_ports);
    let names = own_names().into_iter().chain(options.names).collect();
    let files = Files::of(options.root.as_deref());
    let root = options.root.unwrap_or_default();
    let pages_address = pages.as_ref().map(|(_, address)| *address);
    let is_alone = !options.at_desk && pages_address.is_none_or(|pages| pages.ip().is_loopback());
    let class_word = match options.class_word {
        // Nobody else comes.
        ClassWord::Random if is_alone => ClassWord::None,
        option => option,
    };
    let front = Arc::new(Front::new(
        broker,
        Gate::new(names, options.origins, options.null_origin),
        pages
            .is_some()
            .then(|| Pages::new(files, root, options.editor)),
        AdvertisedBroker {
            tcp: advertised_tcp,
            websocket: advertised_websocket,
            is_other: options.other_broker.is_some(),
        },
        Places {
            tcp: tcp_address,
            pages: pages_address,
        },
        options.at_desk.then(Desk::default),
        Rules {
            class_word,
            messages_per_second: options.messages_per_second,
            descriptors,
        },
    ));
    let mut doors = JoinSet::new();
    doors.spawn(serve_tcp(Arc::clone(&front), tcp));
    doors.spawn(serve_http(Arc::clone(&front), websocket, false));
    if let Some((pages, _)) = pages {
        doors.spawn(serve_http(Arc::clone(&front), pages, true));
    }
    let requests = ShutdownRequests::listen();
    match (&front.desk, pages_address) {
        (Some(_), Some(pages)) => desk::show(pages.port(), options.browser),
        (_, Some(pages)) => println!("ready {tcp_address} {websocket_address} {pages}"),
        (_, None) => println!("ready {tcp_address} {websocket_address}"),
    }
    front.say_words();
    tokio::select! {
        () = shutdown_requested(front.desk.as_ref(), requests) => {}
        never = care.keep_running() => match never {},
    }
    // First: a board that gets in now would wait for an answer that does not come.
    doors.shutdown().await;
    front.close().await;
    care.end().await;
    Ok(())
}

/// What the program listens on.
struct Doors {
    tcp: Listening,
    websocket: Listening,
    pages: Option<Listening>,
}

impl Doors {
    async fn of(options: &Options) -> Result<Self, String> {
        let at = async |address, what| match options.at_desk {
            true => desk::listen_somewhere(address, what).await,
            false => listen(address).await,
        };
        Ok(Self {
            tcp: at(options.tcp, "boards and programs").await?,
            websocket: at(options.websocket, "MQTT over WebSocket").await?,
            pages: match options.pages {
                Some(address) => Some(at(address, "the pages").await?),
                None => None,
            },
        })
    }
}

/// At the desk a lesson in memory is better than none.
async fn lesson(options: &Options, tcp: SocketAddr) -> Result<Option<Lesson>, String> {
    let at_desk = || desk::store(tcp).filter(|_| options.at_desk);
    let Some(store) = options.store.clone().or_else(at_desk) else {
        return Ok(None);
    };
    match open(store).await {
        Err(problem) if options.at_desk => {
            eprintln!("The lesson is kept in memory only ({problem}).");
            Ok(None)
        }
        opened => opened.map(Some),
    }
}

/// A broker that finds no room for what it writes refuses everybody, and says nothing.
async fn open(store: PathBuf) -> Result<Lesson, String> {
    let lesson = Lesson::open(store)?;
    let folder = lesson.folder();
    match disk::has_room(&folder).await {
        Ok(()) => Ok(lesson),
        Err(why) => Err(format!(
            "nothing can be written to {} ({why}): make room on the disk",
            folder.display()
        )),
    }
}

async fn shutdown_requested(desk: Option<&Desk>, requests: ShutdownRequests) {
    let by_its_starter = async {
        match desk {
            Some(desk) => desk.ended().await,
            None => standard_input_closed().await,
        }
    };
    tokio::select! {
        () = by_its_starter => {}
        () = requests.next() => {}
    }
}

async fn standard_input_closed() {
    let mut buffer = [0; 64];
    while matches!(tokio::io::stdin().read(&mut buffer).await, Ok(1..)) {}
}
