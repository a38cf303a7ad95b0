//! Public brokers that pupils type by name: where they really listen.

use super::{Place, Transport};

/// The places of a known broker for one kind of WebSocket; empty for any other host.
pub(super) fn places(host: &str, transport: Transport) -> &'static [Place<'static>] {
    let host = host.strip_suffix('.').unwrap_or(host);
    BROKERS
        .iter()
        .find(|broker| broker.host == host)
        .map_or(&[], |broker| match transport {
            Transport::Plain => broker.plain,
            Transport::Tls => broker.tls,
        })
}

struct Broker {
    host: &'static str,
    plain: &'static [Place<'static>],
    tls: &'static [Place<'static>],
}

const fn mqtt(port: u16) -> Place<'static> {
    Place {
        port,
        path: "/mqtt",
    }
}

const fn root(port: u16) -> Place<'static> {
    Place { port, path: "/" }
}

const BROKERS: &[Broker] = &[
    Broker {
        host: "broker.emqx.io",
        plain: &[mqtt(8083)],
        tls: &[mqtt(8084)],
    },
    Broker {
        host: "broker.hivemq.com",
        plain: &[mqtt(8000)],
        tls: &[mqtt(8884)],
    },
    Broker {
        host: "test.mosquitto.org",
        plain: &[root(8080)],
        tls: &[root(8081)],
    },
    Broker {
        host: "mqtt.eclipseprojects.io",
        plain: &[mqtt(80)],
        tls: &[mqtt(443)],
    },
    Broker {
        host: "mqtt.longan.link",
        plain: &[mqtt(8083)],
        tls: &[mqtt(8084)],
    },
    Broker {
        host: "iot.codelab.club",
        plain: &[mqtt(8083)],
        tls: &[mqtt(8084)],
    },
    Broker {
        host: "mqtt.aimaker.space",
        plain: &[mqtt(8083)],
        tls: &[mqtt(8084)],
    },
];
