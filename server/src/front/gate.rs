//! Which pages may use the broker, and under which names this computer answers.
//!
//! A browser sends `Origin` with every WebSocket and says with `Host` which name led here. Both are
//! set by the browser and not by the page, so they tell a page of somebody else's website, and a name
//! of somebody else's that leads to this computer (DNS rebinding). Boards and programs send no
//! `Origin`: they are no way into this computer for a website.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderValue;

use crate::mdns;

/// The editors of `docs/editors`, whose pages load the extension and connect to this broker, and pages
/// from this computer's disk in browsers that say so; others send `null`.
const EDITORS: &[&str] = &[
    "https://turbowarp.org",
    "https://desktop.turbowarp.org",
    "https://packager.turbowarp.org",
    "tw-editor://.",
    "tw-packager://.",
    "https://studio.penguinmod.com",
    "https://xcratch.github.io",
    "https://addon.codelab.club",
    "https://create.codelab.club",
    "https://www.ccw.site",
    "https://gandi.ccw.site",
    "https://cocrea.world",
    "https://www.cocrea.world",
    "https://sheeptester.github.io",
    "file://",
];

/// The two allow-lists.
pub struct Gate {
    names: Vec<String>,
    origins: Vec<String>,
    null_origin: bool,
}

impl Gate {
    /// `names` of this computer and `origins`, all in lower case, beside those known here.
    pub fn new(names: Vec<String>, origins: Vec<String>, null_origin: bool) -> Self {
        Self {
            names,
            origins,
            null_origin,
        }
    }

    /// Whether `Host` is an address or name of this computer. `local` is the address that the
    /// connection came to.
    pub fn knows_host(&self, host: Option<&HeaderValue>, local: IpAddr) -> bool {
        host.and_then(|host| host.to_str().ok())
            .and_then(without_port)
            .is_some_and(|host| self.is_this_computer(host, local))
    }

    /// Whether a page of this origin may use the broker; without one it is no page.
    pub fn welcomes(&self, origin: Option<&HeaderValue>, local: IpAddr) -> bool {
        let Some(origin) = origin else { return true };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        let origin = origin.to_ascii_lowercase();
        if origin == "null" {
            return self.null_origin;
        }
        if EDITORS.contains(&origin.as_str()) || self.origins.contains(&origin) {
            return true;
        }
        // Another port of this computer is served by a program of its user, not by a website.
        origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .and_then(without_port)
            .is_some_and(|host| self.is_this_computer(host, local))
    }

    fn is_this_computer(&self, host: &str, local: IpAddr) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            let address = unmapped(address);
            return address.is_loopback() || address == unmapped(local);
        }
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        // Browsers keep `localhost` and what is below it on this computer.
        host == "localhost"
            || host.ends_with(".localhost")
            || mdns::is_own_name(&host)
            || self.names.contains(&host)
    }
}

/// The host of `host[:port]`, where the port is a number.
pub fn without_port(authority: &str) -> Option<&str> {
    if authority.starts_with('[') {
        let end = authority.find(']')?;
        let (host, port) = authority.split_at_checked(end + 1)?;
        return is_port(port).then_some(host);
    }
    let Some((host, port)) = authority.split_once(':') else {
        return Some(authority);
    };
    (port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(host)
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|port| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `::ffff:192.168.1.2` is 192.168.1.2 on a listener for both families.
fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The names that this computer has by itself, in lower case.
pub fn own_names() -> Vec<String> {
    let name = gethostname::gethostname()
        .to_string_lossy()
        .to_ascii_lowercase();
    if name.is_empty() || name.parse::<Ipv6Addr>().is_ok() {
        return Vec::new();
    }
    let first = name.split('.').next().unwrap_or(&name);
    vec![format!("{first}.local"), first.to_string(), name.clone()]
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::HeaderValue;

    use super::Gate;

    const LAN: &str = "192.168.1.7";

    fn gate() -> Gate {
        let names = vec!["desk".to_string(), "desk.local".to_string()];
        Gate::new(names, vec!["https://school.example".to_string()], false)
    }

    fn lan() -> IpAddr {
        LAN.parse().unwrap()
    }

    fn welcomes(gate: &Gate, origin: &str) -> bool {
        gate.welcomes(Some(&HeaderValue::from_str(origin).unwrap()), lan())
    }

    fn knows(host: &str) -> bool {
        gate().knows_host(Some(&HeaderValue::from_str(host).unwrap()), lan())
    }

    #[test]
    fn pages_of_this_computer_are_welcome() {
        for origin in [
            "http://localhost:8000",
            "http://127.0.0.1:8000",
            "http://[::1]:8000",
            "https://localhost",
            "http://class.localhost:8000",
            "http://192.168.1.7:8000",
            "http://desk:8000",
            "http://DESK.local",
        ] {
            assert!(welcomes(&gate(), origin), "{origin}");
        }
    }

    #[test]
    fn editors_are_welcome_by_name() {
        for origin in [
            "https://turbowarp.org",
            "https://studio.penguinmod.com",
            "https://xcratch.github.io",
            "https://addon.codelab.club",
            "https://school.example",
            "tw-editor://.",
            "file://",
        ] {
            assert!(welcomes(&gate(), origin), "{origin}");
        }
    }

    #[test]
    fn any_other_page_is_not() {
        for origin in [
            "https://evil.example",
            "http://turbowarp.org",
            "https://turbowarp.org:8443",
            "https://turbowarp.org.evil.example",
            "https://xturbowarp.org",
            "http://localhost.evil.example",
            "http://localhost:8000.evil.example",
            "http://localhost:80@evil.example",
            "http://evil.example:8000",
            "http://192.168.1.8:8000",
            "http://127.0.0.1.evil.example",
            "http://2130706433",
            "http://deskx",
            "ws://localhost",
            "chrome-extension://abc",
            "null",
            "",
            "localhost",
        ] {
            assert!(!welcomes(&gate(), origin), "{origin}");
        }
        let bytes = HeaderValue::from_bytes(b"http://localhost\xff").unwrap();
        assert!(!gate().welcomes(Some(&bytes), lan()));
    }

    #[test]
    fn a_page_without_an_origin_is_welcome_if_that_was_asked_for() {
        let open = Gate::new(Vec::new(), Vec::new(), true);

        assert!(welcomes(&open, "null"));
        assert!(!welcomes(&open, "https://evil.example"));
    }

    #[test]
    fn boards_and_programs_send_no_origin() {
        assert!(gate().welcomes(None, lan()));
    }

    #[test]
    fn this_computer_answers_to_its_own_names() {
        for host in [
            "localhost:8000",
            "localhost",
            "localhost.",
            "127.0.0.1:8000",
            "[::1]:8000",
            "192.168.1.7:8000",
            "Desk:8000",
            "desk.local",
        ] {
            assert!(knows(host), "{host}");
        }
    }

    #[test]
    fn this_computer_answers_to_no_other_name() {
        for host in [
            "evil.example:8000",
            "localhost.evil.example",
            "192.168.1.8",
            "10.0.0.1:8000",
            "[fe80::1]:8000",
            "localhost:8000:8000",
            "localhost:80a",
            "[::1",
            "[::1]x",
            "",
        ] {
            assert!(!knows(host), "{host}");
        }
        assert!(!gate().knows_host(None, lan()));
    }
}
