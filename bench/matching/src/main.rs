//! Receives messages in a client with many subscriptions. A tool that counts instructions, such as
//! callgrind, counts only inside [`measured_delivery`].
//!
//! ```text
//! scratch-mqtt-matching KIND FILTERS MESSAGES
//! ```
//!
//! | kind | the filters, with a number for `N` |
//! |---|---|
//! | `exact` | `room/N/state` |
//! | `plus` | `room/N/+` |
//! | `hash` | `+/N/#` |

use std::process::ExitCode;
use std::time::Duration;

use scratch_mqtt::packet::{ProtocolVersion, QoS};
use scratch_mqtt::session::{
    ConnectionId, Event, Output, Owner, Session, SessionOptions, VersionPolicy,
};
use scratch_mqtt::topic::TopicFilter;

const NOW: Duration = Duration::from_secs(1);
const TOPIC: &[u8] = b"room/1/state";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().ok_or("the kind is missing")?;
    let mut number = || {
        let text = arguments.next().ok_or("a number is missing")?;
        text.parse::<usize>()
            .map_err(|error| format!("{text}: {error}"))
    };
    let (filters, messages) = (number()?, number()?);
    let (mut session, connection) = connected()?;
    for n in 1..=filters {
        let text = match kind.as_str() {
            "exact" => format!("room/{n}/state"),
            "plus" => format!("room/{n}/+"),
            "hash" => format!("+/{n}/#"),
            _ => return Err(format!("there is no kind {kind}")),
        };
        let filter = TopicFilter::new(&text).map_err(|error| format!("{text}: {error:?}"))?;
        session
            .subscribe(NOW, Owner(0), &filter, QoS::AtMostOnce)
            .map_err(|error| format!("{text}: {error:?}"))?;
    }
    drain(&mut session);
    let bytes = publish();
    let found = (0..messages)
        .map(|_| measured_delivery(&mut session, connection, &bytes))
        .sum::<usize>();
    if found == messages {
        return Ok(());
    }
    Err(format!("{found} filters matched {messages} messages"))
}

/// Bytes of one PUBLISH in, the message out; gives the number of filters that match it.
#[inline(never)]
fn measured_delivery(session: &mut Session, connection: ConnectionId, bytes: &[u8]) -> usize {
    session.handle_bytes(NOW, connection, bytes.to_vec().into());
    let mut found = 0;
    while let Some(output) = session.poll_output() {
        if let Output::Event(Event::MessageReceived(received)) = output {
            found += received.subscriptions.len();
        }
    }
    found
}

fn connected() -> Result<(Session, ConnectionId), String> {
    let mut session = Session::new(1);
    let options = SessionOptions {
        version: VersionPolicy::Only(ProtocolVersion::V3_1_1),
        keep_alive: Duration::ZERO,
        ..SessionOptions::new("ws://broker/mqtt", "bench")
    };
    session
        .connect(NOW, options)
        .map_err(|error| format!("{error:?}"))?;
    let Some(Output::Open { connection, .. }) = session.poll_output() else {
        return Err("the session opens no connection".to_owned());
    };
    session.handle_opened(NOW, connection, "mqtt");
    drain(&mut session);
    session.handle_bytes(NOW, connection, vec![0x20, 2, 0, 0].into());
    drain(&mut session);
    Ok((session, connection))
}

fn drain(session: &mut Session) {
    while session.poll_output().is_some() {}
}

fn publish() -> Vec<u8> {
    let payload = [b'x'; 16];
    let mut bytes = vec![
        0x30,
        (2 + TOPIC.len() + payload.len()) as u8,
        0,
        TOPIC.len() as u8,
    ];
    bytes.extend(TOPIC);
    bytes.extend(payload);
    bytes
}
