//! CONNECT and CONNACK.

use std::num::NonZeroU16;
use std::time::Duration;

use super::aliases::TOPIC_ALIASES_IN;
use super::limits::ServerLimits;
use super::{Close, Connection};
use crate::codec::ProtocolError;
use crate::packet::{
    ConnAck, ConnAckProperties, Connect, ConnectProperties, Packet, PacketType, ProtocolVersion,
    ReasonCode,
};
use crate::session::agreed::Agreed;
use crate::session::agreed::subscriptions::Copies;
use crate::session::clock::{Clock, Timer};
use crate::session::event::{CloseReason, Event};
use crate::session::parts::{Parts, add};
use crate::session::retry::backoff::Backoff;
use crate::session::wanted::options::SessionOptions;

/// The size of the smallest PUBLISH of 5.0; a server that takes less takes nothing.
const LEAST_PACKET: usize = 6;

/// A connection that lasted this long forgets the failures before it.
const STABLE: Duration = Duration::from_secs(30);

/// 3.1.1 has one flag for "forget" and "remember nothing"; 5.0 says when to forget by the
/// session's expiry, so a reconnect can find the session even of a client that started clean.
pub(crate) fn wants_clean_start(
    options: &SessionOptions,
    version: ProtocolVersion,
    agreed: &Agreed,
) -> bool {
    match version {
        // An empty name has no session. [MQTT-3.1.3-7]
        ProtocolVersion::V3_1_1 => options.clean_session || options.client_id.is_empty(),
        ProtocolVersion::V5_0 => {
            agreed.starts_clean || (options.clean_session && !agreed.is_on_server)
        }
    }
}

impl Connection {
    pub(crate) fn send_connect(
        &mut self,
        options: &SessionOptions,
        agreed: &Agreed,
    ) -> Result<(), Close> {
        let connect = Connect {
            client_id: agreed.client_id(options),
            clean_session: self.clean_start,
            keep_alive_secs: u16::try_from(options.keep_alive.as_secs()).unwrap_or(u16::MAX),
            user_name: filled(options.user_name.as_ref()),
            password: filled(options.password.as_ref()),
            will: options.will.clone(),
            properties: ConnectProperties {
                session_expiry_secs: u32::try_from(options.session_expiry.as_secs()).ok(),
                receive_maximum: NonZeroU16::new(options.receive_maximum),
                maximum_packet_size: u32::try_from(options.max_packet_bytes).ok(),
                topic_alias_maximum: Some(TOPIC_ALIASES_IN),
                ..options.properties.clone()
            },
        };
        self.send(&Packet::Connect(Box::new(connect)))
    }

    /// CONNACK: we are in, or the reason why not.
    pub(crate) fn connack(&mut self, connack: &ConnAck, parts: &mut Parts) -> Result<(), Close> {
        let is_other_version = connack.reason == ReasonCode::UNSUPPORTED_PROTOCOL_VERSION
            || connack.reason == ReasonCode::SUCCESS && connack.version != self.version;
        if is_other_version {
            let policy = parts.wanted.options.version;
            let versions = &mut parts.retry.versions;
            return Err(if versions.fall_back(policy, &self.url, self.version) {
                Close::Reopen
            } else {
                refused(connack, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION)
            });
        }
        if connack.reason.is_error() {
            return Err(refused(connack, connack.reason));
        }
        if connack.session_present {
            let (options, backoff) = (&parts.wanted.options, &mut parts.retry.backoff);
            self.may_be_present(options, &mut parts.agreed, backoff)?;
        } else {
            parts.session_lost();
        }
        self.accept(connack, parts)
    }

    /// Whether the server may have a session of ours.
    fn may_be_present(
        &self,
        options: &SessionOptions,
        agreed: &mut Agreed,
        backoff: &mut Backoff,
    ) -> Result<(), Close> {
        if self.clean_start {
            // [MQTT-3.2.2-1] [MQTT5-3.2.2-2]
            let what = "session present after a clean session";
            let packet = PacketType::ConnAck;
            return Err(ProtocolError::Violation { packet, what }.into());
        }
        if agreed.is_on_server {
            return Ok(());
        }
        // Whether a session that we know nothing of is that of an earlier run. Nothing of ours was on
        // its way, and that is a state like any other: the session goes on.
        let may_go_on = options.client_id_is_chosen && !options.clean_session;
        if self.version == ProtocolVersion::V5_0 && !may_go_on {
            // It is not ours: start anew. [MQTT5-3.2.2-4]
            agreed.starts_clean = true;
            return Err(Close::Reopen);
        }
        // What an earlier run sent may still have its number there.
        if agreed.packet_ids.are_fresh() {
            agreed.packet_ids.go_on_from(backoff.number());
        }
        Ok(())
    }

    /// Whether it was accepted, and no failure followed for a while.
    pub(crate) fn has_lasted(&self, clock: &Clock) -> bool {
        clock.since(self.accepted) >= STABLE
    }

    fn accept(&mut self, connack: &ConnAck, parts: &mut Parts) -> Result<(), Close> {
        self.accepted = parts.clock.now();
        // Nothing but CONNECT was sent so far.
        let answer_time = parts.clock.since(self.keep_alive.last_sent);
        parts.statistics.answer_time = Some(answer_time);
        parts.retry.first_address = self.address;
        self.learn_limits(&connack.properties, &parts.wanted.options)?;
        self.agree(connack, &parts.wanted.options, &mut parts.agreed);
        parts.retry.versions.worked(&self.url, self.version);
        if std::mem::replace(&mut parts.retry.has_connected, true) {
            add(&mut parts.statistics.reconnects, 1);
        }
        parts.clock.clear(Timer::ConnectTotal);
        parts.clock.clear(Timer::NextAddress);
        parts.clock.set(Timer::Stable, STABLE);
        self.quarantine
            .begin(&parts.retry.evidence, &mut parts.clock);
        self.keep_alive.restart(&mut parts.clock);
        let client_id = parts.agreed.client_id(&parts.wanted.options);
        parts.out.emit(Event::Connected {
            session_present: connack.session_present,
            version: self.version,
            client_id,
            address: u32::try_from(self.address).unwrap_or(u32::MAX),
            properties: Box::new(connack.properties.clone()),
        });
        Ok(())
    }

    /// What the server allows until the connection ends.
    fn learn_limits(
        &mut self,
        said: &ConnAckProperties,
        options: &SessionOptions,
    ) -> Result<(), Close> {
        if self.version == ProtocolVersion::V5_0 {
            self.limits = ServerLimits::by(said, options);
        }
        if let Some(secs) = said.server_keep_alive_secs {
            // [MQTT5-3.1.2-21]
            self.keep_alive.interval = Duration::from_secs(secs.into());
        }
        let limit = self.limits.max_packet_bytes;
        if limit < LEAST_PACKET {
            // [MQTT5-3.2.2-15]
            return Err(ProtocolError::NoRoom { limit }.into());
        }
        Ok(())
    }

    /// What both sides know of the session from now on.
    fn agree(&self, connack: &ConnAck, options: &SessionOptions, agreed: &mut Agreed) {
        let said = &connack.properties;
        let is_v5 = self.version == ProtocolVersion::V5_0;
        let copies = match options.subscription_identifiers {
            _ if !self.limits.subscription_ids => Copies::Alike,
            false => Copies::Identified,
            true => Copies::Separate,
        };
        agreed.subscriptions.connected(copies, is_v5);
        if connack.session_present {
            agreed.subscriptions.session_goes_on();
        }
        let asked = options.session_expiry.as_secs();
        let is_kept = match self.version {
            ProtocolVersion::V3_1_1 => !self.clean_start,
            ProtocolVersion::V5_0 => said.session_expiry_secs.map_or(asked, u64::from) > 0,
        };
        agreed.established(is_kept);
        let assigned = said.assigned_client_id.clone();
        agreed.assigned_client_id = assigned.or(agreed.assigned_client_id.take());
    }
}

fn refused(connack: &ConnAck, reason: ReasonCode) -> Close {
    Close::Because(CloseReason::Refused {
        reason,
        return_code: connack.return_code,
        reason_string: connack.properties.reason_string.clone(),
        server_reference: connack.properties.server_reference.clone(),
    })
}

/// An empty text box means "none", not "empty".
fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}
