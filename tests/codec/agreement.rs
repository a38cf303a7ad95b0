//! All readers of `opinions` about every case and every refusal.

use std::collections::BTreeSet;

use crate::cases::cases;
use crate::opinions::{compare, known};
use crate::refusals::refusals;

/// What is listed is seen, too: a difference that is gone leaves the list.
#[test]
fn readers_agree_about_every_case_and_refusal_but_for_what_is_listed() {
    let cases = cases().into_iter().map(|case| (case.version, case.bytes));
    let refusals = refusals()
        .into_iter()
        .map(|case| (case.version, case.bytes));

    let seen = cases
        .chain(refusals)
        .flat_map(|(version, bytes)| compare(version, &bytes));

    let seen: BTreeSet<_> = seen.collect();
    let listed = known::OF_MQTTBYTES.iter().chain(known::OF_PROTOCOL_CORE);
    assert_eq!(seen, listed.map(|known| known.why).collect());
}
