//! QoS 2 numbers of the server that must not be delivered twice.

use super::packet_ids::PacketIdSet;
use crate::packet::PacketId;

/// The numbers of received QoS 2 messages whose PUBREL has not come. [MQTT-4.3.3-2]
#[derive(Clone, Debug, Default)]
pub(crate) struct ReceivedIds {
    unreleased: PacketIdSet,
    /// How many sessions the server lost.
    session: u32,
}

impl ReceivedIds {
    /// Notes a message; `false` for a repetition.
    pub(crate) fn is_first(&mut self, packet_id: PacketId) -> bool {
        self.unreleased.insert(packet_id)
    }

    /// PUBREL: from now on the number means a new message. `false` for an unknown number.
    pub(crate) fn release(&mut self, packet_id: PacketId) -> bool {
        self.unreleased.remove(packet_id)
    }

    /// The server has no session: its numbers mean new messages.
    pub(crate) fn session_lost(&mut self) {
        self.unreleased.clear();
        self.session = self.session.wrapping_add(1);
    }

    /// Which session numbers belong to now.
    pub(crate) const fn session(&self) -> u32 {
        self.session
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = PacketId> {
        self.unreleased.iter()
    }
}
