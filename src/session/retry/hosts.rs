//! Which of the addresses lead to the same computer: the nodes of a cluster stand on several.

use crate::packet::ReasonCode;
use crate::session::event::CloseReason;

/// The first address of the host after the one that this address leads to; `None` when there is no other.
pub(crate) fn next_host(urls: &[String], address: usize) -> Option<usize> {
    let host = host_of(urls.get(address)?);
    let (before, from) = urls.split_at_checked(address)?;
    let mut hosts = from.iter().chain(before).map(|url| host_of(url));
    let next = hosts.find(|other| *other != host)?;
    urls.iter().position(|url| host_of(url) == next)
}

/// Without the port: a broker may listen at several.
pub(crate) fn host_of(url: &str) -> &str {
    // Not at `://`: what looks for a text in a text brings along what prints any character.
    let after_scheme = url
        .split_once(':')
        .and_then(|(_, rest)| rest.strip_prefix("//"));
    let rest = after_scheme.unwrap_or(url);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.split_once(']') {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether a server says that it takes nobody at present, which another one of the cluster may do. Not what
/// it says of the login: thirty wrong passwords at three servers lock an account.
pub(crate) const fn is_full(reason: &CloseReason) -> bool {
    match reason {
        CloseReason::Refused { reason, .. } => is_of_load(*reason),
        _ => false,
    }
}

/// Unavailable, busy, quota, rate.
const fn is_of_load(reason: ReasonCode) -> bool {
    matches!(reason.0, 0x88 | 0x89 | 0x97 | 0x9F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_what_stands_between_scheme_and_port() {
        for (url, host) in [
            ("wss://a.example:8084/mqtt", "a.example"),
            ("ws://a/x:y", "a"),
            ("ws://[::1]:8083/", "[::1"),
            ("ws://10.0.0.1?token=a://b", "10.0.0.1"),
            ("nothing", "nothing"),
            ("", ""),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }

    #[test]
    fn next_host_begins_with_its_first_address() {
        let urls = ["ws://a:1", "ws://b:1", "ws://a:2", "ws://b:2"].map(String::from);

        assert_eq!(next_host(&urls, 0), Some(1));
        assert_eq!(next_host(&urls, 2), Some(1));
        assert_eq!(next_host(&urls, 3), Some(0));
        assert_eq!(next_host(&urls, 4), None);
        assert_eq!(next_host(&urls[..1], 0), None);
    }
}
