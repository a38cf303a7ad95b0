//! The program as a teacher starts it: by a double click, without arguments.
//!
//! The class page opens in the browser. Only this computer is let in until the teacher says
//! otherwise on that page, where the program is ended too: it may have no window.

use std::io::{IsTerminal, stdin};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::front::listen;

/// How long another program may take to say what it is.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// What is read of its answer.
const MOST_ANSWER_BYTES: u64 = 4096;

/// What the teacher decides while the program runs.
#[derive(Default)]
pub struct Desk {
    is_open: AtomicBool,
    end: Notify,
}

impl Desk {
    /// Whether others than this computer are let in.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Lets others in; `true` if that was not so before.
    pub fn open(&self) -> bool {
        !self.is_open.swap(true, Ordering::Relaxed)
    }

    pub fn end(&self) {
        self.end.notify_one();
    }

    /// Until the teacher ends it.
    pub async fn ended(&self) {
        self.end.notified().await;
    }
}

/// Where the lesson is kept for this user; in memory where there is no such place.
pub fn store(tcp: SocketAddr) -> Option<PathBuf> {
    let folder = dirs::cache_dir()?.join("scratch-mqtt").join("lesson");
    Some(folder.join(tcp.port().to_string()))
}

/// Listens there, or at any free port when that is taken.
pub async fn listen_somewhere(
    address: SocketAddr,
    what: &str,
) -> Result<(TcpListener, SocketAddr), String> {
    if let Ok(listening) = listen(address).await {
        return Ok(listening);
    }
    let listening = listen(SocketAddr::new(address.ip(), 0)).await?;
    let (port, other) = (address.port(), listening.1.port());
    eprintln!("Port {port} ({what}) is taken by another program: it is {other} now.");
    Ok(listening)
}

/// Whether a class server runs at this port of this computer already.
pub async fn runs_already(port: u16) -> bool {
    let answer = tokio::time::timeout(ANSWER_LIMIT, class_json(port)).await;
    answer.is_ok_and(|answer| answer.is_ok_and(|answer| answer.contains(r#"{"mqtt":"#)))
}

async fn class_json(port: u16) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let request =
        format!("GET /class.json HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream
        .take(MOST_ANSWER_BYTES)
        .read_to_end(&mut answer)
        .await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Opens the class page in a browser, if that is wanted, and says where it is.
pub fn show(pages: u16, wants_browser: bool) {
    let address = format!("http://localhost:{pages}/class");
    println!("The class page: {address}");
    if wants_browser && open::that_detached(&address).is_err() {
        println!("No browser opened by itself. Open this address in one.");
    }
}

/// Leaves a window open until its sentence was read.
pub fn wait_for_reader() {
    if stdin().is_terminal() {
        eprintln!("Press Enter to close this window.");
        let _ = stdin().read_line(&mut String::new());
    }
}
