//! The end of the program, as its clients see it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long clients may take to read why, and to hang up.
const LIMIT: Duration = Duration::from_secs(1);

/// Counts the connections of clients, and ends them.
#[derive(Default)]
pub struct Closing {
    has_begun: watch::Sender<bool>,
    open: watch::Sender<usize>,
}

/// A connection of a client.
pub struct Open<'a>(&'a Closing);

impl Closing {
    /// A connection begins.
    pub fn opens(&self) -> Open<'_> {
        self.open.send_modify(|open| *open += 1);
        Open(self)
    }

    /// Until the program ends.
    pub async fn begins(&self) {
        // The sender is in here.
        let _ = self.has_begun.subscribe().wait_for(|begun| *begun).await;
    }

    /// Ends all connections. No new ones may come.
    pub async fn end_all(&self) {
        self.has_begun.send_replace(true);
        let mut open = self.open.subscribe();
        let _ = timeout(LIMIT, open.wait_for(|open| *open == 0)).await;
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{Closing, LIMIT};

    #[tokio::test(start_paused = true)]
    async fn all_are_waited_for_but_not_for_ever() {
        let closing = Closing::default();
        let hangs = closing.opens();
        let began = Instant::now();
        let leaves = async {
            let _open = closing.opens();
            closing.begins().await;
        };

        tokio::join!(leaves, closing.end_all());
        assert_eq!(began.elapsed(), LIMIT);

        drop(hangs);
        closing.end_all().await;
        assert_eq!(began.elapsed(), LIMIT);
    }
}
