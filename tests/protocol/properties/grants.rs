//! What a server of 5.0 allows on a connection.

use std::collections::HashMap;

use super::random::Random;
use crate::wire::{self, ClientPublish};

/// What the server allows on a connection of 5.0.
#[derive(Clone, Debug)]
pub struct Grants {
    pub receive_maximum: usize,
    pub maximum_qos: u8,
    pub retain: bool,
    pub max_packet_bytes: usize,
    pub topic_aliases: u16,
}

impl Grants {
    pub const EVERYTHING: Self = Self {
        receive_maximum: 65_535,
        maximum_qos: 2,
        retain: true,
        max_packet_bytes: usize::MAX,
        topic_aliases: 0,
    };

    pub fn by_chance(random: &mut Random) -> Self {
        Self {
            receive_maximum: random.pick(&[1, 2, 5, 65_535, 65_535]),
            maximum_qos: random.pick(&[0, 1, 2, 2, 2, 2, 2, 2]),
            retain: !random.one_in(8),
            max_packet_bytes: random.pick(&[60, 300, usize::MAX, usize::MAX, usize::MAX]),
            topic_aliases: random.pick(&[0, 0, 2]),
        }
    }

    pub fn properties(&self) -> Vec<u8> {
        let mut properties = Vec::new();
        if let Ok(maximum) = u16::try_from(self.receive_maximum) {
            properties.extend(wire::property(0x21, &maximum.to_be_bytes()));
        }
        if self.maximum_qos < 2 {
            properties.extend(wire::property(0x24, &[self.maximum_qos]));
        }
        if !self.retain {
            properties.extend(wire::property(0x25, &[0]));
        }
        if let Ok(bytes) = u32::try_from(self.max_packet_bytes) {
            properties.extend(wire::property(0x27, &bytes.to_be_bytes()));
        }
        if self.topic_aliases > 0 {
            properties.extend(wire::property(0x22, &self.topic_aliases.to_be_bytes()));
        }
        properties
    }

    /// What the server has forbidden the client. [MQTT5-3.2.2-11] and those that follow
    pub fn check(&self, publish: &ClientPublish, aliases: &mut HashMap<u16, String>) {
        assert!(publish.qos <= self.maximum_qos, "QoS above the maximum");
        assert!(!publish.retain || self.retain, "retained");
        let alias = publish.properties.iter().find(|(id, _)| *id == 0x23);
        if let Some((_, value)) = alias {
            let alias = u16::from_be_bytes([value[0], value[1]]);
            assert!((1..=self.topic_aliases).contains(&alias), "alias {alias}");
            if publish.topic.is_empty() {
                assert!(aliases.contains_key(&alias), "alias {alias} means nothing");
            } else {
                aliases.insert(alias, publish.topic.clone());
            }
        }
    }
}
