//! Who is here, by client identifier.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use serde::Serialize;

use crate::class::heads::{self, Aliases, Connect, VERSION_5};
use crate::class::member::{Details, Member, Tile, cut};
use crate::front::packets::FixedHeader;
use crate::names;

/// Clients that are remembered; beyond them, those who went first are forgotten.
const MOST_MEMBERS: usize = 512;

/// Clients without a name that are remembered when they are gone: nobody knows one again, and a board that comes and goes
/// would be all of them.
const MOST_NAMELESS: usize = 5;

/// How a client came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// Over WebSocket, as Scratch and other pages do.
    Page,
    /// Over TCP, as boards and programs do.
    Program,
}

/// Everybody who came since the lesson began.
#[derive(Default)]
pub struct Register {
    members: Mutex<BTreeMap<Arc<str>, Shared>>,
    /// How many came without a name.
    nameless: AtomicUsize,
}

type Shared = Arc<Mutex<Member>>;

impl Register {
    /// A connection begins.
    pub fn enter(self: &Arc<Self>, way: Way) -> Guest {
        Guest {
            register: Arc::clone(self),
            way,
            version: OnceLock::new(),
            aliases: Mutex::default(),
            member: OnceLock::new(),
            has_ended: AtomicBool::new(false),
        }
    }

    /// A tile for each, by name.
    pub fn tiles(&self) -> Vec<Tile> {
        lock(&self.members)
            .iter()
            .map(|(name, member)| lock(member).tile(&shown(name)))
            .collect()
    }

    /// Of the one that is shown under this name.
    pub fn details(&self, name: &str) -> Option<Details> {
        let found = lock(&self.members)
            .iter()
            .find(|(known, _)| shown(known) == name)
            .map(|(_, member)| Arc::clone(member));
        let member = found?;
        let details = lock(&member).details();
        Some(details)
    }

    /// Everybody's last messages, with the names of those who published them.
    pub fn messages(&self) -> Vec<(Arc<str>, Details)> {
        lock(&self.members)
            .iter()
            .map(|(name, member)| (Arc::clone(name), lock(member).details()))
            .collect()
    }

    /// Those who are not here are forgotten.
    pub fn forget_absent(&self) {
        lock(&self.members).retain(|_, member| lock(member).is_open());
    }

    /// A new lesson begins: so is what the others sent.
    pub fn begin_anew(&self) {
        self.forget_absent();
        for member in lock(&self.members).values() {
            lock(member).begin_anew();
        }
    }

    /// The member of this name, who is here from now on; `None` when more are here than can be shown.
    fn welcome(&self, name: &str, is_nameless: bool, way: Way, version: u8) -> Option<Shared> {
        let mut members = lock(&self.members);
        if !members.contains_key(name) {
            let nameless = match is_nameless {
                true => gone(&members, Member::is_nameless),
                false => Gone::new(),
            };
            if nameless.len() >= MOST_NAMELESS {
                forget_first(&mut members, nameless);
            } else if members.len() >= MOST_MEMBERS {
                let all = gone(&members, |_| true);
                forget_first(&mut members, all)?;
            }
        }
        let member = members
            .entry(Arc::from(name))
            .or_insert_with(|| Arc::new(Mutex::new(Member::new(way, version))));
        lock(member).connects(way, version);
        lock(member).is_called(is_nameless);
        Some(Arc::clone(member))
    }
}

type Gone = Vec<(SystemTime, Arc<str>)>;

/// Those who are not here, of a kind.
fn gone(members: &BTreeMap<Arc<str>, Shared>, is_meant: impl Fn(&Member) -> bool) -> Gone {
    let gone = members.iter().filter_map(|(name, member)| {
        let member = lock(member);
        (!member.is_open() && is_meant(&member)).then(|| (member.since(), Arc::clone(name)))
    });
    gone.collect()
}

/// The one who went first; `None` where there is none.
fn forget_first(members: &mut BTreeMap<Arc<str>, Shared>, gone: Gone) -> Option<Shared> {
    let (_, first) = gone.into_iter().min()?;
    members.remove(&first)
}

/// A long name as the teacher sees it, and asks for it: no two are the same.
fn shown(name: &str) -> String {
    match cut(name) {
        short if short == name => short,
        beginning => format!("{beginning} {}", names::made_from(name)),
    }
}

/// One connection, from its first packet to its end.
pub struct Guest {
    register: Arc<Register>,
    way: Way,
    version: OnceLock<u8>,
    aliases: Mutex<Aliases>,
    member: OnceLock<Option<Shared>>,
    has_ended: AtomicBool,
}

impl Guest {
    /// The version of MQTT that the client speaks, once it said so.
    pub fn version(&self) -> Option<u8> {
        self.version.get().copied()
    }

    /// The client sends a packet.
    pub fn sends(&self, header: FixedHeader, head: &[u8]) {
        if header.is_connect() {
            if let Some(connect) = Connect::read(head) {
                self.connects(&connect);
            }
            return;
        }
        let (Some(member), Some(version)) = (self.member(), self.version()) else {
            return;
        };
        if header.is_publish() {
            if let Some(publish) = lock(&self.aliases).publish(header, head, version) {
                lock(member).publishes(&publish, header.is_kept());
            }
        } else if header.is_subscribe() {
            lock(member).subscribes(heads::filters(head, version));
        } else if header.is_disconnect() {
            lock(member).disconnects();
            self.ends();
        }
    }

    /// Messages of the client are dropped.
    pub fn loses(&self, messages: u64) {
        if let Some(member) = self.member() {
            lock(member).loses(messages);
        }
    }

    /// The client is gone, whatever is still done for it.
    pub fn ends(&self) {
        if !self.has_ended.swap(true, Ordering::Relaxed)
            && let Some(member) = self.member()
        {
            lock(member).ends();
        }
    }

    /// The broker sends a packet.
    pub fn receives(&self, header: FixedHeader, packet: &[u8]) {
        if !header.is_connack() {
            return;
        }
        if let Some(name) = heads::assigned_client_id(header, packet) {
            self.is_called(&name, true);
        }
        if let (Some(member), Some(code)) = (self.member(), heads::connack_code(header, packet)) {
            lock(member).answered(code);
        }
    }

    fn connects(&self, connect: &Connect) {
        let _ = self.version.set(connect.version);
        match connect.client_id.as_str() {
            // The answer has a name in 5.0; before, nobody learns it.
            "" if connect.version == VERSION_5 => {}
            "" => {
                let number = self.register.nameless.fetch_add(1, Ordering::Relaxed) + 1;
                self.is_called(&format!("? {number}"), true);
            }
            name => self.is_called(name, false),
        }
    }

    fn is_called(&self, name: &str, is_nameless: bool) {
        let version = self.version().unwrap_or_default();
        self.member
            .get_or_init(|| self.register.welcome(name, is_nameless, self.way, version));
    }

    fn member(&self) -> Option<&Shared> {
        self.member.get()?.as_ref()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.ends();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{MOST_MEMBERS, MOST_NAMELESS, Register, Way};
    use crate::class::member::State;
    use crate::front::packets::{FixedHeader, Header};

    fn header(packet: &[u8]) -> FixedHeader {
        match Header::read(packet) {
            Header::Whole(header) => header,
            other => panic!("{other:?}"),
        }
    }

    fn connect(name: &str) -> Vec<u8> {
        let length = u8::try_from(name.len()).unwrap();
        [
            &b"\0\x04MQTT\x04\x02\0\x3c\0"[..],
            &[length],
            name.as_bytes(),
        ]
        .concat()
    }

    #[tokio::test]
    async fn who_connects_is_here_until_the_connection_ends() {
        let register = Arc::<Register>::default();
        let guest = register.enter(Way::Page);
        assert!(register.tiles().is_empty());

        guest.sends(header(&[0x10, 1]), &connect("ada"));
        guest.sends(header(&[0x30, 4]), b"\0\x01t1");
        guest.sends(header(&[0x82, 6]), b"\0\x01\0\x01f\0");
        let [tile] = &register.tiles()[..] else {
            panic!("one");
        };
        assert_eq!((tile.name.as_str(), tile.state), ("ada", State::Here));
        let details = register.details("ada").unwrap();
        assert_eq!(details.filters, ["f"]);
        assert_eq!(details.messages[0].text.as_deref(), Some("1"));

        drop(guest);
        assert_eq!(register.tiles()[0].state, State::Gone);
        register.forget_absent();
        assert!(register.tiles().is_empty());
    }

    #[tokio::test]
    async fn who_has_no_name_gets_that_of_the_broker() {
        let register = Arc::<Register>::default();
        let guest = register.enter(Way::Program);

        guest.sends(header(&[0x10, 1]), b"\0\x04MQTT\x05\x02\0\x3c\0\0\0");
        let answer = b"\x20\x09\0\0\x06\x12\0\x03x-1";
        guest.receives(header(answer), answer);

        assert_eq!(register.tiles()[0].name, "x-1");
    }

    #[tokio::test]
    async fn a_refusal_is_seen() {
        let register = Arc::<Register>::default();
        let guest = register.enter(Way::Program);

        guest.sends(header(&[0x10, 1]), &connect("ada"));
        guest.receives(header(&[0x20, 2]), &[0x20, 2, 0, 5]);
        drop(guest);

        assert_eq!(register.tiles()[0].state, State::Refused);
    }

    #[tokio::test]
    async fn those_who_went_first_are_forgotten_first() {
        let register = Arc::<Register>::default();
        let stays = register.enter(Way::Program);
        stays.sends(header(&[0x10, 1]), &connect("stays"));

        for number in 0..2 * MOST_MEMBERS {
            let guest = register.enter(Way::Program);
            guest.sends(header(&[0x10, 1]), &connect(&format!("n{number}")));
        }

        let tiles = register.tiles();
        assert_eq!(tiles.len(), MOST_MEMBERS);
        assert!(tiles.iter().any(|tile| tile.name == "stays"));
        assert!(!tiles.iter().any(|tile| tile.name == "n0"));
    }

    #[tokio::test]
    async fn a_board_without_a_name_that_comes_and_goes_hides_nobody() {
        let register = Arc::<Register>::default();
        let ada = register.enter(Way::Page);
        ada.sends(header(&[0x10, 1]), &connect("ada"));
        drop(ada);

        for _ in 0..2 * MOST_MEMBERS {
            let board = register.enter(Way::Program);
            board.sends(header(&[0x10, 1]), &connect(""));
        }

        let tiles = register.tiles();
        assert_eq!(tiles.len(), MOST_NAMELESS + 1);
        assert!(tiles.iter().any(|tile| tile.name == "ada"));
    }

    #[tokio::test]
    async fn two_long_names_are_two_and_both_can_be_asked_for() {
        let register = Arc::<Register>::default();
        let guests = ["a", "b"].map(|end| {
            let guest = register.enter(Way::Program);
            guest.sends(
                header(&[0x10, 1]),
                &connect(&format!("{}{end}", "é".repeat(100))),
            );
            guest.sends(header(&[0x30, 4]), format!("\0\x01t{end}").as_bytes());
            guest
        });

        let tiles = register.tiles();
        let texts = tiles.iter().map(|tile| {
            let details = register.details(&tile.name).unwrap();
            details.messages[0].text.clone().unwrap()
        });
        assert_eq!(texts.collect::<Vec<_>>(), ["a", "b"]);
        assert_ne!(tiles[0].name, tiles[1].name);
        drop(guests);
    }

    #[tokio::test]
    async fn nothing_that_was_sent_outlives_the_lesson() {
        let register = Arc::<Register>::default();
        let guest = register.enter(Way::Page);
        guest.sends(header(&[0x10, 1]), &connect("ada"));
        guest.sends(header(&[0x30, 4]), b"\0\x01t1");

        register.begin_anew();

        assert_eq!(register.tiles()[0].published, 0);
        assert!(register.details("ada").unwrap().messages.is_empty());
    }
}
