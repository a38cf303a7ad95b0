//! Messages that are sent as fast as the network takes them.

use std::str::SplitWhitespace;
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::packets;

/// How many bytes one `write` gets, so that small packets do not cost a system call each.
const CHUNK_BYTES: usize = 256 * 1024;

/// What the page wants to receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burst {
    pub count: usize,
    pub payload_bytes: usize,
    pub packets_per_frame: usize,
    /// Frames in a second; 0: as fast as possible.
    pub frames_per_second: u32,
    pub topic: String,
}

impl Burst {
    /// Reads `COUNT PAYLOAD_BYTES PACKETS_PER_FRAME FRAMES_PER_SECOND TOPIC`.
    pub fn read(words: &mut SplitWhitespace) -> Option<Self> {
        Some(Self {
            count: words.next()?.parse().ok()?,
            payload_bytes: words.next()?.parse().ok()?,
            packets_per_frame: words.next()?.parse().ok().filter(|count| *count > 0)?,
            frames_per_second: words.next()?.parse().ok()?,
            topic: words.next()?.to_owned(),
        })
    }

    /// Writes it all; `wrap` puts the packets of one frame into it.
    pub fn send(
        &self,
        level: u8,
        wrap: impl Fn(&[u8]) -> Vec<u8>,
        mut write: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let payload = vec![b'x'; self.payload_bytes];
        let packet = packets::publish(level, &self.topic, &payload);
        let full = wrap(&packet.repeat(self.packets_per_frame));
        let last = wrap(&packet.repeat(self.count % self.packets_per_frame));
        let frames = self.count / self.packets_per_frame;
        if self.frames_per_second > 0 {
            let pause = Duration::from_secs(1) / self.frames_per_second;
            let began = Instant::now();
            for index in 0..frames {
                let due = began + pause * u32::try_from(index).unwrap_or(u32::MAX);
                thread::sleep(due.saturating_duration_since(Instant::now()));
                write(&full)?;
            }
        } else {
            let per_chunk = (CHUNK_BYTES / full.len()).clamp(1, frames.max(1));
            let chunk = full.repeat(per_chunk);
            for _ in 0..frames / per_chunk {
                write(&chunk)?;
            }
            write(&full.repeat(frames % per_chunk))?;
        }
        if self.count.is_multiple_of(self.packets_per_frame) {
            return Ok(());
        }
        write(&last)
    }
}

#[cfg(test)]
mod tests {
    use super::Burst;
    use crate::packets::Packet;

    fn packets_of(text: &str) -> (usize, usize) {
        let burst = Burst::read(&mut text.split_whitespace()).unwrap();
        let mut bytes = Vec::new();
        let frames = std::cell::Cell::new(0);
        let wrap = |packets: &[u8]| {
            frames.set(frames.get() + 1);
            packets.to_vec()
        };
        let write = |chunk: &[u8]| {
            bytes.extend(chunk);
            Ok(())
        };
        burst.send(4, wrap, write).unwrap();
        let mut rest = bytes.as_slice();
        let mut count = 0;
        while let Some((packet, after)) = Packet::split(rest) {
            assert_eq!(packet.topic(), Some(b"bench/in".as_slice()));
            rest = after;
            count += 1;
        }
        (count, rest.len())
    }

    #[test]
    fn burst_has_exactly_as_many_packets_as_were_asked_for() {
        assert_eq!(packets_of("1000 16 64 0 bench/in"), (1000, 0));
        assert_eq!(packets_of("64 16 64 0 bench/in"), (64, 0));
        assert_eq!(packets_of("3 16 64 0 bench/in"), (3, 0));
        assert_eq!(packets_of("5 300000 1 0 bench/in"), (5, 0));
        assert_eq!(packets_of("5 16 2 1000 bench/in"), (5, 0));
    }
}
