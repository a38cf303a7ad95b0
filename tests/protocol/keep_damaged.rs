//! A store that was damaged, or written by somebody else.

use std::collections::BTreeMap;

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{Event, State, Warning};

use crate::keep::{keeping, keeping_with, kept};
use crate::pair::{Pair, V5, VERSION, options};
use crate::test;
use crate::wire::{property, publish, pubrec};

type Records = BTreeMap<u64, Vec<u8>>;

const MESSAGES: u64 = 1 << 40;
const PLACES: u64 = 1 << 41;

const SUBSCRIPTION_ID: u8 = 0x0B;
const TOPIC_ALIAS: u8 = 0x23;

/// One record of each kind.
fn records() -> Records {
    let mut pair = keeping_with(scratch_mqtt::session::SessionOptions {
        send_maximum: 2,
        ..kept(options())
    });
    pair.publish("a", "released", QoS::ExactlyOnce);
    pair.publish("a", "on its way", QoS::ExactlyOnce);
    pair.publish("a", "waiting", QoS::AtLeastOnce);
    pair.stores();
    pair.server_sends(pubrec(1));
    pair.server_sends(publish("b", "hello").exactly_once(7).bytes(VERSION));
    pair.stores();
    assert_eq!(pair.disk.len(), 6);
    pair.disk
}

/// A page that finds these records, and the events that it got.
fn found(records: Records) -> (Pair, Vec<Event>) {
    let mut pair = Pair::with(kept(options()));
    pair.disk = records;
    pair.reload();
    let events = pair.events();
    (pair, events)
}

fn is_discarded(events: &[Event]) -> bool {
    events.contains(&Event::Warning(Warning::SessionDiscarded))
}

#[test]
fn whole_records_are_taken() {
    let (pair, events) = found(records());

    assert!(!is_discarded(&events));
    assert_eq!(pair.session.statistics().waiting, 3);
}

/// [MQTT-2.3.1-2]
#[test]
fn number_that_an_earlier_page_has_in_use_is_not_handed_out() {
    let mut changed = records();
    let mut head = changed[&0][..10].to_vec();
    head.extend(u16::MAX.to_be_bytes());
    changed.insert(0, sealed(0, head));

    let (mut pair, _) = found(changed);
    pair.accept(true);
    pair.stores();

    assert_eq!(
        pair.sent(),
        [
            "CONNECT",
            "PUBREL 1",
            "PUBLISH 2 q2 dup a: on its way",
            "PUBLISH 3 q1 a: waiting"
        ]
    );
}

#[test]
fn damaged_session_is_discarded_as_a_whole_and_the_page_goes_on() {
    let mut changed = records();
    changed.get_mut(&0).unwrap()[0] = 0;

    let (mut pair, events) = found(changed);

    assert!(is_discarded(&events));
    assert_eq!(pair.session.statistics().waiting, 0);
    assert_eq!(pair.disk.len(), 1);
    pair.accept(false);
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.stores();
    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q1 a: 1"]);
}

#[test]
fn session_in_a_later_form_is_discarded() {
    // With a checksum that is right, as the program of tomorrow would write it.
    let whole = records();
    let mut value = whole[&0][..whole[&0].len() - 8].to_vec();
    value[0] += 1;
    let mut changed = whole;
    changed.insert(0, sealed(0, value));

    assert!(is_discarded(&found(changed).1));
}

#[test]
fn session_of_another_client_is_discarded() {
    let mut pair = Pair::with(kept(options()));
    pair.options.client_id = "somebody".into();
    pair.disk = records();

    pair.reload();

    assert!(is_discarded(&pair.events()));
}

#[test]
fn every_byte_counts() {
    let whole = records();
    for (key, value) in &whole {
        for place in 0..value.len() {
            for flip in [1, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed.get_mut(key).unwrap()[place] ^= flip;

                assert!(is_discarded(&found(changed).1), "byte {place} of {key}");
            }
        }
        for length in 0..value.len() {
            let mut changed = whole.clone();
            changed.get_mut(key).unwrap().truncate(length);

            assert!(is_discarded(&found(changed).1), "{length} bytes of {key}");
        }
    }
}

#[test]
fn value_under_another_key_is_discarded() {
    let whole = records();
    for key in whole.keys() {
        for other in [
            1,
            7,
            8,
            MESSAGES,
            MESSAGES + 9,
            PLACES,
            PLACES + 9,
            u64::MAX,
        ] {
            let mut changed = whole.clone();
            let value = changed.remove(key).unwrap();
            let taken = changed.insert(other, value);

            let moved = *key != other && taken.is_none();
            assert!(
                !moved || is_discarded(&found(changed).1),
                "{key} to {other}"
            );
        }
    }
}

#[test]
fn place_without_its_message_is_discarded() {
    let mut changed = records();
    changed.remove(&(MESSAGES + 2));

    assert!(is_discarded(&found(changed).1));
}

/// With a checksum that is right.
#[test]
fn message_that_no_client_publishes_is_discarded() {
    let with = |property| publish("a", "1").at_least_once(1).with_property(property);
    for (number, message, is_ours) in [
        (9, publish("a", "1").at_least_once(1), true),
        (0, publish("a", "1").at_least_once(1), false),
        (9, publish("a", "1"), false),
        (9, with(&property(TOPIC_ALIAS, &[0, 1])), false),
        (9, with(&property(SUBSCRIPTION_ID, &[1])), false),
    ] {
        let value = [&0_u64.to_be_bytes()[..], &message.bytes(V5)].concat();
        let key = MESSAGES + number;
        let mut changed = records();
        changed.insert(key, sealed(key, value));

        assert_eq!(!is_discarded(&found(changed).1), is_ours, "{message:?}");
    }
}

/// Whatever the records say, with checksums that are right: never a panic, and always a client that
/// connects.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn no_record_ends_the_page() {
    let whole = records();
    let mut chance = 0x5EED_u64;
    let mut below = |end: usize| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (chance >> 33) as usize % end
    };
    let mut taken = 0;
    let inputs = std::env::var("RECORD_INPUTS").map_or(20_000, |number| number.parse().unwrap());
    for _ in 0..inputs {
        let mut changed = whole.clone();
        for _ in 0..=below(3) {
            let (key, value) = {
                let (key, value) = changed.iter().nth(below(changed.len())).unwrap();
                (*key, value.clone())
            };
            let mut value = value[..value.len() - 8].to_vec();
            let mut new_key = key;
            match below(6) {
                0 => drop(changed.remove(&key)),
                1 => value.truncate(below(value.len() + 1)),
                2 => value.extend((0..below(20)).map(|_| below(256) as u8)),
                3 => new_key = [0, 1, 65_535, 65_536, MESSAGES, PLACES, u64::MAX][below(7)],
                4 if key > 0 => new_key = key.saturating_sub(below(3) as u64),
                _ if !value.is_empty() => {
                    let place = below(value.len());
                    value[place] = below(256) as u8;
                }
                _ => {}
            }
            let sum = fnv(&[&new_key.to_be_bytes()[..], &value].concat());
            value.extend(sum.to_be_bytes());
            changed.insert(new_key, value);
        }

        let (mut pair, events) = found(changed);

        taken += u32::from(!is_discarded(&events));
        assert_eq!(pair.session.state(), State::Connecting);
        pair.accept(true);
        pair.stores();
        pair.server_sends(publish("b", "hello").exactly_once(7).bytes(VERSION));
        pair.stores();
    }
    assert!(taken > 0);
}

#[test]
fn store_of_a_kept_session_may_be_empty() {
    let (pair, events) = found(Records::new());

    assert!(!is_discarded(&events));
    assert_eq!(pair.session.state(), State::Connecting);
    assert_eq!(keeping().disk.len(), 1);
}

/// A value with its checksum.
fn sealed(key: u64, mut value: Vec<u8>) -> Vec<u8> {
    let sum = fnv(&[&key.to_be_bytes()[..], &value].concat());
    value.extend(sum.to_be_bytes());
    value
}

/// FNV-1a.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
