//! Who wants a Topic Filter, and how.

use crate::packet::SubscribeOptions;
use crate::session::event::Owner;

/// The owners of a filter, until the last one leaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interest {
    owners: Vec<(Owner, SubscribeOptions)>,
    /// What the owner asked for who asked last.
    last: SubscribeOptions,
}

impl Interest {
    /// An owner begins to want the filter, or wants it in another way.
    pub(crate) fn begin(&mut self, owner: Owner, options: SubscribeOptions) {
        self.owners.retain(|(other, _)| *other != owner);
        self.owners.push((owner, options));
        self.last = options;
    }

    /// An owner leaves, or all do. Whether that ends it.
    pub(crate) fn end(&mut self, owner: Option<Owner>) -> bool {
        let was_wanted = !self.is_over();
        self.owners
            .retain(|(other, _)| owner.is_some_and(|owner| *other != owner));
        was_wanted && self.is_over()
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.owners.is_empty()
    }

    /// The highest QoS that any owner asked for, with what the last one asked for besides.
    pub(crate) fn options(&self) -> SubscribeOptions {
        let qos = self.owners.iter().map(|(_, options)| options.qos).max();
        SubscribeOptions {
            qos: qos.unwrap_or(self.last.qos),
            ..self.last
        }
    }

    /// What the owner asked for who asked last.
    pub(crate) const fn last(&self) -> SubscribeOptions {
        self.last
    }
}
