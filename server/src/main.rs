//! The local broker behind `npm start`: MQTT 3.1.1 and 5.0, over TCP and over WebSocket.
//!
//! ```text
//! scratch-mqtt-server 127.0.0.1:1883 127.0.0.1:8083
//! ```
//!
//! The first address is for TCP, the second for WebSocket (path `/mqtt`); port 0 is any free one.
//! When both listen, one line is printed: `ready TCP-ADDRESS WEBSOCKET-ADDRESS`. The broker ends
//! when its standard input is closed, so that it never outlives the program that started it.

mod login;
mod settings;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use mqtt5::broker::MqttBroker;
use tokio::io::AsyncReadExt;

use crate::login::Login;

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
    let (tcp, websocket) = addresses()?;
    let mut broker = MqttBroker::with_config(settings::broker(tcp, websocket))
        .await
        .map_err(|error| format!("cannot listen on {tcp}: {error}"))?
        .with_auth_provider(Arc::new(Login));
    let tcp = broker
        .local_addr()
        .ok_or_else(|| format!("cannot listen on {tcp}"))?;
    let websocket = broker
        .ws_local_addr()
        .ok_or_else(|| format!("cannot listen on {websocket}"))?;

    let mut ready = broker.ready_receiver();
    let broker = tokio::spawn(async move { broker.run().await });
    if ready.wait_for(|ready| *ready).await.is_ok() {
        println!("ready {tcp} {websocket}");
    }
    tokio::select! {
        () = standard_input_closed() => Ok(()),
        ended = broker => match ended {
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok(())) | Err(_) => Err("the broker ended by itself".to_string()),
        },
    }
}

fn addresses() -> Result<(SocketAddr, SocketAddr), String> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| {
        let text = arguments
            .next()
            .ok_or_else(|| format!("the {what} address is missing"))?;
        text.parse::<SocketAddr>()
            .map_err(|error| format!("{what} address {text}: {error}"))
    };
    Ok((next("TCP")?, next("WebSocket")?))
}

async fn standard_input_closed() {
    let mut buffer = [0; 64];
    while matches!(tokio::io::stdin().read(&mut buffer).await, Ok(1..)) {}
}
