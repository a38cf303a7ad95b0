//! A session that outlives its page: received messages.

use std::time::Duration;

use bytes::Bytes;
use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::Closed;

use crate::keep::{keeping, keeping_with, kept};
use crate::pair::{Pair, VERSION, options};
use crate::test;
use crate::wire::{publish, pubrel};

fn hello(id: u16) -> Vec<u8> {
    publish("a", "hello").exactly_once(id).bytes(VERSION)
}

fn again(id: u16) -> Vec<u8> {
    publish("a", "hello").exactly_once(id).dup().bytes(VERSION)
}

/// [MQTT-4.3.3-2]
#[test]
fn pubrec_waits_until_the_number_is_stored() {
    let mut pair = keeping();

    pair.server_sends(hello(7));

    assert_eq!(pair.messages(), ["a: hello"]);
    assert_eq!(pair.sent(), [""; 0]);
    pair.stores();
    assert_eq!(pair.sent(), ["PUBREC 7"]);
}

/// A page may end at any moment after it got an event, and a write that waits for another one may be lost with it.
#[test]
fn message_waits_while_the_number_of_an_earlier_one_is_being_written() {
    let mut pair = keeping();

    pair.server_sends(hello(7));
    pair.server_sends(hello(8));
    pair.server_sends(hello(9));

    assert_eq!(pair.messages(), ["a: hello"]);
    assert_eq!(pair.asked.len(), 1);
    pair.stores_once();
    assert_eq!(pair.sent(), ["PUBREC 7"]);
    assert_eq!(pair.messages(), ["a: hello", "a: hello"]);
    assert_eq!(pair.asked.len(), 1);
    pair.stores_once();
    assert_eq!(pair.sent(), ["PUBREC 8", "PUBREC 9"]);
}

/// Each answer of the store finds something new to write.
#[test]
fn message_that_waits_for_the_store_is_emitted_before_more_is_written() {
    let mut pair = keeping();
    pair.publish("b", "mine", QoS::AtLeastOnce);
    assert_eq!(pair.asked.len(), 1);
    pair.server_sends(hello(7));
    assert_eq!(pair.messages(), [""; 0]);
    pair.publish("b", "another", QoS::AtLeastOnce);

    pair.stores_once();

    assert_eq!(pair.messages(), ["a: hello"]);
}

/// A store that does not answer holds nothing up for ever.
#[test]
fn message_is_emitted_when_the_store_has_failed() {
    let mut pair = keeping();
    pair.server_sends(hello(7));
    pair.server_sends(hello(8));
    assert_eq!(pair.messages(), ["a: hello"]);

    pair.advance(Duration::from_secs(10));

    assert_eq!(pair.messages(), ["a: hello"]);
}

#[test]
fn message_with_qos_1_does_not_wait_for_the_store() {
    let mut pair = keeping();
    pair.server_sends(hello(7));
    assert_eq!(pair.messages(), ["a: hello"]);

    pair.server_sends(publish("a", "again").at_least_once(8).bytes(VERSION));

    assert_eq!(pair.messages(), ["a: again"]);
}

/// [MQTT-4.3.3-2]
#[test]
fn message_that_was_taken_is_not_delivered_to_the_next_page() {
    let mut pair = keeping();
    pair.server_sends(hello(7));
    pair.stores();
    pair.messages();

    pair.reload();
    pair.accept(true);
    pair.server_sends(again(7));

    assert_eq!(pair.messages(), [""; 0]);
    assert_eq!(pair.sent(), ["CONNECT", "PUBREC 7"]);
}

/// Better twice than never: the server sends again what was not acknowledged.
#[test]
fn page_that_ends_before_the_number_is_stored_leaves_the_message_to_the_next() {
    let mut pair = keeping();
    pair.server_sends(hello(7));
    pair.messages();

    pair.reload();
    pair.accept(true);
    pair.server_sends(again(7));

    assert_eq!(pair.messages(), ["a: hello"]);
}

#[test]
fn message_that_nobody_took_is_left_to_the_next_page() {
    let mut pair = keeping();
    let connection = pair.connection().unwrap();
    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&hello(7)));
    pair.drain_without_events();
    pair.stores_without_events();

    pair.reload();
    pair.accept(true);
    pair.server_sends(again(7));

    assert_eq!(pair.messages(), ["a: hello"]);
}

/// An acknowledgement says that the application has it.
#[test]
fn repetition_of_a_message_that_nobody_took_is_acknowledged_when_it_is_taken() {
    let mut pair = keeping();
    message_nobody_takes_and_lost_connection(&mut pair);
    pair.busy_reconnect(true);
    let connection = pair.connection().unwrap();
    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&again(7)));
    pair.drain_without_events();
    assert_eq!(pair.sent(), ["CONNECT"]);

    pair.drain();
    pair.stores();

    assert_eq!(pair.messages(), ["a: hello"]);
    assert_eq!(pair.sent(), ["PUBREC 7"]);
}

/// [MQTT-4.3.3-2]
#[test]
fn pubcomp_waits_until_the_number_is_free() {
    let mut pair = keeping();
    pair.server_sends(hello(7));
    pair.stores();
    pair.sent();
    pair.messages();

    pair.server_sends(pubrel(7));
    assert_eq!(pair.sent(), [""; 0]);
    pair.stores();

    assert_eq!(pair.sent(), ["PUBCOMP 7"]);
    pair.reload();
    pair.accept(true);
    pair.server_sends(hello(7));
    assert_eq!(pair.messages(), ["a: hello"]);
}

#[test]
fn numbers_of_a_session_that_the_server_lost_mean_new_messages() {
    for id in [1, 7, u16::MAX] {
        let mut pair = keeping();
        pair.server_sends(hello(id));
        pair.stores();
        pair.reload();
        pair.accept(false);
        pair.stores();
        pair.messages();

        pair.reload();
        pair.accept(true);
        pair.server_sends(hello(id));

        assert_eq!(pair.messages(), ["a: hello"], "{id}");
    }
}

#[test]
fn message_of_a_lost_session_that_is_taken_late_blocks_no_number() {
    let mut pair = keeping();
    message_nobody_takes_and_lost_connection(&mut pair);
    pair.busy_reconnect(false);
    pair.drain();
    pair.stores();
    pair.messages();

    pair.reload();
    pair.accept(true);
    pair.server_sends(hello(7));

    assert_eq!(pair.messages(), ["a: hello"]);
}

/// [MQTT-4.3.2-2]
#[test]
fn qos1_is_acknowledged_when_it_is_taken() {
    let mut pair = keeping_with(kept(options()));

    pair.server_sends(publish("a", "hello").at_least_once(3).bytes(VERSION));

    assert_eq!(pair.messages(), ["a: hello"]);
    assert_eq!(pair.sent(), ["PUBACK 3"]);
}

/// Subscriptions are the program's own: the next page makes them again.
#[test]
fn filters_are_not_kept() {
    let mut pair = keeping();
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.stores();

    pair.reload();
    pair.accept(true);

    assert_eq!(pair.sent(), ["CONNECT"]);
}

/// The application is busy: it takes no event.
fn message_nobody_takes_and_lost_connection(pair: &mut Pair) {
    let connection = pair.connection().unwrap();
    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&hello(7)));
    let ended = Closed::Ended {
        code: 1006,
        clean: false,
    };
    pair.session.handle_closed(pair.now, connection, ended);
}
