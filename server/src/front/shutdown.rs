//! The end of the way from a client to the broker.

use tokio::io::AsyncWriteExt;

use crate::lane::ToBroker;

pub struct Shutdown {
    disconnect: Option<Vec<u8>>,
    to_broker: ToBroker,
}

impl Shutdown {
    pub fn new(disconnect: Option<Vec<u8>>, to_broker: ToBroker) -> Self {
        Self {
            disconnect,
            to_broker,
        }
    }

    /// The broker publishes the last will when there was no DISCONNECT, so that is sent even where what was
    /// published before it is lost. The broker has to be read meanwhile: one that cannot write does not read either.
    pub async fn run(mut self) {
        if let Some(disconnect) = self.disconnect {
            let _ = self.to_broker.write_all(&disconnect).await;
        }
        let _ = self.to_broker.shutdown().await;
    }
}
