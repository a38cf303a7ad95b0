//! One Topic Filter: who wants it, which subscription serves it, and what the server knows of it.

use std::time::Duration;

use crate::packet::SubscribeOptions;
use crate::packet::{PacketId, QoS, RetainHandling};
use crate::session::event::SubscriptionId;
use crate::session::wanted::interest::Interest;

/// How many subscriptions are remembered that served a filter before.
const MOST_BEFORE: usize = 16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum OnServer {
    /// Not subscribed.
    #[default]
    No,
    /// A request was lost with its connection: it may or may not have arrived.
    Unknown,
    /// SUBSCRIBE is on its way.
    Subscribing(SubscribeOptions),
    /// The server granted this.
    Granted(SubscribeOptions),
    /// UNSUBSCRIBE is on its way.
    Unsubscribing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Subscribe,
    Unsubscribe,
    /// UNSUBSCRIBE, once what takes its place is there.
    HandOver,
}

/// What a subscription on the server is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Use {
    /// Nothing: it should not be there.
    #[default]
    Nothing,
    /// It serves the filters whose `served_by` names it.
    Serves,
    /// It brings the retained messages of this filter, which another subscription serves.
    FetchesKept,
    /// Another one takes its place.
    HandsOver,
}

/// A Topic Filter of the table: one that somebody wants, one that is subscribed to in place of
/// several, or both. It has three ends of life, and each ends by being replaced.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Ends with the page.
    pub(super) interest: Interest,
    /// Ends with the server's session, and when it is wanted in another way.
    pub(super) service: Service,
    /// Ends with the server's session.
    pub(super) subscription: Subscription,
    /// The server said no; it is not asked again by itself, and not by another session either.
    pub(super) is_refused: bool,
    /// The server, or another of its cluster, took it once; how often it said no since.
    pub(super) was_taken: bool,
    pub(super) refusals: u32,
    /// It is asked for again in a while.
    pub(super) is_asked_later: bool,
    /// Nobody ever wanted it for itself.
    pub(super) is_join: bool,
    /// Whether the application waits for the report that it ended.
    pub(super) reports_end: bool,
}

/// Which subscription brings a filter's messages, and what it brought.
#[derive(Clone, Debug, Default)]
pub(super) struct Service {
    /// The subscription whose messages are for this filter; `None` until one is chosen.
    pub(super) by: Option<SubscriptionId>,
    /// The identifiers of those that served it before.
    pub(super) before: Vec<u32>,
    /// Whether the application knows that it is subscribed to.
    pub(super) is_reported: bool,
    /// Whether the server must be asked for retained messages.
    pub(super) awaits_kept: bool,
    /// The subscription that brings retained messages.
    pub(super) kept_from: Option<SubscriptionId>,
    /// When the server answered.
    pub(super) since: Option<Duration>,
    /// What came while the server might send retained messages, as numbers, in order.
    pub(super) kept_seen: Vec<u32>,
}

/// What the server has of a filter, or is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscription {
    pub(super) on_server: OnServer,
    /// The last request about it.
    pub(super) last_request: Option<PacketId>,
    /// The last SUBSCRIBE for it.
    pub(super) last_subscribe: Option<PacketId>,
    /// The last answer had no code for it: the next request is for it alone, and the last.
    pub(super) is_unanswered: bool,
    /// It must be asked for again without waiting for UNSUBACK, because another one is to hand over.
    pub(super) is_in_a_hurry: bool,
    pub(super) purpose: Use,
    /// What the server is asked for.
    pub(super) options: SubscribeOptions,
    /// How many filters it serves, and how many there were when that was last thought about.
    pub(super) serves: u32,
    pub(super) served_most: u32,
    /// It must be asked for although it is granted.
    pub(super) is_asked_again: bool,
    /// Its Subscription Identifier, which also says its age; 0 when it has none.
    pub(super) identifier: u32,
    /// The server has said yes to the subscription with this identifier.
    pub(super) is_granted: bool,
    /// The one that it had before an UNSUBSCRIBE that is on its way.
    pub(super) last_identifier: u32,
    /// The QoS that it was first asked for with: subscriptions that overlap share their copies when
    /// that is the same.
    pub(super) lane: QoS,
    /// The list in which it waits for its packet.
    pub(super) waits_for: Option<Request>,
}

impl Entry {
    pub(super) const fn is_wanted(&self) -> bool {
        !self.interest.is_over()
    }

    pub(super) fn wanted(&self) -> SubscribeOptions {
        self.interest.options()
    }

    /// Whether the answer to another filter is the answer to this one too: it serves this one, or
    /// brings its retained messages.
    pub(super) fn is_answered_with(&self, other: SubscriptionId) -> bool {
        let service = &self.service;
        let brings_all = match service.kept_from {
            Some(from) => from == other,
            None => service.by == Some(other) && !service.awaits_kept,
        };
        self.is_wanted() && !service.is_reported && !self.is_refused && brings_all
    }

    /// Nobody wants it, and the server does not know it.
    pub(super) const fn is_over(&self) -> bool {
        self.interest.is_over()
            && !self.is_refused
            && self.subscription.serves == 0
            && matches!(self.subscription.purpose, Use::Nothing | Use::HandsOver)
            && matches!(self.subscription.on_server, OnServer::No)
    }

    /// It is as if the server had never been asked.
    pub(super) fn session_lost(&mut self) {
        // Also where the answer to another one was its answer. Before that, a refusal is the first of its own.
        self.was_taken |= self.service.is_reported;
        self.subscription = Subscription::default();
        self.begin_anew();
    }

    /// Which subscription serves the filter is not known any more, and retained messages are new to it.
    pub(super) fn begin_anew(&mut self) {
        self.service = Service {
            awaits_kept: self.interest.last().retain_handling != RetainHandling::Never,
            ..Service::default()
        };
    }
}

impl Service {
    /// Remembers what served it. What ended long ago does not matter.
    pub(super) fn remember(&mut self, identifiers: Option<[u32; 2]>) {
        let given = identifiers.into_iter().flatten().filter(|id| *id != 0);
        self.before.extend(given);
        let too_many = self.before.len().saturating_sub(MOST_BEFORE);
        self.before.drain(..too_many);
    }
}

impl Subscription {
    /// Whether the server may send messages because of it.
    pub(super) const fn is_active(&self) -> bool {
        !matches!(self.on_server, OnServer::No)
    }

    /// Whether the server has been asked, and nothing more will be.
    pub(super) const fn is_asked(&self) -> bool {
        let is_known = matches!(
            self.on_server,
            OnServer::Subscribing(_) | OnServer::Granted(_)
        );
        is_known && self.waits_for.is_none()
    }

    /// What the server may add to messages that it sends because of it; 0 is none.
    pub(super) const fn identifiers(&self) -> [u32; 2] {
        [self.identifier, self.last_identifier]
    }

    /// Whether messages that come because of it may name it.
    pub(super) const fn has_identifier(&self) -> bool {
        self.is_active() && self.identifier != 0
    }

    /// Whether the server said yes to one with an identifier that it still has.
    pub(super) const fn was_granted(&self) -> bool {
        self.is_granted || self.last_identifier != 0
    }

    pub(super) const fn oldest_identifier(&self) -> u32 {
        if self.last_identifier == 0 {
            self.identifier
        } else {
            self.last_identifier
        }
    }

    /// It is to bring at least this QoS.
    pub(super) fn raise(&mut self, qos: QoS) {
        self.options.qos = self.options.qos.max(qos);
    }

    /// SUBSCRIBE leaves.
    pub(super) fn asked(&mut self, packet_id: PacketId, identifier: Option<u32>) {
        if !self.is_active() {
            self.lane = self.options.qos;
        }
        if self.on_server == OnServer::Unsubscribing {
            self.last_identifier = self.oldest_identifier();
            self.is_granted = false;
        }
        self.on_server = OnServer::Subscribing(self.options);
        self.last_request = Some(packet_id);
        self.last_subscribe = Some(packet_id);
        self.is_in_a_hurry = false;
        self.is_asked_again = false;
        self.identifier = identifier.unwrap_or(0);
    }

    /// The server said yes, and was asked nothing since. What was only fetched was all that it is for.
    pub(super) fn granted(&mut self) {
        if let OnServer::Subscribing(options) = self.on_server {
            self.on_server = OnServer::Granted(options);
            self.is_granted = true;
        }
        if self.purpose == Use::FetchesKept && !self.is_asked_again {
            self.purpose = Use::HandsOver;
        }
    }

    /// The server does not have it any more.
    pub(super) const fn forget(&mut self) {
        self.on_server = OnServer::No;
        self.identifier = 0;
        self.is_granted = false;
    }

    /// The packet that makes the server agree. Where it says which subscription a message is for,
    /// one that hands over stays until the next one was granted.
    pub(super) fn need(&self, has_identifiers: bool) -> Option<Request> {
        use OnServer::{Granted, No, Subscribing, Unknown, Unsubscribing};
        match (self.on_server, self.purpose) {
            (No | Unknown, Use::Serves | Use::FetchesKept) => Some(Request::Subscribe),
            (Granted(granted), Use::Serves)
                if self.is_asked_again || asks_for_more(self.options, granted) =>
            {
                Some(Request::Subscribe)
            }
            (Granted(_), Use::FetchesKept) if self.is_asked_again => Some(Request::Subscribe),
            (Unsubscribing, Use::Serves) if self.is_in_a_hurry => Some(Request::Subscribe),
            (Granted(_) | Unknown, Use::Nothing) => Some(Request::Unsubscribe),
            (Granted(_) | Unknown, Use::HandsOver) => Some(Request::HandOver),
            (Subscribing(_), Use::HandsOver) if !has_identifiers => Some(Request::HandOver),
            (Granted(_), Use::Serves | Use::FetchesKept)
            | (Subscribing(_) | Unsubscribing, _)
            | (No, Use::Nothing | Use::HandsOver) => None,
        }
    }
}

/// Whether a new SUBSCRIBE is needed; a lower QoS alone is not worth one.
pub(super) fn asks_for_more(wanted: SubscribeOptions, granted: SubscribeOptions) -> bool {
    wanted.qos > granted.qos
        || SubscribeOptions {
            qos: granted.qos,
            ..wanted
        } != granted
}
