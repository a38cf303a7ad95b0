//! Which version to speak with an address.

use crate::packet::ProtocolVersion;
use crate::session::wanted::options::VersionPolicy;

/// What each address was found to speak.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions {
    found: Vec<(String, ProtocolVersion)>,
    /// An address that hung up after CONNECT without a word, and how often in a row.
    silent: Option<(String, u32)>,
}

/// How often 5.0 is met with silence before 3.1.1 is tried: once may be the network.
const SILENCES: u32 = 2;

impl Versions {
    /// The version of the next attempt.
    pub(crate) fn next(&self, policy: VersionPolicy, url: &str) -> ProtocolVersion {
        match policy {
            VersionPolicy::Only(version) => version,
            VersionPolicy::Newest => self.found(url).unwrap_or(ProtocolVersion::V5_0),
        }
    }

    /// CONNACK accepted us: the version is certain.
    pub(crate) fn worked(&mut self, url: &str, version: ProtocolVersion) {
        self.silent = None;
        self.remember(url, version);
    }

    /// The server asked for 3.1.1. `false` if that is not allowed, or was tried already.
    pub(crate) fn fall_back(
        &mut self,
        policy: VersionPolicy,
        url: &str,
        spoken: ProtocolVersion,
    ) -> bool {
        let possible = policy == VersionPolicy::Newest && spoken == ProtocolVersion::V5_0;
        if possible {
            self.remember(url, ProtocolVersion::V3_1_1);
        }
        possible
    }

    /// The server hung up after CONNECT without a word, as old servers do that do not know 5.0, or a
    /// network that fails. Whether the attempt goes on at once: in 5.0 again, and the next time in
    /// 3.1.1. When that ends in the same way it was the network, and the next attempt speaks 5.0.
    pub(crate) fn hung_up(
        &mut self,
        policy: VersionPolicy,
        url: &str,
        spoken: ProtocolVersion,
    ) -> bool {
        let before = self.silent.take().filter(|(other, _)| other == url);
        let times = before.map_or(1, |(_, times)| times + 1);
        if times > SILENCES {
            self.forget(url);
            return false;
        }
        let is_known = self.found(url).is_some();
        if is_known || policy != VersionPolicy::Newest || spoken != ProtocolVersion::V5_0 {
            return false;
        }
        self.silent = Some((url.to_owned(), times));
        if times == SILENCES {
            self.remember(url, ProtocolVersion::V3_1_1);
        }
        true
    }
}

impl Versions {
    fn found(&self, url: &str) -> Option<ProtocolVersion> {
        self.found
            .iter()
            .find(|(other, _)| other == url)
            .map(|(_, version)| *version)
    }

    fn remember(&mut self, url: &str, version: ProtocolVersion) {
        self.forget(url);
        self.found.push((url.to_owned(), version));
    }

    fn forget(&mut self, url: &str) {
        self.found.retain(|(other, _)| other != url);
    }
}
