//! The broker inside: on a port of its own that only this computer reaches, started again when it ends.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mqtt5::broker::MqttBroker;
use tokio::task::JoinHandle;

use crate::keeper::Keeper;
use crate::settings;

/// Before a broker that ended is started again.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Where the broker is now.
#[derive(Clone)]
pub struct Broker {
    address: Arc<Mutex<SocketAddr>>,
}

/// A broker that runs, until it ends.
pub type Running = JoinHandle<String>;

impl Broker {
    /// Starts the broker.
    pub async fn start() -> Result<(Self, Running), String> {
        let (address, running) = start().await?;
        let address = Arc::new(Mutex::new(address));
        Ok((Self { address }, running))
    }

    pub fn address(&self) -> SocketAddr {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the broker again whenever it ends; its clients come back by themselves.
    pub async fn keep_running(&self, mut running: Running) {
        loop {
            let why = match running.await {
                Ok(why) => why,
                Err(panic) => panic.to_string(),
            };
            eprintln!("The broker ended by itself and is started again: {why}");
            running = self.start_again().await;
        }
    }

    async fn start_again(&self) -> Running {
        let mut pause = PAUSE;
        loop {
            tokio::time::sleep(pause).await;
            match start().await {
                Ok((address, running)) => {
                    *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
                    return running;
                }
                Err(problem) => eprintln!("The broker did not start: {problem}"),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

async fn start() -> Result<(SocketAddr, Running), String> {
    let keeper = Arc::new(Keeper::default());
    let mut broker = MqttBroker::with_config(settings::broker(Arc::clone(&keeper) as _))
        .await
        .map_err(|error| error.to_string())?
        .with_auth_provider(Arc::clone(&keeper) as _);
    keeper.look_into(&broker);
    let address = broker.local_addr().ok_or("it has no address")?;
    let mut ready = broker.ready_receiver();
    let running = tokio::spawn(async move {
        tokio::select! {
            ended = broker.run() => match ended {
                Ok(()) => "it was done".to_string(),
                Err(error) => error.to_string(),
            },
            () = keeper.relieve() => String::new(),
        }
    });
    ready
        .wait_for(|ready| *ready)
        .await
        .map_err(|_| "it ended at once".to_string())?;
    Ok((address, running))
}
