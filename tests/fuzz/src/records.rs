//! Records of a kept session, as a damaged or foreign store may give them.

use std::time::Duration;

use scratch_mqtt::session::{Output, Record, Session, SessionOptions, StoreRequest};

use crate::input::Input;

/// Records are taken or discarded as a whole, and the page goes on.
#[test]
fn records() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut input = Input(input);
        let mut session = Session::new(1);
        let options = SessionOptions {
            clean_session: false,
            keep_session: true,
            client_id_is_chosen: true,
            ..SessionOptions::new("ws://broker/mqtt", "pupil")
        };
        session.connect(Duration::ZERO, options).unwrap();
        let Some(identity) = std::iter::from_fn(|| session.poll_output()).find_map(identity_of)
        else {
            panic!("nothing is asked for");
        };

        session.handle_loaded(
            Duration::from_secs(1),
            Duration::from_secs(1 << 30),
            identity,
            &records_in(&mut input, identity),
        );

        let opened = std::iter::from_fn(|| session.poll_output())
            .any(|output| matches!(output, Output::Open { .. }));
        assert!(opened);
    });
}

fn identity_of(output: Output) -> Option<u64> {
    match output {
        Output::Store(StoreRequest::Load { identity }) => Some(identity),
        _ => None,
    }
}

/// Sorted by their keys, with the sum at their end that makes them whole, unless the input says otherwise.
fn records_in(input: &mut Input<'_>, identity: u64) -> Vec<Record> {
    let mut records = Vec::new();
    while !input.is_empty() && records.len() < 64 {
        let kind = input.byte();
        let number = u64::from(input.byte());
        let key = match kind & 7 {
            0 => 0,
            1 => number,
            2 => (1 << 40) + number,
            3 => (1 << 41) + number,
            _ => u64::from_be_bytes([kind; 8]),
        };
        let mut value = input.piece().to_vec();
        if key == 0 && kind & 8 == 0 && value.len() >= 10 {
            value[2..10].copy_from_slice(&identity.to_be_bytes());
        }
        if kind & 16 == 0 {
            let summed = [&key.to_be_bytes()[..], &value].concat();
            value.extend(fnv(&summed).to_be_bytes());
        }
        records.push((key, value));
    }
    records.sort();
    records.dedup_by_key(|(key, _)| *key);
    records
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
