//! Topics that are sent as numbers. [MQTT5-3.3.2-7]

use std::num::NonZeroU16;

use crate::codec::ProtocolError;
use crate::packet::Publish;
use crate::session::text_map::TextMap;
use crate::topic::TopicName;

/// How many Topic Aliases we accept from the server. [MQTT5-3.1.2-26]
pub(crate) const TOPIC_ALIASES_IN: u16 = 10;

/// What numbers stand for on one connection.
#[derive(Debug, Default)]
pub(crate) struct TopicAliases {
    theirs: Vec<(NonZeroU16, TopicName)>,
    ours: TextMap,
}

/// A number that stands for a topic of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TopicAlias {
    pub(crate) number: NonZeroU16,
    /// The server knows it, so the topic itself is left out.
    pub(crate) is_known: bool,
}

impl TopicAliases {
    /// The topic of a message that came, or what its number stands for. [MQTT5-3.3.2-10]
    pub(crate) fn resolve(&mut self, publish: &mut Publish) -> Result<TopicName, ProtocolError> {
        let properties = publish.properties.as_mut();
        let alias = properties.and_then(|given| given.topic_alias.take());
        let Some(alias) = alias else {
            return publish.topic.take().ok_or(ProtocolError::TopicAliasInvalid);
        };
        if alias.get() > TOPIC_ALIASES_IN {
            return Err(ProtocolError::TopicAliasInvalid);
        }
        let known = self.theirs.iter().position(|(number, _)| *number == alias);
        let known = known.map(|place| self.theirs.remove(place).1);
        let topic = publish.topic.take().or(known);
        let topic = topic.ok_or(ProtocolError::TopicAliasInvalid)?;
        self.theirs.push((alias, topic.clone()));
        Ok(topic)
    }

    /// The number for a topic, of so many; a new one counts only once the packet is written.
    /// [MQTT5-3.3.2-8] [MQTT5-3.3.2-9]
    pub(crate) fn number(&self, topic: &TopicName, most: u16) -> Option<TopicAlias> {
        if most == 0 {
            return None;
        }
        let known = self.ours.get(topic.as_str()).copied();
        let fresh = u32::try_from(self.ours.len() + 1).ok();
        let number = known.or(fresh.filter(|number| *number <= most.into()))?;
        let number = u16::try_from(number).ok().and_then(NonZeroU16::new)?;
        Some(TopicAlias {
            number,
            is_known: known.is_some(),
        })
    }

    /// The server got the topic that an alias stands for.
    pub(crate) fn sent(&mut self, topic: &TopicName, alias: TopicAlias) {
        self.ours
            .insert(topic.to_shared(), alias.number.get().into());
    }
}
