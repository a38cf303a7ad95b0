//! Which failures are worth another attempt, and the words for developers.

use std::fmt;

use crate::packet::ReasonCode;
use crate::session::event::{Blocked, CloseReason};

/// What a failure means for the next attempt. What passes by itself, or with another network, never ends for
/// good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Transient: it passes by itself.
    Retry,
    /// Doubtful: it may pass. Slow attempts, about one a minute.
    Slow,
    /// Permanent: a person has to change something, and trying again does harm or can never help.
    Terminal,
}

/// `is_accepted`: CONNACK had come, and with it the login was accepted.
pub(crate) fn severity(reason: &CloseReason, is_accepted: bool) -> Severity {
    match reason {
        CloseReason::ClosedByUser
        | CloseReason::AddressRefused(_)
        | CloseReason::Blocked {
            by: Blocked::SecurePage | Blocked::Policy | Blocked::NotPermitted,
            ..
        } => Severity::Terminal,
        // That it is the port is a guess by a list.
        CloseReason::Blocked {
            by: Blocked::Port, ..
        }
        | CloseReason::NeverOpened { .. }
        | CloseReason::ClosedBeforeConnAck
        | CloseReason::Lost { .. }
        | CloseReason::ConnectTimeout { .. }
        | CloseReason::PingTimeout => Severity::Retry,
        // A guess, another tab that will be closed, a server that will be repaired.
        CloseReason::NameInUse | CloseReason::SessionInUse | CloseReason::Protocol(_) => {
            Severity::Slow
        }
        // A code that no specification names: the reason is not known, so neither is its end.
        CloseReason::Refused {
            return_code: 6..=0x7F,
            ..
        } => Severity::Slow,
        CloseReason::Disconnected { reason, .. } if is_accepted => of_disconnect(*reason),
        CloseReason::Refused { reason, .. } | CloseReason::Disconnected { reason, .. } => {
            of_refusal(*reason)
        }
    }
}

/// What no message of ours can be the reason for.
pub(crate) const fn is_of_network(reason: &CloseReason) -> bool {
    matches!(
        reason,
        CloseReason::NeverOpened { .. }
            | CloseReason::ClosedBeforeConnAck
            | CloseReason::ConnectTimeout { .. }
            | CloseReason::PingTimeout
    )
}

fn of_refusal(reason: ReasonCode) -> Severity {
    match reason.0 {
        // Version, client id, credentials, authentication, a topic or a feature of the will that the
        // server does not allow, another server for good (shown, never followed).
        0x84..=0x87 | 0x8C | 0x8E..=0x90 | 0x99..=0x9B | 0x9D => Severity::Terminal,
        // Malformed, protocol error, busy, banned (for a time, or this network), too large, quota,
        // another server for now, rate.
        0x81 | 0x82 | 0x89 | 0x8A | 0x93..=0x98 | 0x9C | 0x9E..=0x9F | 0xA1 | 0xA2 => {
            Severity::Slow
        }
        _ => Severity::Retry,
    }
}

/// What the server says after it accepted the login is about what was sent, or about itself.
fn of_disconnect(reason: ReasonCode) -> Severity {
    match reason.0 {
        // Authentication, taken over, another server for good (shown, never followed).
        0x8C | 0x8E | 0x9D => Severity::Terminal,
        0x81
        | 0x82
        | 0x84..=0x87
        | 0x89
        | 0x8A
        | 0x8F
        | 0x90
        | 0x93..=0x9C
        | 0x9E
        | 0x9F
        | 0xA1
        | 0xA2 => Severity::Slow,
        _ => Severity::Retry,
    }
}

impl CloseReason {
    /// In English, for developers; never holds an address or a secret.
    ///
    /// Made without `core::fmt`, like every text that reaches JavaScript: formatting would make the
    /// wasm larger by 5 KB.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::ClosedByUser => "disconnect was called".to_owned(),
            Self::AddressRefused(why) => ["the address was refused: ", why].concat(),
            Self::Blocked { by, .. } => ["the browser blocked the address: ", by.text()].concat(),
            Self::NeverOpened { after } => {
                let milliseconds = after.as_secs() * 1_000 + u64::from(after.subsec_millis());
                let milliseconds = milliseconds.to_string();
                ["the socket did not open, after ", &milliseconds, " ms"].concat()
            }
            Self::ClosedBeforeConnAck => "closed before the server answered CONNECT".to_owned(),
            Self::Lost { code } => ["connection lost, close code ", &code.to_string()].concat(),
            Self::ConnectTimeout { opened: false } => "the socket took too long to open".to_owned(),
            Self::ConnectTimeout { opened: true } => "no CONNACK in time".to_owned(),
            Self::PingTimeout => "no PINGRESP in time".to_owned(),
            Self::Refused {
                reason,
                return_code,
                reason_string,
                server_reference,
            } => [
                "the server refused the connection, reason ",
                &hexadecimal(reason.0),
                " (",
                &return_code.to_string(),
                ")",
                &server_words(reason_string.as_deref(), server_reference.as_deref()),
            ]
            .concat(),
            Self::Disconnected {
                reason,
                reason_string,
                server_reference,
            } => [
                "the server disconnected, reason ",
                &hexadecimal(reason.0),
                &server_words(reason_string.as_deref(), server_reference.as_deref()),
            ]
            .concat(),
            Self::NameInUse => "another client seems to use the same client id".to_owned(),
            Self::SessionInUse => "another page uses the kept session".to_owned(),
            Self::Protocol(error) => ["the server broke the protocol: ", &error.text()].concat(),
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Blocked {
    /// In English, for developers.
    const fn text(self) -> &'static str {
        match self {
            Self::SecurePage => "ws:// from a page that came over https",
            Self::Policy => "the page's Content Security Policy",
            Self::NotPermitted => "it is not permitted",
            Self::Port => "browsers do not open this port",
        }
    }
}

/// `0x87`
fn hexadecimal(code: u8) -> String {
    let digit = |number: u8| char::from_digit(number.into(), 16).unwrap_or('0');
    String::from_iter(['0', 'x', digit(code >> 4), digit(code & 0x0F)])
}

fn server_words(reason_string: Option<&str>, server_reference: Option<&str>) -> String {
    let mut words = String::new();
    if let Some(text) = reason_string {
        words.push_str(": ");
        words.push_str(text);
    }
    if let Some(server) = server_reference {
        words.push_str("; it names another server: ");
        words.push_str(server);
    }
    words
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reasons_are_shown_in_words() {
        let after = Duration::from_millis(2_345);
        let by = Blocked::Port;
        for (reason, words) in [
            (
                CloseReason::NeverOpened { after },
                "the socket did not open, after 2345 ms",
            ),
            (
                CloseReason::Blocked { by, after },
                "the browser blocked the address: browsers do not open this port",
            ),
        ] {
            assert_eq!(reason.to_string(), words);
        }
    }
}
