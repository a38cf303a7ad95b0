//! Bytes of a server, in chunks.

use bytes::Bytes;
use scratch_mqtt::codec::{Decoder, ProtocolError};
use scratch_mqtt::packet::{Packet, ProtocolVersion};

use crate::input::Input;
use crate::opinions;

const MAX_PACKET_BYTES: usize = 4096;

/// Whatever comes is read or refused, in the same way wherever it is cut, and as other readers do.
#[test]
fn decoder() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut input = Input(input);
        let choice = input.byte();
        let version = match choice & 1 {
            0 => ProtocolVersion::V3_1_1,
            _ => ProtocolVersion::V5_0,
        };
        let size = usize::from(choice >> 1) + 1;

        let at_once = decoded(version, input.0, usize::MAX);

        assert_eq!(decoded(version, input.0, size), at_once);
        assert!(!matches!(at_once.1, Some(ProtocolError::Internal { .. })));
        opinions::compare(version, input.0);
    });
}

fn decoded(
    version: ProtocolVersion,
    bytes: &[u8],
    size: usize,
) -> (Vec<Packet>, Option<ProtocolError>) {
    let mut decoder = Decoder::new(version, MAX_PACKET_BYTES);
    let mut packets = Vec::new();
    for chunk in bytes.chunks(size) {
        decoder.push(Bytes::copy_from_slice(chunk));
        loop {
            match decoder.next_packet() {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(error) => return (packets, Some(error)),
            }
        }
    }
    (packets, None)
}
