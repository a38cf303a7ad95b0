//! What a system says when the program should end: a terminal, a window that is closed, whoever logs off.

use tokio::sync::mpsc;

/// Until the program should end; never where the system cannot say that.
pub async fn shutdown_requested() {
    let (requests, mut requested) = mpsc::channel(1);
    system::listen(&requests);
    requested.recv().await;
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
            let requests = requests.clone();
            tokio::spawn(async move {
                match signal(kind) {
                    Ok(mut signal) => drop((signal.recv().await, requests.send(()).await)),
                    Err(_) => requests.closed().await,
                }
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
            $({
                let requests = $requests.clone();
                tokio::spawn(async move {
                    match windows::$name() {
                        Ok(mut event) => drop((event.recv().await, requests.send(()).await)),
                        Err(_) => requests.closed().await,
                    }
                });
            })+
        };
    }

    pub fn listen(requests: &Sender<()>) {
        listen_to!(requests: ctrl_c, ctrl_break, ctrl_close, ctrl_logoff, ctrl_shutdown);
    }
}
