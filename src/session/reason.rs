//! Which failures are worth another attempt, and the words for developers.

use std::fmt;

use super::event::CloseReason;
use crate::packet::ReasonCode;

/// What a failure means for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// Time alone mends it.
    Retry,
    /// Time may mend it: a few slow attempts, then it counts as terminal.
    Slow {
        /// How many failures in a row are the last.
        attempts: u32,
    },
    /// Only a person can mend it.
    Terminal,
}

pub(super) fn severity(reason: &CloseReason) -> Severity {
    match reason {
        CloseReason::ClosedByUser
        | CloseReason::AddressRefused(_)
        | CloseReason::NameInUse
        | CloseReason::SessionInUse => Severity::Terminal,
        CloseReason::NeverOpened { .. }
        | CloseReason::ClosedBeforeConnAck
        | CloseReason::Lost { .. }
        | CloseReason::ConnectTimeout { .. }
        | CloseReason::PingTimeout => Severity::Retry,
        // A code that no specification names: the reason is not known, so neither is its end.
        CloseReason::Refused {
            return_code: 6..=0x7F,
            ..
        } => Severity::Terminal,
        CloseReason::Refused { reason, .. } | CloseReason::Disconnected { reason, .. } => {
            of_code(*reason)
        }
        CloseReason::Protocol(_) => Severity::Slow { attempts: 3 },
    }
}

fn of_code(reason: ReasonCode) -> Severity {
    match reason.0 {
        // Malformed, protocol error, receive maximum, alias, too large, busy, rate, quota.
        0x81 | 0x82 | 0x89 | 0x93..=0x97 | 0x9F => Severity::Slow { attempts: 5 },
        // Version, client id, credentials, banned, authentication, taken over, a topic or a feature
        // of ours that the server does not allow, another server (shown, never followed).
        0x84..=0x87 | 0x8A | 0x8C | 0x8E..=0x90 | 0x98..=0x9E | 0xA1 | 0xA2 => Severity::Terminal,
        _ => Severity::Retry,
    }
}

impl fmt::Display for CloseReason {
    /// In English, for developers; never holds an address or a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedByUser => f.write_str("disconnect was called"),
            Self::AddressRefused(why) => write!(f, "the browser refused the address: {why}"),
            Self::NeverOpened { after } => {
                write!(
                    f,
                    "the WebSocket did not open, after {} ms",
                    after.as_secs() * 1_000 + u64::from(after.subsec_millis())
                )
            }
            Self::ClosedBeforeConnAck => f.write_str("closed before the server answered CONNECT"),
            Self::Lost { code } => write!(f, "connection lost, close code {code}"),
            Self::ConnectTimeout { opened: false } => f.write_str("the WebSocket took too long"),
            Self::ConnectTimeout { opened: true } => f.write_str("no CONNACK in time"),
            Self::PingTimeout => f.write_str("no PINGRESP in time"),
            Self::Refused {
                reason,
                return_code,
                reason_string,
                server_reference,
            } => {
                let code = reason.0;
                write!(
                    f,
                    "the server refused the connection, reason {code:#04x} ({return_code})"
                )?;
                write_server_words(f, reason_string.as_deref(), server_reference.as_deref())
            }
            Self::Disconnected {
                reason,
                reason_string,
                server_reference,
            } => {
                write!(f, "the server disconnected, reason {:#04x}", reason.0)?;
                write_server_words(f, reason_string.as_deref(), server_reference.as_deref())
            }
            Self::NameInUse => f.write_str("another client seems to use the same client id"),
            Self::SessionInUse => f.write_str("another page uses the kept session"),
            Self::Protocol(error) => write!(f, "the server broke the protocol: {error}"),
        }
    }
}

fn write_server_words(
    f: &mut fmt::Formatter<'_>,
    reason_string: Option<&str>,
    server_reference: Option<&str>,
) -> fmt::Result {
    if let Some(text) = reason_string {
        write!(f, ": {text}")?;
    }
    if let Some(server) = server_reference {
        write!(f, "; it names another server: {server}")?;
    }
    Ok(())
}
