//! What a system says when the program should end: a terminal, a window that is closed, whoever logs off.

use tokio::sync::mpsc::{Receiver, channel};

/// What has been said since [`ShutdownRequests::listen`]. Whatever is said before ends the program at once, in the
/// middle of its work.
pub struct ShutdownRequests(Receiver<()>);

impl ShutdownRequests {
    pub fn listen() -> Self {
        let (requests, requested) = channel(1);
        system::listen(&requests);
        Self(requested)
    }

    /// Until the program should end; never where the system cannot say that.
    pub async fn next(mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
mod system {
    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::mpsc::Sender;

    pub fn listen(requests: &Sender<()>) {
        for kind in [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ] {
            let Ok(mut signal) = signal(kind) else {
                continue;
            };
            let requests = requests.clone();
            tokio::spawn(async move {
                signal.recv().await;
                let _ = requests.send(()).await;
            });
        }
    }
}

/// Closing the window gives the program five seconds.
#[cfg(windows)]
mod system {
    use tokio::signal::windows;
    use tokio::sync::mpsc::Sender;

    macro_rules! listen_to {
        ($requests:ident: $($name:ident),+) => {
            $(if let Ok(mut event) = windows::$name() {
                let requests = $requests.clone();
                tokio::spawn(async move {
                    event.recv().await;
                    let _ = requests.send(()).await;
                });
            })+
        };
    }

    pub fn listen(requests: &Sender<()>) {
        listen_to!(requests: ctrl_c, ctrl_break, ctrl_close, ctrl_logoff, ctrl_shutdown);
    }
}
