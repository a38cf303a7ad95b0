//! Every option as the bytes that it becomes, or as what it changes where it is not sent.

use js_sys::{Array, Uint8Array};
use scratch_mqtt::browser::options::session_options;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake::{CONNACK, CONNACK_3_1_1, Fake, publish};
use crate::heard::{Heard, number, object, property, text};
use crate::wait::{pending_work, until};

const ANYWHERE: &str = "ws://broker.example/mqtt";

type Options = Vec<(&'static str, JsValue)>;

/// What CONNECT holds; every field has the bytes of the default options.
struct Connect {
    level: u8,
    flags: u8,
    keep_alive: [u8; 2],
    properties: Vec<Vec<u8>>,
    /// Behind the Client Identifier.
    fields: Vec<Vec<u8>>,
}

/// Clean Start, and nothing else.
const CLEAN: u8 = 0b0000_0010;

impl Connect {
    fn v5() -> Self {
        Self {
            level: 5,
            flags: CLEAN,
            keep_alive: [0, 60],
            properties: vec![
                // Session Expiry Interval 300.
                vec![0x11, 0, 0, 1, 0x2c],
                // Receive Maximum 100.
                vec![0x21, 0, 100],
                // Maximum Packet Size 16 MiB.
                vec![0x27, 1, 0, 0, 0],
                // Topic Alias Maximum 10.
                vec![0x22, 0, 10],
            ],
            fields: Vec::new(),
        }
    }

    fn v3() -> Self {
        Self {
            level: 4,
            properties: Vec::new(),
            ..Self::v5()
        }
    }

    /// With another value for a property, or one more.
    fn property(mut self, bytes: &[u8]) -> Self {
        let given = self
            .properties
            .iter_mut()
            .find(|other| other.first() == bytes.first());
        match given {
            Some(other) => *other = bytes.to_vec(),
            None => self.properties.push(bytes.to_vec()),
        }
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let properties = self.properties.concat();
        let length = [properties.len() as u8];
        let properties: &[&[u8]] = match self.level {
            5 => &[&length, &properties],
            _ => &[],
        };
        let body = [
            field(b"MQTT"),
            vec![self.level, self.flags],
            self.keep_alive.to_vec(),
            properties.concat(),
            field(b"alice"),
            self.fields.concat(),
        ]
        .concat();
        assert!(body.len() < 128);
        [&[0x10, body.len() as u8], body.as_slice()].concat()
    }
}

/// A text or binary field: its length and its bytes.
fn field(bytes: &[u8]) -> Vec<u8> {
    [&[0, bytes.len() as u8], bytes].concat()
}

async fn opened(fake: &Fake, options: &[(&str, JsValue)]) -> Heard {
    let heard = Heard::new();
    let given = [("url", ANYWHERE.into()), ("clientId", "alice".into())];
    heard.connect(&[given.as_slice(), options].concat());
    pending_work().await;
    fake.socket(0).call("onopen", &JsValue::UNDEFINED);
    heard
}

async fn accepted(fake: &Fake, options: &[(&str, JsValue)], connack: &[u8]) -> Heard {
    let heard = opened(fake, options).await;
    fake.socket(0).receive(connack);
    assert_eq!(heard.client.state(), "connected");
    heard
}

/// What was sent last, after everything requested was carried out.
async fn last_sent(fake: &Fake) -> Vec<u8> {
    pending_work().await;
    fake.socket(0).sent().pop().unwrap()
}

fn will(more: &[(&'static str, JsValue)]) -> JsValue {
    let least = [("topic", "t".into()), ("payload", "p".into())];
    object(&[least.as_slice(), more].concat())
}

#[wasm_bindgen_test]
async fn every_option_of_5_0_is_in_connect() {
    let cases: Vec<(Options, Connect)> = vec![
        (vec![], Connect::v5()),
        (
            vec![("username", "guest".into()), ("password", "test".into())],
            Connect {
                flags: CLEAN | 0b1100_0000,
                fields: vec![field(b"guest"), field(b"test")],
                ..Connect::v5()
            },
        ),
        (
            vec![("username", "école".into())],
            Connect {
                flags: CLEAN | 0b1000_0000,
                fields: vec![field("école".as_bytes())],
                ..Connect::v5()
            },
        ),
        (
            // [MQTT5-3.1.2-16]
            vec![("password", "test".into()), ("version", "5.0".into())],
            Connect {
                flags: CLEAN | 0b0100_0000,
                fields: vec![field(b"test")],
                ..Connect::v5()
            },
        ),
        (
            vec![("cleanSession", false.into())],
            Connect {
                flags: 0,
                ..Connect::v5()
            },
        ),
        (
            vec![("sessionExpirySeconds", 0xffff_fffe_u32.into())],
            Connect::v5().property(&[0x11, 0xff, 0xff, 0xff, 0xfe]),
        ),
        (
            vec![("keepAliveSeconds", 0x0102.into())],
            Connect {
                keep_alive: [1, 2],
                ..Connect::v5()
            },
        ),
        (
            vec![("receiveMaximum", 0x0102.into())],
            Connect::v5().property(&[0x21, 1, 2]),
        ),
        (
            vec![("maxPacketBytes", 0x0102.into())],
            Connect::v5().property(&[0x27, 0, 0, 1, 2]),
        ),
        (
            vec![("userProperties", object(&[("k", "v".into())]))],
            Connect::v5().property(&[&[0x26], &field(b"k")[..], &field(b"v")].concat()),
        ),
    ];
    for (options, expected) in cases {
        let fake = Fake::start();

        let _heard = opened(&fake, &options).await;

        assert_eq!(fake.socket(0).sent(), [expected.bytes()], "{options:?}");
    }
}

#[wasm_bindgen_test]
async fn every_option_of_a_will_is_in_connect() {
    let mut expected = Connect::v5();
    // QoS 2, retain, will.
    expected.flags = CLEAN | 0b0011_0100;
    // Will Delay Interval 5, Payload Format Indicator 1.
    let properties = vec![7, 0x18, 0, 0, 0, 5, 0x01, 1];
    expected.fields = vec![properties, field(b"t"), field(b"p")];
    let text = object(&[("payloadIsText", true.into())]);
    let fake = Fake::start();

    let full = will(&[
        ("qos", 2.into()),
        ("retain", true.into()),
        ("delaySeconds", 5.into()),
        ("properties", text),
    ]);
    let _heard = opened(&fake, &[("will", full)]).await;

    assert_eq!(fake.socket(0).sent(), [expected.bytes()]);
}

#[wasm_bindgen_test]
async fn every_option_of_3_1_1_is_in_connect() {
    let cases: Vec<(Options, Connect)> = vec![
        (vec![], Connect::v3()),
        (
            vec![("username", "guest".into()), ("password", "test".into())],
            Connect {
                flags: CLEAN | 0b1100_0000,
                fields: vec![field(b"guest"), field(b"test")],
                ..Connect::v3()
            },
        ),
        (
            vec![("cleanSession", false.into())],
            Connect {
                flags: 0,
                ..Connect::v3()
            },
        ),
        (
            vec![("keepAliveSeconds", 65_535.into())],
            Connect {
                keep_alive: [0xff, 0xff],
                ..Connect::v3()
            },
        ),
        (
            // The delay is 5.0's.
            vec![(
                "will",
                will(&[("qos", 1.into()), ("delaySeconds", 5.into())]),
            )],
            Connect {
                flags: CLEAN | 0b0000_1100,
                fields: vec![field(b"t"), field(b"p")],
                ..Connect::v3()
            },
        ),
        (
            // What 3.1.1 has no words for is left out.
            vec![
                ("sessionExpirySeconds", 1.into()),
                ("receiveMaximum", 1.into()),
                ("maxPacketBytes", 1_000.into()),
                ("topicAliases", 1.into()),
                ("subscriptionIdentifiers", true.into()),
                ("userProperties", object(&[("k", "v".into())])),
            ],
            Connect::v3(),
        ),
    ];
    for (mut options, expected) in cases {
        options.push(("version", "3.1.1".into()));
        let fake = Fake::start();

        let _heard = opened(&fake, &options).await;

        assert_eq!(fake.socket(0).sent(), [expected.bytes()], "{options:?}");
    }
}

#[wasm_bindgen_test]
async fn every_option_of_subscribe_is_in_its_bits() {
    for (options, bits) in [
        (None, 0b00_0000),
        (Some(2.into()), 0b00_0010),
        (Some(object(&[("qos", 1.into())])), 0b00_0001),
        (Some(object(&[("noLocal", true.into())])), 0b00_0100),
        (
            Some(object(&[("retainAsPublished", true.into())])),
            0b00_1000,
        ),
        (Some(object(&[("retainHandling", 1.into())])), 0b01_0000),
        (Some(object(&[("retainHandling", 2.into())])), 0b10_0000),
    ] {
        let fake = Fake::start();
        let heard = accepted(&fake, &[], CONNACK).await;

        heard.client.subscribe(&"f".into(), options, None).unwrap();

        let expected = [0x82, 9, 0, 1, 2, 0x0b, 1, 0, 1, b'f', bits];
        assert_eq!(last_sent(&fake).await, expected);
    }
}

#[wasm_bindgen_test]
async fn subscription_has_an_identifier_when_allowed() {
    let asked = ("subscriptionIdentifiers", JsValue::TRUE);
    let not_available = [0x20, 5, 0, 0, 2, 0x29, 0];
    for (options, connack, properties) in [
        (vec![], CONNACK, vec![2, 0x0b, 1]),
        (vec![asked.clone()], CONNACK, vec![2, 0x0b, 1]),
        (vec![asked], not_available.as_slice(), vec![0]),
    ] {
        let fake = Fake::start();
        let heard = accepted(&fake, &options, connack).await;

        heard.client.subscribe(&"f".into(), None, None).unwrap();

        let body = [vec![0, 1], properties, field(b"f"), vec![0]].concat();
        let expected = [&[0x82, body.len() as u8], body.as_slice()].concat();
        assert_eq!(last_sent(&fake).await, expected);
    }
}

#[wasm_bindgen_test]
async fn every_property_of_a_message_is_in_publish() {
    let data = Uint8Array::from([0xff_u8, 0].as_slice());
    let pairs = Array::of1(&Array::of2(&"k".into(), &"v".into()).into());
    for (name, value, bytes) in [
        ("payloadIsText", true.into(), vec![0x01, 1]),
        ("payloadIsText", false.into(), vec![0x01, 0]),
        ("expirySeconds", 0x0102.into(), vec![0x02, 0, 0, 1, 2]),
        ("responseTopic", "r".into(), vec![0x08, 0, 1, b'r']),
        ("correlationData", data.into(), vec![0x09, 0, 2, 0xff, 0]),
        ("contentType", "c".into(), vec![0x03, 0, 1, b'c']),
        (
            "userProperties",
            pairs.into(),
            vec![0x26, 0, 1, b'k', 0, 1, b'v'],
        ),
    ] {
        let fake = Fake::start();
        let heard = accepted(&fake, &[], CONNACK).await;
        let properties = object(&[(name, value)]);

        heard
            .client
            .publish(
                &"t".into(),
                &"p".into(),
                None,
                None,
                Some(properties.unchecked_into()),
            )
            .unwrap();

        let length = vec![bytes.len() as u8];
        let body = [field(b"t"), length, bytes, b"p".to_vec()].concat();
        let expected = [&[0x30, body.len() as u8], body.as_slice()].concat();
        assert_eq!(last_sent(&fake).await, expected, "{name}");
    }
}

#[wasm_bindgen_test]
async fn what_the_server_grants_is_reported() {
    let fake = Fake::start();
    let said = [
        [0x11, 0, 0, 0, 7].as_slice(),
        &[0x21, 0, 7],
        &[0x24, 1],
        &[0x25, 0],
        &[0x27, 0, 0, 1, 0],
        &[0x22, 0, 3],
        &[0x1f, 0, 2, b'h', b'i'],
        &[0x26, 0, 1, b'k', 0, 1, b'v'],
        &[0x28, 0],
        &[0x29, 0],
        &[0x2a, 0],
        &[0x13, 0, 9],
    ]
    .concat();
    let length = said.len() as u8;
    let connack = [&[0x20, length + 3, 0, 0, length], said.as_slice()].concat();
    let heard = accepted(&fake, &[], &connack).await;

    let reported = property(&heard.event("connected").await, "properties");

    let reported = js_sys::JSON::stringify(&reported).unwrap();
    let expected = r#"{"sessionExpirySeconds":7,"receiveMaximum":7,"maximumQos":1,
        "retainAvailable":false,"maxPacketBytes":256,"topicAliasMaximum":3,"reasonString":"hi",
        "userProperties":[["k","v"]],"wildcardsAvailable":false,
        "subscriptionIdentifiersAvailable":false,"sharedSubscriptionsAvailable":false,
        "keepAliveSeconds":9}"#;
    let expected: String = expected.split_whitespace().collect();
    assert_eq!(reported.as_string(), Some(expected));
}

#[wasm_bindgen_test]
async fn server_that_grants_everything_says_nothing() {
    let fake = Fake::start();
    let heard = accepted(&fake, &[], CONNACK).await;

    let reported = heard.event("connected").await;

    assert!(property(&reported, "properties").is_undefined());
}

#[wasm_bindgen_test]
async fn qos_and_retain_are_in_the_first_byte_of_publish() {
    for (qos, retain, first) in [
        (0.0, false, 0x30),
        (0.0, true, 0x31),
        (1.0, false, 0x32),
        (2.0, true, 0x35),
    ] {
        let fake = Fake::start();
        let heard = accepted(&fake, &[], CONNACK).await;

        heard
            .client
            .publish(&"t".into(), &"p".into(), Some(qos), Some(retain), None)
            .unwrap();

        assert_eq!(last_sent(&fake).await.first(), Some(&first));
    }
}

#[wasm_bindgen_test]
async fn topic_is_a_number_the_second_time_when_asked_and_allowed() {
    let fake = Fake::start();
    let one_alias = [0x20, 6, 0, 0, 3, 0x22, 0, 1];
    let heard = accepted(&fake, &[("topicAliases", 5.into())], &one_alias).await;

    for topic in ["t", "t", "u"] {
        heard
            .client
            .publish(&topic.into(), &"p".into(), None, None, None)
            .unwrap();
    }

    let first = [0x30, 8, 0, 1, b't', 3, 0x23, 0, 1, b'p'];
    let second = [0x30, 7, 0, 0, 3, 0x23, 0, 1, b'p'];
    let third = [0x30, 5, 0, 1, b'u', 0, b'p'];
    let expected = [first.as_slice(), &second, &third].concat();
    assert_eq!(last_sent(&fake).await, expected);
}

#[wasm_bindgen_test]
async fn no_more_than_send_maximum_are_on_their_way() {
    let fake = Fake::start();
    let heard = accepted(&fake, &[("sendMaximum", 1.into())], CONNACK).await;
    let publish = |payload: &str| {
        heard
            .client
            .publish(&"t".into(), &payload.into(), Some(1.0), None, None)
            .unwrap()
    };

    publish("1");
    publish("2");
    let before = last_sent(&fake).await;
    fake.socket(0).receive(&[0x40, 2, 0, 1]);

    assert_eq!(before, [0x32, 7, 0, 1, b't', 0, 1, 0, b'1']);
    assert_eq!(last_sent(&fake).await, [0x32, 7, 0, 1, b't', 0, 2, 0, b'2']);
}

#[wasm_bindgen_test]
async fn larger_packet_than_max_packet_bytes_ends_the_connection() {
    let fake = Fake::start();
    let options = [("maxPacketBytes", 20.into())];
    let heard = accepted(&fake, &options, CONNACK).await;

    fake.socket(0).receive(&publish("t", &[0; 14]));
    assert_eq!(heard.messages.borrow().len(), 1);
    fake.socket(0).receive(&publish("t", &[0; 15]));

    let ended = heard.event("disconnected").await;
    assert_eq!(text(&property(&ended, "reason"), "code"), "protocol");
    // DISCONNECT, packet too large. [MQTT5-3.1.2-24]
    assert_eq!(last_sent(&fake).await, [0xe0, 1, 0x95]);
}

#[wasm_bindgen_test]
async fn lost_connection_is_the_end_without_reconnect() {
    let fake = Fake::start();
    let heard = accepted(&fake, &[("reconnect", false.into())], CONNACK).await;

    let lost = object(&[("code", 1006.into()), ("wasClean", false.into())]);
    fake.socket(0).call("onclose", &lost);

    let ended = heard.event("disconnected").await;
    assert_eq!(property(&ended, "retryInMs"), JsValue::NULL);
    assert_eq!(heard.client.state(), "closed");
}

#[wasm_bindgen_test]
fn pauses_are_short_on_a_local_network_unless_a_program_chooses() {
    let (near, far) = ("ws://192.168.1.20:8000/mqtt", "wss://broker.example/mqtt");
    for (urls, chosen, seconds) in [
        (&[far][..], None, 60),
        (&[near], None, 8),
        (&[near, "ws://class.local/"], None, 8),
        (&[near, far], None, 60),
        (&[near], Some(60_000), 60),
        (&[far], Some(8_000), 8),
    ] {
        let urls: Array = urls.iter().copied().map(JsValue::from).collect();
        let mut given = vec![("url", urls.into())];
        given.extend(chosen.map(|chosen: u32| ("reconnectMaxDelayMs", chosen.into())));

        let options = session_options(&object(&given), "alice").unwrap();

        assert_eq!(options.longest_pause.as_secs(), seconds, "{given:?}");
    }
}

#[wasm_bindgen_test]
async fn ping_that_is_not_answered_in_time_ends_the_connection() {
    let fake = Fake::start();
    let options = [
        ("keepAliveSeconds", 1.into()),
        ("pingTimeoutMs", 1.into()),
        ("version", "3.1.1".into()),
    ];
    let heard = accepted(&fake, &options, CONNACK_3_1_1).await;

    let ended = heard.event("disconnected").await;

    assert_eq!(text(&property(&ended, "reason"), "code"), "ping-timeout");
    assert!(fake.socket(0).sent().contains(&vec![0xc0, 0]));
}

#[wasm_bindgen_test]
async fn full_queue_follows_its_policy() {
    for (policy, bound, failed) in [
        ("drop-oldest", ("queueMessages", 2.into()), Some(0)),
        ("drop-oldest", ("queueBytes", 4.into()), Some(0)),
        ("reject-new", ("queueMessages", 2.into()), None),
    ] {
        let heard = Heard::new();
        let fake = Fake::start();
        heard.connect(&[
            ("url", ANYWHERE.into()),
            ("queuePolicy", policy.into()),
            bound,
        ]);

        let published: Vec<_> = ["1", "2", "3"]
            .map(|payload| {
                heard
                    .client
                    .publish(&"t".into(), &payload.into(), Some(1.0), None, None)
            })
            .into();
        until("the socket", || fake.opened() == 1).await;

        match failed {
            Some(index) => {
                let event = heard.event("publishFailed").await;
                let token = published[index].as_ref().unwrap();
                assert_eq!(number(&event, "token"), f64::from(*token));
                assert_eq!(text(&event, "code"), "replaced");
            }
            None => {
                let thrown = published[2].as_ref().unwrap_err();
                assert_eq!(text(thrown, "code"), "queue-full");
            }
        }
    }
}
