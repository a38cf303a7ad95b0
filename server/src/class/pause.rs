//! Whether the teacher has paused the class: nobody's messages reach the others until it goes on.

use tokio::sync::watch;

/// It ends with the lesson, or with the program.
#[derive(Default)]
pub struct Pause(watch::Sender<bool>);

impl Pause {
    pub fn set(&self, is_paused: bool) {
        self.0.send_replace(is_paused);
    }

    pub fn watch(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}
