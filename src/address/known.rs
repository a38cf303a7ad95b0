//! Brokers that pupils type by name, and services that run brokers: where they really listen.

use super::{Place, Transport};

/// The places of a known broker for one kind of WebSocket; empty for any other host.
pub(super) fn places(host: &str, transport: Transport) -> &'static [Place<'static>] {
    let host = host.strip_suffix('.').unwrap_or(host);
    BROKERS
        .iter()
        .find(|broker| broker.has(host))
        .map_or(&[], |broker| match transport {
            Transport::Plain => broker.plain,
            Transport::Tls => broker.tls,
        })
}

struct Broker {
    /// A name, or with its dot the end of the names that a service gives to its customers.
    host: &'static str,
    plain: &'static [Place<'static>],
    tls: &'static [Place<'static>],
}

impl Broker {
    fn has(&self, host: &str) -> bool {
        if self.host.starts_with('.') {
            host.ends_with(self.host)
        } else {
            host == self.host
        }
    }
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
    Broker {
        host: ".hivemq.cloud",
        plain: &[],
        tls: &[mqtt(8884)],
    },
    Broker {
        host: ".emqxsl.com",
        plain: &[],
        tls: &[mqtt(8084)],
    },
    Broker {
        host: ".emqxsl.cn",
        plain: &[],
        tls: &[mqtt(8084)],
    },
    Broker {
        host: ".emqx.cloud",
        plain: &[mqtt(8083)],
        tls: &[mqtt(8084)],
    },
    Broker {
        host: "mqtt.flespi.io",
        plain: &[root(80)],
        tls: &[root(443)],
    },
    Broker {
        host: "io.adafruit.com",
        plain: &[],
        tls: &[mqtt(443)],
    },
    Broker {
        host: ".cloud.shiftr.io",
        plain: &[],
        tls: &[root(443)],
    },
    Broker {
        host: "mqtt3.thingspeak.com",
        plain: &[mqtt(80)],
        tls: &[mqtt(443)],
    },
];
