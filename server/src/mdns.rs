//! The name of this computer for others on the network (mDNS, RFC 6762), and the broker and the pages
//! as services that programs find (DNS-SD, RFC 6763).

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mdns_sd::{DaemonEvent, IfKind, ServiceDaemon, ServiceInfo};

/// Where others find it, unless another computer of the network has the name already.
const NAME: &str = "scratch-mqtt";
const DOMAIN: &str = ".local";

/// What people see in a list of services.
const INSTANCE: &str = "Scratch MQTT";

/// For the goodbye of mDNS, that the name is free again.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// The name as long as it is announced.
pub struct Announcement {
    daemon: ServiceDaemon,
    name: Arc<Mutex<String>>,
}

/// Whether a host is a name that this program may have: `scratch-mqtt.local`, or with a number when
/// there are several on the network.
pub fn is_own_name(host: &str) -> bool {
    host.strip_prefix(NAME)
        .and_then(|rest| rest.strip_suffix(DOMAIN))
        .is_some_and(|rest| match rest.strip_prefix('-') {
            Some(number) => !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit()),
            None => rest.is_empty(),
        })
}

impl Announcement {
    /// Announces what others can reach; `None` where only this computer is let in.
    pub fn begin(tcp: SocketAddr, pages: Option<SocketAddr>) -> Result<Option<Self>, String> {
        if tcp.ip().is_loopback() {
            return Ok(None);
        }
        let announcement = Self {
            daemon: ServiceDaemon::new().map_err(|error| error.to_string())?,
            name: Arc::new(Mutex::new(format!("{NAME}{DOMAIN}"))),
        };
        // Whoever asks on this computer needs its address on the network too; and nobody one where nobody listens.
        let mut without = vec![IfKind::LoopbackV4, IfKind::LoopbackV6];
        if tcp.is_ipv4() {
            without.push(IfKind::IPv6);
        }
        (announcement.daemon)
            .disable_interface(without)
            .map_err(|error| error.to_string())?;
        announcement.follow_name()?;
        announcement.offer("_mqtt._tcp", tcp)?;
        if let Some(pages) = pages {
            announcement.offer("_http._tcp", pages)?;
        }
        Ok(Some(announcement))
    }

    /// The name that others may use now.
    pub fn name(&self) -> String {
        self.name
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn offer(&self, service: &str, listens: SocketAddr) -> Result<(), String> {
        let addresses = match listens.ip() {
            address if address.is_unspecified() => String::new(),
            address => address.to_string(),
        };
        let info = ServiceInfo::new(
            &format!("{service}{DOMAIN}."),
            INSTANCE,
            &format!("{NAME}{DOMAIN}."),
            &addresses,
            listens.port(),
            None,
        );
        let info = info.map_err(|error| error.to_string())?;
        let info = match addresses.is_empty() {
            true => info.enable_addr_auto(),
            false => info,
        };
        self.daemon
            .register(info)
            .map_err(|error| error.to_string())
    }

    /// Another computer may have had the name first.
    fn follow_name(&self) -> Result<(), String> {
        let events = self.daemon.monitor().map_err(|error| error.to_string())?;
        let name = Arc::clone(&self.name);
        // Ends when the daemon does.
        std::thread::spawn(move || {
            while let Ok(event) = events.recv() {
                let DaemonEvent::NameChange(change) = event else {
                    continue;
                };
                let new = change.new_name.trim_end_matches('.').to_string();
                let mut name = name.lock().unwrap_or_else(PoisonError::into_inner);
                // Each service says it, and has a name of its own that may change.
                if is_own_name(&new) && *name != new {
                    eprintln!("Another computer on this network is {name}. This one is {new}.");
                    *name = new;
                }
            }
        });
        Ok(())
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Where that fails, the name is forgotten two minutes later.
        if let Ok(ended) = self.daemon.shutdown() {
            let _ = ended.recv_timeout(GOODBYE_LIMIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Announcement, is_own_name};

    #[test]
    fn the_name_may_have_a_number() {
        for own in [
            "scratch-mqtt.local",
            "scratch-mqtt-2.local",
            "scratch-mqtt-13.local",
        ] {
            assert!(is_own_name(own), "{own}");
        }
        for other in [
            "scratch-mqtt",
            "scratch-mqtt-.local",
            "scratch-mqtt-x.local",
            "scratch-mqtt2.local",
            "scratch-mqtt.local.example",
            "a-scratch-mqtt.local",
        ] {
            assert!(!is_own_name(other), "{other}");
        }
    }

    #[test]
    fn what_only_this_computer_reaches_is_not_announced() {
        let announced = Announcement::begin("127.0.0.1:1883".parse().unwrap(), None);
        assert!(announced.unwrap().is_none());
    }
}
