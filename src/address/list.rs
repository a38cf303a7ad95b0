//! Several brokers in one text, of which any will do: the nodes of a cluster.

use super::typed::{Typed, split_list};
use super::{AddressError, BrokerAddress, MOST_BROKERS, Place, Transport};

/// Reads a list; `None` for a text that is none. The first thing that is wrong is said, with the broker
/// that it is wrong with.
pub(super) fn parse(text: &str, secure_page: bool) -> Option<BrokerAddress> {
    let (texts, query) = split_list(text)?;
    let own: Vec<Typed<'_>> = texts.iter().map(|text| Typed::split(text)).collect();
    let first = own.first()?;
    let transport = first.transport();
    let brokers: Vec<Typed<'_>> = own.iter().map(|own| own.follow(first, query)).collect();
    let mut wrong = texts.iter().zip(&own).zip(&brokers).enumerate();
    let wrong = wrong.find_map(|(place, ((text, own), broker))| {
        let error = if place == MOST_BROKERS {
            Some(AddressError::TooMany)
        } else {
            fault(text, own, transport)
        };
        let error = error.or_else(|| broker.blocked(transport, secure_page));
        Some((error?, own, broker))
    });
    let hosts = brokers.iter().map(|broker| broker.host.clone()).collect();
    let all = own.iter().map(Typed::shown).collect::<Vec<_>>().join(", ");
    let (error, named, urls, shown) = match wrong {
        Some((error, own, broker)) => (Some(error), broker, Vec::new(), own.shown()),
        None if query.contains(char::is_whitespace) => {
            (Some(AddressError::Space), brokers.first()?, Vec::new(), all)
        }
        None => (None, brokers.first()?, urls(&brokers, transport), all),
    };
    Some(BrokerAddress {
        error,
        urls,
        host: named.host.clone(),
        port: named
            .places(transport)
            .first()
            .map_or(0, |place| place.port),
        shown,
        hosts,
        user_name: first.user_name.clone(),
        password: first.password.clone(),
    })
}

/// What is wrong with what stands between two commas.
fn fault(text: &str, own: &Typed<'_>, transport: Transport) -> Option<AddressError> {
    if own.is_blank() {
        Some(AddressError::Gap)
    } else if own.is_word() {
        Some(AddressError::Word)
    } else if own.contradicts(transport) {
        Some(AddressError::Mixed)
    } else {
        own.error(text)
    }
}

/// The likeliest place of each broker, then the next of each: a broker that a network swallows must not
/// keep the others waiting.
fn urls(brokers: &[Typed<'_>], transport: Transport) -> Vec<String> {
    let places: Vec<Vec<Place<'_>>> = brokers.iter().map(|it| it.places(transport)).collect();
    let most = places.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (0..most).flat_map(|turn| {
        let brokers = brokers.iter().zip(&places);
        brokers.filter_map(move |(broker, places)| Some(broker.url(transport, *places.get(turn)?)))
    });
    each_once(turns)
}

fn each_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}
