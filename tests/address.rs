//! What a pupil types as a broker's address.

use scratch_mqtt::address::{AddressError, BrokerAddress, is_local};

fn on_http(text: &str) -> BrokerAddress {
    BrokerAddress::parse(text, false)
}

fn on_https(text: &str) -> BrokerAddress {
    BrokerAddress::parse(text, true)
}

#[test]
fn full_address_gives_exactly_one_candidate() {
    for (text, url) in [
        ("wss://host.org:8084/mqtt", "wss://host.org:8084/mqtt"),
        ("ws://host.org:8083/", "ws://host.org:8083/"),
        ("  WSS://Host.ORG:08084/Mqtt \n", "wss://host.org:8084/Mqtt"),
        (
            "wss://host.org:8084/a/b?x=1&y=2",
            "wss://host.org:8084/a/b?x=1&y=2",
        ),
        ("wss://host.org:8084/mqtt#part", "wss://host.org:8084/mqtt"),
        (
            "wss://[2001:DB8::1]:8084/mqtt",
            "wss://[2001:db8::1]:8084/mqtt",
        ),
        ("wss://例子.测试:8084/mqtt", "wss://例子.测试:8084/mqtt"),
        ("wss:/host.org:8084/mqtt", "wss://host.org:8084/mqtt"),
        ("wss//host.org:8084/mqtt", "wss://host.org:8084/mqtt"),
        (r"wss:\\host.org:8084/mqtt", "wss://host.org:8084/mqtt"),
        ("wss：／／host.org：8084／mqtt", "wss://host.org:8084/mqtt"),
        (
            "\u{feff}wss://host.org:8084/mqtt\u{200b}",
            "wss://host.org:8084/mqtt",
        ),
    ] {
        let address = on_http(text);

        assert_eq!(address.urls, [url], "{text}");
        assert_eq!(address.error, None, "{text}");
    }
}

#[test]
fn missing_scheme_is_guessed_from_the_host_and_the_port() {
    for (text, scheme) in [
        ("localhost", "ws://"),
        ("127.0.0.1", "ws://"),
        ("127.8.9.1:9001", "ws://"),
        ("[::1]:9001", "ws://"),
        ("::1", "ws://"),
        ("10.0.0.7", "ws://"),
        ("172.16.0.1", "ws://"),
        ("172.31.255.1", "ws://"),
        ("172.32.0.1", "wss://"),
        ("192.168.1.20:9001", "ws://"),
        ("169.254.10.1", "ws://"),
        ("fd00::7", "ws://"),
        ("raspberrypi", "ws://"),
        ("raspberrypi.local:9001", "ws://"),
        ("class.localhost", "ws://"),
        ("8.8.8.8", "wss://"),
        ("2001:db8::1", "wss://"),
        ("broker.school.org", "wss://"),
        ("broker.school.org:9001", "wss://"),
        ("broker.school.org:8083", "ws://"),
        ("broker.school.org:80", "ws://"),
        ("192.168.1.20:8084", "wss://"),
        ("localhost:443", "wss://"),
        ("test.mosquitto.org", "wss://"),
        ("test.mosquitto.org:8080", "ws://"),
        ("test.mosquitto.org:8081", "wss://"),
        ("broker.hivemq.com:8000", "ws://"),
    ] {
        let address = on_http(text);

        assert!(!address.urls.is_empty(), "{text}");
        for url in &address.urls {
            assert!(url.starts_with(scheme), "{text}: {url}");
        }
    }
}

#[test]
fn missing_port_and_path_are_tried_in_order() {
    for (text, urls) in [
        (
            "broker.school.org",
            &[
                "wss://broker.school.org:8084/mqtt",
                "wss://broker.school.org:8084/",
                "wss://broker.school.org:443/mqtt",
                "wss://broker.school.org:443/",
            ][..],
        ),
        (
            "ws://host/mqtt",
            &[
                "ws://host:80/mqtt",
                "ws://host:8083/mqtt",
                "ws://host:9001/mqtt",
            ],
        ),
        ("wss://host/", &["wss://host:443/", "wss://host:8084/"]),
        (
            "wss://host",
            &[
                "wss://host:443/mqtt",
                "wss://host:443/",
                "wss://host:8084/mqtt",
                "wss://host:8084/",
            ],
        ),
        (
            "broker.school.org/mqtt",
            &[
                "wss://broker.school.org:443/mqtt",
                "wss://broker.school.org:8084/mqtt",
            ],
        ),
        (
            "localhost/mqtt",
            &[
                "ws://localhost:80/mqtt",
                "ws://localhost:8083/mqtt",
                "ws://localhost:9001/mqtt",
            ],
        ),
        ("host:9001", &["ws://host:9001/mqtt", "ws://host:9001/"]),
        (
            "host:",
            &[
                "ws://host:8083/mqtt",
                "ws://host:8083/",
                "ws://host:9001/mqtt",
                "ws://host:9001/",
                "ws://host:80/mqtt",
                "ws://host:80/",
            ],
        ),
        (
            "host:9001?a=1",
            &["ws://host:9001/mqtt?a=1", "ws://host:9001/?a=1"],
        ),
    ] {
        assert_eq!(on_http(text).urls, urls, "{text}");
    }
}

#[test]
fn known_broker_needs_only_its_name() {
    for (text, url) in [
        ("broker.emqx.io", "wss://broker.emqx.io:8084/mqtt"),
        ("Broker.HiveMQ.com", "wss://broker.hivemq.com:8884/mqtt"),
        ("test.mosquitto.org", "wss://test.mosquitto.org:8081/"),
        (
            "mqtt.eclipseprojects.io",
            "wss://mqtt.eclipseprojects.io:443/mqtt",
        ),
        ("mqtt.longan.link", "wss://mqtt.longan.link:8084/mqtt"),
        ("iot.codelab.club", "wss://iot.codelab.club:8084/mqtt"),
        ("mqtt.aimaker.space", "wss://mqtt.aimaker.space:8084/mqtt"),
        ("ws://broker.hivemq.com", "ws://broker.hivemq.com:8000/mqtt"),
        (
            "abc123.s1.eu.hivemq.cloud",
            "wss://abc123.s1.eu.hivemq.cloud:8884/mqtt",
        ),
        (
            "wss://ABC123.s2.eu.hivemq.cloud/mqtt",
            "wss://abc123.s2.eu.hivemq.cloud:8884/mqtt",
        ),
        (
            "x1.ala.eu-central-1.emqxsl.com",
            "wss://x1.ala.eu-central-1.emqxsl.com:8084/mqtt",
        ),
        ("mqtt.flespi.io", "wss://mqtt.flespi.io:443/"),
        ("wss://io.adafruit.com", "wss://io.adafruit.com:443/mqtt"),
        (
            "my-room.cloud.shiftr.io",
            "wss://my-room.cloud.shiftr.io:443/",
        ),
        ("test.mosquitto.org:8081", "wss://test.mosquitto.org:8081/"),
        (
            "test.mosquitto.org/other",
            "wss://test.mosquitto.org:8081/other",
        ),
    ] {
        assert_eq!(on_http(text).urls, [url], "{text}");
    }
}

#[test]
fn credentials_are_taken_out_and_decoded() {
    for (text, user_name, password) in [
        (
            "wss://guest:test@h.org:8084/mqtt",
            Some("guest"),
            Some("test"),
        ),
        ("guest:test@h.org:8084/mqtt", Some("guest"), Some("test")),
        ("wss://guest@h.org:8084/mqtt", Some("guest"), None),
        ("wss://guest:@h.org:8084/mqtt", Some("guest"), Some("")),
        ("wss://:test@h.org:8084/mqtt", Some(""), Some("test")),
        ("wss://@h.org:8084/mqtt", None, None),
        ("wss://a:b:c@h.org:8084/mqtt", Some("a"), Some("b:c")),
        ("wss://a:p@ss@h.org:8084/mqtt", Some("a"), Some("p@ss")),
        (
            "wss://a:p/ss?w#d@h.org:8084/mqtt",
            Some("a"),
            Some("p/ss?w#d"),
        ),
        ("wss://a:12/3@h.org:8084/mqtt", Some("a"), Some("12/3")),
        (
            "wss://a%40b:%e4%b8%ad%F0%9F%98%80@h.org:8084/mqtt",
            Some("a@b"),
            Some("中😀"),
        ),
        ("wss://a:100%@h.org:8084/mqtt", Some("a"), Some("100%")),
        ("wss://a:%zz%4@h.org:8084/mqtt", Some("a"), Some("%zz%4")),
        ("wss://a:%ff@h.org:8084/mqtt", Some("a"), Some("%ff")),
        ("wss://a:密码：@h.org:8084/mqtt", Some("a"), Some("密码：")),
        ("a：b＠h.org:8084/mqtt", Some("a"), Some("b")),
    ] {
        let address = on_https(text);

        assert_eq!(address.user_name.as_deref(), user_name, "{text}");
        assert_eq!(address.password.as_deref(), password, "{text}");
        assert_eq!(
            address.urls.first().map(String::as_str),
            Some("wss://h.org:8084/mqtt"),
            "{text}"
        );
        assert!(address.shown.ends_with("h.org:8084/mqtt"), "{text}");
        assert!(!address.shown.contains('@'), "{text}");
    }
}

#[test]
fn wrong_text_says_why() {
    for (text, error) in [
        ("", AddressError::Empty),
        (" \t\n", AddressError::Empty),
        ("my broker.org", AddressError::Space),
        ("broker.org :8084", AddressError::Space),
        ("broker\u{3000}org", AddressError::Space),
        ("broker\u{7}org", AddressError::Space),
        ("http://broker.org", AddressError::Http),
        ("HTTPS://broker.org:8084/mqtt", AddressError::Http),
        ("mqtt://broker.org:1883", AddressError::Scheme),
        ("mqtts://broker.org", AddressError::Scheme),
        ("tcp://broker.org:1883", AddressError::Scheme),
        ("file:///home", AddressError::Scheme),
        ("wss://", AddressError::Host),
        ("wss:///", AddressError::Host),
        ("/mqtt", AddressError::Host),
        (":8084", AddressError::Host),
        ("guest:test@", AddressError::Host),
        ("...", AddressError::Host),
        ("a..b", AddressError::Host),
        ("!!", AddressError::Host),
        ("\u{2014}\u{2014}", AddressError::Host),
        ("a<b", AddressError::Host),
        ("192.168.1.300", AddressError::Host),
        ("192.168.1", AddressError::Host),
        ("[::1", AddressError::Host),
        ("[nonsense]", AddressError::Host),
        ("host:0", AddressError::Port),
        ("host:65536", AddressError::Port),
        ("host:99999999999999999999", AddressError::Port),
        ("host:+80", AddressError::Port),
        ("host:mqtt", AddressError::Port),
        ("host:80:90", AddressError::Port),
        ("[::1]8084", AddressError::Port),
        ("host:1883", AddressError::BoardPort),
        ("wss://host:8883/mqtt", AddressError::BoardPort),
    ] {
        let address = on_http(text);

        assert_eq!(address.error, Some(error), "{text:?}");
        assert!(address.urls.is_empty(), "{text:?}");
    }
}

/// A longer one would be shown whole in a sentence.
#[test]
fn name_of_a_host_has_253_bytes_at_most() {
    let name = |length: usize| ["a.".repeat(length / 2), "org".to_owned()].concat();

    assert_eq!(on_http(&name(250)).error, None);
    assert_eq!(on_http(&name(252)).error, Some(AddressError::Host));
    assert_eq!(
        on_http(&"é".repeat(500_000)).error,
        Some(AddressError::Host)
    );
}

#[test]
fn plain_websocket_beyond_the_local_network_needs_a_plain_page() {
    for (text, error) in [
        ("ws://broker.org:8083/mqtt", Some(AddressError::Insecure)),
        ("ws://192.169.1.20", Some(AddressError::Insecure)),
        ("ws://192.168.1.20:8000/mqtt", None),
        ("ws://class.local:8000/mqtt", None),
        ("192.168.1.20", None),
        ("broker.org:8083", Some(AddressError::Insecure)),
        ("ws://localhost:9001", None),
        ("ws://127.0.0.1:9001", None),
        ("ws://[::1]:9001", None),
        ("wss://192.168.1.20:8084", None),
        ("broker.org", None),
    ] {
        assert_eq!(on_https(text).error, error, "{text}");
        assert_eq!(on_http(text).error, None, "{text}");
    }
}

#[test]
fn wrong_address_still_names_its_host_and_port() {
    let address = on_http("guest:test@broker.org:1883");

    assert_eq!(address.host, "broker.org");
    assert_eq!(address.port, 1883);
    assert_eq!(address.shown, "broker.org:1883");
    assert_eq!(address.error, Some(AddressError::BoardPort));
}

#[test]
fn shown_address_leaves_the_query_out() {
    let address = on_http("wss://u:p@broker.org:443/mqtt?token=abc");

    assert_eq!(address.shown, "wss://broker.org:443/mqtt");
    assert_eq!(address.urls, ["wss://broker.org:443/mqtt?token=abc"]);
}

/// A seeded walk, so that a failure can be repeated.
#[test]
fn no_text_panics_or_shows_a_secret() {
    const PIECES: [&str; 40] = [
        "ws",
        "wss",
        "http",
        "mqtt",
        ":",
        "/",
        "//",
        "://",
        "@",
        "#",
        "?",
        "%",
        "%41",
        "%ff",
        "[",
        "]",
        "[::1]",
        "::",
        ".",
        "..",
        "localhost",
        "127.0.0.1",
        "1883",
        "8084",
        "0",
        "65536",
        " ",
        "\0",
        "é",
        "中文",
        "😀",
        "：",
        "／",
        "＠",
        "\\",
        "\u{feff}",
        "a",
        "broker.org",
        "-",
        "+",
    ];
    const SECRET: &str = "Sécr3t";
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..100_000 {
        let mut pieces = |most: usize| -> String {
            (0..random(most + 1))
                .map(|_| PIECES[random(PIECES.len())])
                .collect()
        };
        let (before, after, rest) = (pieces(6), pieces(6), pieces(8));
        let text = format!("{before}{SECRET}{after}@{rest}");

        for address in [on_http(&text), on_https(&text), on_http(&rest)] {
            assert!(!address.shown.contains(SECRET), "{text:?}");
            assert!(!address.host.contains("cr3t"), "{text:?}");
            assert_eq!(address.error.is_some(), address.urls.is_empty(), "{text:?}");
            let first = address.urls.first().map_or("", String::as_str);
            let place = format!(
                "{}://{}:",
                first.split(':').next().unwrap_or(""),
                address.host
            );
            for url in &address.urls {
                // What goes encrypted to one address goes so to all, and to one host.
                assert!(url.starts_with(&place), "{text:?}: {url} beside {first}");
                assert!(!url.contains(SECRET), "{text:?}: {url}");
                assert!(!url.contains(['@', '#', ' ']), "{text:?}: {url}");
            }
        }
    }
}

#[test]
fn local_addresses_lead_to_this_computer_or_its_network() {
    for url in [
        "ws://localhost:8083/mqtt",
        "ws://127.0.0.1:8083/mqtt",
        "ws://[::1]:8083/",
        "wss://10.0.0.7/mqtt",
        "ws://172.16.0.1",
        "ws://172.31.255.1:80",
        "ws://192.168.1.20:8000/mqtt?x=1",
        "ws://169.254.10.1:8083",
        "ws://[fd00::7]:8083",
        "ws://[fe80::7]:8083",
        "WS://Scratch-MQTT.local:8083",
        "ws://scratch-mqtt.local./mqtt",
        "ws://raspberrypi:9001",
    ] {
        assert!(is_local(url), "{url}");
    }
    for url in [
        "wss://broker.emqx.io:8084/mqtt",
        "ws://172.32.0.1:8083",
        "ws://192.169.1.1:8083",
        "ws://11.0.0.1/10.0.0.1",
        "wss://[2001:db8::1]:8084",
        "wss://local:x@broker.org/mqtt",
        "wss://local.org:8084",
        "wss://notlocal.org/x.local",
    ] {
        assert!(!is_local(url), "{url}");
    }
}

#[test]
fn later_brokers_of_a_list_have_what_they_lack_from_the_first() {
    for (text, urls) in [
        (
            "wss://a.example:8084/mqtt,b.example,c.example",
            "wss://a.example:8084/mqtt wss://b.example:8084/mqtt wss://c.example:8084/mqtt",
        ),
        (
            " ws://10.0.0.1:8083/ ,\t10.0.0.2:9001 , 10.0.0.3/mqtt\n",
            "ws://10.0.0.1:8083/ ws://10.0.0.2:9001/ ws://10.0.0.3:8083/mqtt",
        ),
        (
            "[::1]:8083/mqtt,[2001:db8::1],fe80::1",
            "ws://[::1]:8083/mqtt ws://[2001:db8::1]:8083/mqtt ws://[fe80::1]:8083/mqtt",
        ),
        (
            "wss://a.example/x，WSS://B.example:444、c.example",
            "wss://a.example:443/x wss://b.example:444/x wss://c.example:443/x \
             wss://a.example:8084/x wss://c.example:8084/x",
        ),
        (
            "ws://localhost:8083/mqtt,localhost,ws://localhost:8083/mqtt",
            "ws://localhost:8083/mqtt",
        ),
        // The second is guessed from what the first is.
        (
            "10.0.0.1:8083/mqtt,b.example",
            "ws://10.0.0.1:8083/mqtt ws://b.example:8083/mqtt",
        ),
        (
            "wss://x.emqx.cloud,test.mosquitto.org",
            "wss://x.emqx.cloud:8084/mqtt wss://test.mosquitto.org:8081/",
        ),
    ] {
        let address = on_http(text);

        assert_eq!(address.error, None, "{text}");
        assert_eq!(address.urls.join(" "), urls, "{text}");
    }
}

/// What a network swallows takes time: the second broker does not wait for each guess about the first.
#[test]
fn likeliest_place_of_each_broker_is_tried_before_the_second_of_any() {
    let address = on_http("a.example,b.example");

    let places = [":8084/mqtt", ":8084/", ":443/mqtt", ":443/"];
    let urls = places
        .iter()
        .flat_map(|place| ["a", "b"].map(|host| format!("wss://{host}.example{place}")));
    assert_eq!(address.urls, urls.collect::<Vec<_>>());
    assert_eq!(address.hosts, ["a.example", "b.example"]);
}

#[test]
fn login_and_query_of_a_list_are_of_all_its_brokers_and_shown_nowhere() {
    let address = on_http("wss://ann:a,b@c.example:1/x,d.example?token=e,f#g,h");

    assert_eq!(
        address.urls,
        [
            "wss://c.example:1/x?token=e,f",
            "wss://d.example:1/x?token=e,f"
        ]
    );
    assert_eq!(address.user_name.as_deref(), Some("ann"));
    assert_eq!(address.password.as_deref(), Some("a,b"));
    assert_eq!(address.shown, "wss://c.example:1/x, d.example");
    assert_eq!(on_http(&address.shown).hosts, address.hosts);
}

#[test]
fn comma_of_a_password_or_a_query_makes_no_list() {
    for (text, url) in [
        ("wss://ann:a,b@host.org:1/x", "wss://host.org:1/x"),
        ("wss://host.org:1/x?y=a,b", "wss://host.org:1/x?y=a,b"),
        ("wss://host.org:1/x#a,b", "wss://host.org:1/x"),
        ("wss://host.org:1/a%2Cb", "wss://host.org:1/a%2Cb"),
    ] {
        let address = on_http(text);

        assert_eq!(address.urls, [url], "{text}");
        assert_eq!(address.hosts, ["host.org"], "{text}");
    }
}

#[test]
fn broker_of_a_list_that_is_wrong_is_named() {
    for (text, error, shown) in [
        ("a.example,b..example", AddressError::Host, "b..example"),
        ("a.example,b c", AddressError::Space, "b c"),
        ("a b,c", AddressError::Space, "a b"),
        ("a:0,b", AddressError::Port, "a:0"),
        ("a,b:70000", AddressError::Port, "b:70000"),
        ("a,b:1883", AddressError::BoardPort, "b:1883"),
        ("http://a,b", AddressError::Http, "http://a"),
        ("a,mqtt://b", AddressError::Scheme, "mqtt://b"),
        ("ws://a,wss://b", AddressError::Mixed, "wss://b"),
        ("a.example,ws://b", AddressError::Mixed, "ws://b"),
        ("Class,a", AddressError::Word, "Class"),
        ("wss://a, practice", AddressError::Word, "practice"),
        ("a,[::1],[::1,b", AddressError::Host, "[::1"),
        ("wss://a,b?x=1 2", AddressError::Space, "wss://a, b"),
    ] {
        let address = on_http(text);

        assert_eq!(address.error, Some(error), "{text}");
        assert_eq!(address.shown, shown, "{text}");
        assert!(address.urls.is_empty(), "{text}");
        assert!(address.hosts.len() > 1, "{text}");
    }
}

#[test]
fn each_broker_of_a_list_is_judged_by_the_page() {
    let far = on_https("ws://10.0.0.1:8083/mqtt, b.example");

    assert_eq!(far.error, Some(AddressError::Insecure));
    assert_eq!(far.host, "b.example");
    assert_eq!(far.port, 8083);
    assert_eq!(on_https("ws://10.0.0.1:8083/mqtt, 10.0.0.2").error, None);
}

#[test]
fn list_with_a_gap_or_with_too_many_brokers_is_refused() {
    for text in [",", "a,", ",a", "a,,b", "wss://,a", "a, ,b", "，"] {
        assert_eq!(on_http(text).error, Some(AddressError::Gap), "{text}");
    }
    let list = |count: usize| vec!["a"; count].join(",");
    assert_eq!(on_http(&list(8)).error, None);
    assert_eq!(on_http(&list(9)).error, Some(AddressError::TooMany));
    assert_eq!(on_http(&list(100_000)).error, Some(AddressError::TooMany));
}
