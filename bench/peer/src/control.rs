//! What the page asks of the peer, in words:
//!
//! | from the page | to the page |
//! |---|---|
//! | `await STEP COUNT` | `awaiting`, then `arrived N` at each step and at the count |
//! | `behind` | `ready`: the client of the real broker is connected and subscribed |
//! | `send null BURST`, `send behind BURST` | nothing: the burst goes to the client under test |

use std::str::SplitWhitespace;
use std::sync::Arc;

use tungstenite::Message;

use crate::Peer;
use crate::burst::Burst;
use crate::wire::{BINARY, Ended, Sender, Wire, frame};

/// One page.
pub struct Control<'a> {
    wire: Wire,
    page: Sender,
    peer: &'a Arc<Peer>,
}

impl<'a> Control<'a> {
    pub fn new(wire: Wire, peer: &'a Arc<Peer>) -> Self {
        let page = wire.sender().clone();
        Self { wire, page, peer }
    }

    /// Obeys until the page leaves.
    pub fn run(mut self) -> Result<(), Ended> {
        loop {
            match self.wire.next()? {
                Message::Text(text) => match self.obey(&mut text.split_whitespace()) {
                    Ok(Some(answer)) => self.page.text(answer)?,
                    Ok(None) => {}
                    Err(problem) => self.page.text(&format!("problem {text}: {problem}"))?,
                },
                Message::Close(_) => return Ok(()),
                _ => {}
            }
        }
    }

    fn obey(&self, words: &mut SplitWhitespace) -> Result<Option<&'static str>, String> {
        let number = |word: Option<&str>| word.and_then(|text| text.parse::<u64>().ok());
        match words.next() {
            Some("await") => {
                let (Some(step), Some(until)) = (number(words.next()), number(words.next())) else {
                    return Err("two numbers are needed".to_owned());
                };
                self.peer.count.begin(&self.page, step, until);
                Ok(Some("awaiting"))
            }
            Some("behind") => {
                let behind = self.peer.behind.as_ref().ok_or("there is no broker")?;
                behind
                    .connect(self.peer)
                    .map_err(|error| error.to_string())?;
                Ok(Some("ready"))
            }
            Some("send") => self.send(words).map(|()| None),
            _ => Err("no such command".to_owned()),
        }
    }

    fn send(&self, words: &mut SplitWhitespace) -> Result<(), String> {
        let place = words.next();
        let burst = Burst::read(words).ok_or("five values are needed")?;
        let sent = match place {
            Some("null") => {
                let (level, client) = self.peer.links.newest().ok_or("no client is here")?;
                let wrap = |packets: &[u8]| frame(BINARY, packets);
                burst.send(level, wrap, |frames| client.write(frames))
            }
            Some("behind") => {
                let behind = self.peer.behind.as_ref().ok_or("there is no broker")?;
                behind.publish(&burst)
            }
            _ => return Err("null or behind".to_owned()),
        };
        sent.map_err(|error| error.to_string())
    }
}
