//! Brokers that pupils type by name, and services that run brokers: where they really listen.

use super::{Place, Transport};

/// The places of a known broker for one kind of WebSocket; empty for any other host.
pub(super) fn places(host: &str, transport: Transport) -> &'static [Place<'static>] {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_meant = |known: &str| host == known || known.starts_with('.') && host.ends_with(known);
    let broker = BROKERS.iter().find(|(known, ..)| is_meant(known));
    broker.map_or(&[], |(_, plain, tls)| match transport {
        Transport::Plain => plain,
        Transport::Tls => tls,
    })
}

const fn mqtt(port: u16) -> Place<'static> {
    let path = "/mqtt";
    Place { port, path }
}

const fn root(port: u16) -> Place<'static> {
    let path = "/";
    Place { port, path }
}

/// Where a broker listens for `ws`, and where for `wss`. A host that begins with a dot is the end of the
/// names that a service gives to its customers.
#[rustfmt::skip]
const BROKERS: [(&str, &[Place<'static>], &[Place<'static>]); 15] = [
    ("broker.emqx.io",          &[mqtt(8083)], &[mqtt(8084)]),
    ("broker.hivemq.com",       &[mqtt(8000)], &[mqtt(8884)]),
    ("test.mosquitto.org",      &[root(8080)], &[root(8081)]),
    ("mqtt.eclipseprojects.io", &[mqtt(80)],   &[mqtt(443)]),
    ("mqtt.longan.link",        &[mqtt(8083)], &[mqtt(8084)]),
    ("iot.codelab.club",        &[mqtt(8083)], &[mqtt(8084)]),
    ("mqtt.aimaker.space",      &[mqtt(8083)], &[mqtt(8084)]),
    (".hivemq.cloud",           &[],           &[mqtt(8884)]),
    (".emqxsl.com",             &[],           &[mqtt(8084)]),
    (".emqxsl.cn",              &[],           &[mqtt(8084)]),
    (".emqx.cloud",             &[mqtt(8083)], &[mqtt(8084)]),
    ("mqtt.flespi.io",          &[root(80)],   &[root(443)]),
    ("io.adafruit.com",         &[],           &[mqtt(443)]),
    (".cloud.shiftr.io",        &[],           &[root(443)]),
    ("mqtt3.thingspeak.com",    &[mqtt(80)],   &[mqtt(443)]),
];
