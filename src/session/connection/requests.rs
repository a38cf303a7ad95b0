//! SUBSCRIBE and UNSUBSCRIBE: all of a turn in as few packets as possible.

use bytes::BytesMut;

use super::{Close, Connection};
use crate::packet::Packet;
use crate::session::parts::Parts;

impl Connection {
    /// As far as nothing must wait, for an answer or for a number.
    pub(crate) fn gather_requests(
        &mut self,
        bytes: &mut BytesMut,
        parts: &mut Parts,
    ) -> Result<(), Close> {
        let room = self.limits.room_for_filters();
        let subscriptions = &mut parts.agreed.subscriptions;
        subscriptions.observe(parts.clock.now());
        if subscriptions.needs_requests() {
            let refused = subscriptions.prepare(|filter| self.limits.refuses_filter(filter));
            parts.answered(refused);
        }
        parts.agreed.subscriptions.leave_what_is_too_long(room);
        while let Some(request) = parts.agreed.subscriptions.due() {
            if self.awaits_answer(parts)? {
                break;
            }
            let Some(packet_id) = parts.agreed.packet_ids.allocate() else {
                break;
            };
            let subscriptions = &mut parts.agreed.subscriptions;
            let is_one_by_one = self.quarantine.is_on(subscriptions);
            let room = (!is_one_by_one).then_some(room);
            let packet = subscriptions.next_packet(request, packet_id, room);
            if matches!(packet, Packet::Subscribe(_)) {
                let alone = subscriptions.only_asked().filter(|_| is_one_by_one);
                self.quarantine.subscribed(alone, parts.clock.now());
            }
            self.write(&packet, parts.clock.now(), bytes)?;
        }
        Ok(())
    }
}
