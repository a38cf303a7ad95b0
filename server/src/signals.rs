//! What a system says when the program should end: a terminal, a window that is closed, whoever logs off.

use tokio::sync::mpsc;

/// Until the program should end; never where the system cannot say that.
pub async fn told_to_end() {
    let (told, mut tells) = mpsc::channel(1);
    system::listen(&told);
    tells.recv().await;
}

#[cfg(unix)]
mod system {
    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::mpsc::Sender;

    pub fn listen(told: &Sender<()>) {
        for kind in [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ] {
            let told = told.clone();
            tokio::spawn(async move {
                match signal(kind) {
                    Ok(mut signal) => drop((signal.recv().await, told.send(()).await)),
                    Err(_) => told.closed().await,
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
        ($told:ident: $($name:ident),+) => {
            $({
                let told = $told.clone();
                tokio::spawn(async move {
                    match windows::$name() {
                        Ok(mut event) => drop((event.recv().await, told.send(()).await)),
                        Err(_) => told.closed().await,
                    }
                });
            })+
        };
    }

    pub fn listen(told: &Sender<()>) {
        listen_to!(told: ctrl_c, ctrl_break, ctrl_close, ctrl_logoff, ctrl_shutdown);
    }
}
