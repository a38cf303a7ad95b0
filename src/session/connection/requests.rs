//! SUBSCRIBE and UNSUBSCRIBE: all of a turn in as few packets as possible.

use bytes::BytesMut;

use super::{Close, Connection};
use crate::packet::{Packet, PacketId, Subscribe, SubscribeFilter, Unsubscribe};
use crate::session::agreed::subscriptions::Subscriptions;
use crate::session::parts::Parts;

impl Connection {
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
        let is_done =
            self.gather_each(Subscriptions::needs_unsubscribe, unsubscribe, bytes, parts)?
                && self.gather_each(Subscriptions::needs_subscribe, subscribe, bytes, parts)?;
        if is_done {
            self.gather_each(Subscriptions::needs_hand_over, unsubscribe, bytes, parts)?;
        }
        Ok(())
    }

    /// `false` when it must wait, for an answer or for a number.
    fn gather_each(
        &mut self,
        is_needed: fn(&Subscriptions) -> bool,
        request: fn(PacketId, Option<usize>, &mut Subscriptions) -> Packet,
        bytes: &mut BytesMut,
        parts: &mut Parts,
    ) -> Result<bool, Close> {
        while is_needed(&parts.agreed.subscriptions) {
            if self.awaits_answer(parts)? {
                return Ok(false);
            }
            let Some(packet_id) = parts.agreed.packet_ids.allocate() else {
                return Ok(false);
            };
            let subscriptions = &mut parts.agreed.subscriptions;
            let is_one_by_one = self.quarantine.is_on(subscriptions);
            let room = (!is_one_by_one).then(|| self.limits.room_for_filters());
            let packet = request(packet_id, room, subscriptions);
            if matches!(packet, Packet::Subscribe(_)) {
                let alone = subscriptions.only_asked().filter(|_| is_one_by_one);
                self.quarantine.subscribed(alone, parts.clock.now());
            }
            self.write(&packet, parts.clock.now(), bytes)?;
        }
        Ok(true)
    }
}

/// Without `room` for one filter.
fn unsubscribe(
    packet_id: PacketId,
    room: Option<usize>,
    subscriptions: &mut Subscriptions,
) -> Packet {
    // A packet holds one filter at least.
    let filters = subscriptions.next_unsubscribe(packet_id, room.unwrap_or(0));
    Packet::Unsubscribe(Unsubscribe { packet_id, filters })
}

/// Without `room` for one filter.
fn subscribe(
    packet_id: PacketId,
    room: Option<usize>,
    subscriptions: &mut Subscriptions,
) -> Packet {
    let asked = subscriptions.next_subscribe(packet_id, room.is_none(), room.unwrap_or(0));
    let filters = asked.filters.into_iter();
    let filters = filters.map(|(filter, options)| SubscribeFilter {
        filter,
        qos: options.qos,
        no_local: options.no_local,
        retain_as_published: options.retain_as_published,
        retain_handling: options.retain_handling,
    });
    Packet::Subscribe(Subscribe {
        packet_id,
        filters: filters.collect(),
        subscription_id: asked.identifier,
        user_properties: Vec::new(),
    })
}
