//! What clients may leave in the broker: sessions, retained messages, filters. Each has a bound, and who
//! meets it gets a reason code.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::ops::Bound;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use mqtt5::QoS;
use mqtt5::broker::events::RetainedSetEvent;
use mqtt5::broker::router::MessageRouter;
use mqtt5::broker::storage::{ClientSession, DynamicStorage, StorageBackend};
use mqtt5::broker::{AuthProvider, AuthResult, BrokerEventHandler, MqttBroker};
use mqtt5::packet::connect::ConnectPacket;
use mqtt5::packet::publish::PublishPacket;
use mqtt5::protocol::v5::reason_codes::ReasonCode;

use crate::copies::Copies;
use crate::login;
use crate::memory::{self, Pressure};
use crate::retained::RetainedFiles;
use crate::settings::{MAX_PACKET_BYTES, MOST_RETAINED_MESSAGES};

/// Sessions of clients that are not here, or will want theirs again.
pub const MOST_SESSIONS: usize = 1000;

/// Different filters of all clients together: each message is compared with those that have wildcards.
pub const MOST_FILTERS: usize = 5000;

/// Levels of a topic or filter, between slashes. Comparing takes time for each.
pub const MOST_LEVELS: usize = 128;

/// Bytes of all retained messages, with their topics and properties.
pub const MOST_RETAINED_BYTES: usize = 32 * 1024 * 1024;

/// When there is no room for more, a retained message may still be replaced by one of this size.
const SMALL: usize = 4096;

/// What a retained message takes beside its bytes, about.
const RETAINED_OVERHEAD: usize = 512;

/// How often it is seen whether memory is short.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Decides what a client may leave behind.
pub struct Quotas {
    inside: OnceLock<Inside>,
    /// Without them, everything is in memory.
    files: Option<RetainedFiles>,
    retained: Mutex<Retained>,
    copies: Copies,
}

struct Inside {
    router: Arc<MessageRouter>,
    storage: Option<Arc<DynamicStorage>>,
}

#[derive(Default)]
struct Retained {
    sizes: BTreeMap<Arc<str>, usize>,
    bytes: usize,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl Quotas {
    pub fn new(files: Option<RetainedFiles>) -> Self {
        Self {
            inside: OnceLock::new(),
            files,
            retained: Mutex::default(),
            copies: Copies::default(),
        }
    }

    /// Tells where to look; before the broker runs.
    pub async fn look_into(&self, broker: &MqttBroker) {
        let router = broker.router();
        let storage = broker.storage();
        if let Some(files) = &self.files
            && let Err(problem) = files.restore(&router).await
        {
            eprintln!("Not all retained messages of the lesson can be read: {problem}");
        }
        let _ = self.inside.set(Inside { router, storage });
    }

    /// The broker runs, and has read what it retained.
    pub async fn count_all(&self) {
        if let Some(Inside { router, .. }) = self.inside.get() {
            self.count_again(router).await;
        }
    }

    /// Throws away, while memory is short, what waits for those for whom most waits.
    pub async fn relieve(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let (Some(inside), true) = (self.inside.get(), memory::pressure() != Pressure::None)
            {
                inside.drop_longest_queue().await;
            }
        }
    }

    pub async fn retained_messages(&self) -> usize {
        match self.inside.get() {
            Some(Inside { router, .. }) => router.retained_count().await,
            None => 0,
        }
    }

    /// Clears the retained messages that a filter matches, and gives back how many. As when a client does it,
    /// who subscribed gets an empty message [MQTT-3.3.1-10], so that other pages drop what they show.
    pub async fn clear_retained(&self, filter: &str) -> usize {
        let Some(Inside { router, .. }) = self.inside.get() else {
            return 0;
        };
        let mut cleared = 0;
        for retained in router.get_retained_messages(filter).await {
            // What the broker says about itself is not the lesson's.
            if retained.topic_name.starts_with("$SYS/") {
                continue;
            }
            let mut empty = PublishPacket::new(retained.topic_name, Vec::new(), QoS::AtMostOnce);
            empty.retain = true;
            router.route_message(&empty, None).await;
            cleared += 1;
        }
        cleared
    }

    async fn admit(&self, connect: &ConnectPacket) -> AuthResult {
        if let Some(will) = &connect.will
            && !is_topic(&will.topic)
        {
            return AuthResult::fail(ReasonCode::TopicNameInvalid);
        }
        let login = login::check(connect.username.as_deref(), connect.password.as_deref());
        let keeps = ClientSession::expiry_from_connect(connect) != Some(0);
        let Some(inside) = self.inside.get().filter(|_| login.authenticated && keeps) else {
            return login;
        };
        if inside.has_room_for_session(&connect.client_id).await {
            return login;
        }
        AuthResult::fail_with_reason(
            ReasonCode::QuotaExceeded,
            "This broker keeps no more sessions",
        )
    }

    async fn may_subscribe(&self, client_id: &str, filter: &str) -> bool {
        let Some(inside) = self.inside.get() else {
            return false;
        };
        if !has_few_levels(filter) || inside.router.topic_count().await >= MOST_FILTERS {
            return false;
        }
        let bytes = self.retained().bytes_for(filter);
        self.copies.grant(client_id, bytes).await
    }

    fn retained(&self) -> MutexGuard<'_, Retained> {
        self.retained.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The broker counts retained messages, but not their bytes.
    async fn count_retained(&self, event: RetainedSetEvent) {
        let Some(Inside { router, .. }) = self.inside.get() else {
            return;
        };
        if let Some(files) = &self.files {
            // A full disk is reported by `disk`.
            let _ = files.update(&event.topic, router).await;
        }
        let size = match event.cleared {
            true => None,
            false => Some(retained_size(router, &event).await),
        };
        let is_full = {
            let mut retained = self.retained();
            retained.replace(event.topic, size);
            retained.bytes > MOST_RETAINED_BYTES
        };
        if is_full {
            self.count_again(router).await;
        }
        match self.retained().bytes > MOST_RETAINED_BYTES {
            true => router.update_retained_limits(1, SMALL),
            false => router.update_retained_limits(MOST_RETAINED_MESSAGES, MAX_PACKET_BYTES),
        }
    }

    /// Some may have expired.
    async fn count_again(&self, router: &MessageRouter) {
        let messages = router.get_retained_messages("#").await;
        let mut retained = Retained::default();
        for message in messages {
            retained.replace(
                Arc::from(message.topic_name.as_str()),
                Some(size_of(&message)),
            );
        }
        *self.retained() = retained;
    }
}

/// The event does not say what properties the message has.
async fn retained_size(router: &MessageRouter, event: &RetainedSetEvent) -> usize {
    let found = router.get_retained_messages(&event.topic).await;
    let size = event.topic.len() + event.payload.len() + RETAINED_OVERHEAD;
    found.first().map_or(size, size_of)
}

fn size_of(message: &PublishPacket) -> usize {
    message.topic_name.len()
        + message.payload.len()
        + message.properties.encoded_len()
        + RETAINED_OVERHEAD
}

/// The broker publishes a last will without a look at its topic, and a receiver of one with `#` hangs up.
/// [MQTT-3.3.2-2]
fn is_topic(topic: &str) -> bool {
    !topic.is_empty() && !topic.contains(['+', '#']) && has_few_levels(topic)
}

fn has_few_levels(topic: &str) -> bool {
    topic.bytes().filter(|&byte| byte == b'/').count() < MOST_LEVELS
}

impl Retained {
    fn replace(&mut self, topic: Arc<str>, size: Option<usize>) {
        let before = match size {
            Some(size) => self.sizes.insert(topic, size),
            None => self.sizes.remove(&topic),
        };
        self.bytes = (self.bytes + size.unwrap_or(0)).saturating_sub(before.unwrap_or(0));
    }

    /// Of those on topics that begin as the filter does, up to its first wildcard: as many as match, or more.
    fn bytes_for(&self, filter: &str) -> usize {
        let end = filter.find(['+', '#']).unwrap_or(filter.len());
        let beginning = filter.get(..end).unwrap_or(filter).trim_end_matches('/');
        let from = (Bound::Included(beginning), Bound::Unbounded);
        (self.sizes.range::<str, _>(from))
            .take_while(|(topic, _)| topic.starts_with(beginning))
            .map(|(_, size)| size)
            .sum()
    }
}

impl Inside {
    async fn has_room_for_session(&self, client_id: &str) -> bool {
        let Some(storage) = &self.storage else {
            return true;
        };
        let Ok(stored) = storage.session_client_ids().await else {
            return false;
        };
        stored.len() < MOST_SESSIONS || stored.iter().any(|known| known == client_id)
    }

    async fn drop_longest_queue(&self) {
        let Some(storage) = &self.storage else { return };
        let Ok(clients) = storage.session_client_ids().await else {
            return;
        };
        let longest = clients
            .iter()
            .map(|client_id| self.router.queue_handle(client_id))
            .max_by_key(|queue| queue.count());
        if let Some(queue) = longest.filter(|queue| !queue.is_empty()) {
            let dropped = queue.clear(None);
            let client_id = queue.client_id();
            eprintln!(
                "Memory is short: {dropped} messages that waited for {client_id:?} are dropped."
            );
        }
    }
}

impl AuthProvider for Quotas {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        _: SocketAddr,
    ) -> Answer<'a, mqtt5::Result<AuthResult>> {
        Box::pin(async { Ok(self.admit(connect).await) })
    }

    fn authorize_publish<'a>(
        &'a self,
        _: &str,
        _: Option<&'a str>,
        topic: &'a str,
    ) -> Answer<'a, bool> {
        Box::pin(std::future::ready(has_few_levels(topic)))
    }

    fn authorize_subscribe<'a>(
        &'a self,
        client_id: &str,
        _: Option<&'a str>,
        filter: &'a str,
    ) -> Answer<'a, bool> {
        let client_id = client_id.to_string();
        Box::pin(async move { self.may_subscribe(&client_id, filter).await })
    }
}

impl BrokerEventHandler for Quotas {
    fn on_retained_set<'a>(&'a self, event: RetainedSetEvent) -> Answer<'a, ()> {
        Box::pin(self.count_retained(event))
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_LEVELS, Retained, has_few_levels};

    #[test]
    fn retained_bytes_are_counted_once_for_each_topic() {
        let mut retained = Retained::default();

        retained.replace("a".into(), Some(10));
        retained.replace("b".into(), Some(5));
        retained.replace("a".into(), Some(3));
        retained.replace("b".into(), None);
        retained.replace("c".into(), None);

        assert_eq!(retained.bytes, 3);
    }

    #[test]
    fn a_filter_brings_no_more_than_what_begins_as_it_does() {
        let mut retained = Retained::default();
        for (topic, size) in [("a", 1), ("a/b", 2), ("a/b/c", 4), ("ab", 8), ("b", 16)] {
            retained.replace(topic.into(), Some(size));
        }

        for (filter, bytes) in [
            ("#", 31),
            ("+/b", 31),
            ("a/#", 15),
            ("a/b/+", 6),
            ("b", 16),
            ("c", 0),
        ] {
            assert_eq!(retained.bytes_for(filter), bytes, "{filter}");
        }
    }

    #[test]
    fn topics_have_a_bounded_number_of_levels() {
        assert!(has_few_levels(&"a/".repeat(MOST_LEVELS - 1)));
        assert!(!has_few_levels(&"a/".repeat(MOST_LEVELS)));
    }
}
