//! What has arrived, and who wants to know.

use std::sync::{Mutex, PoisonError};

use crate::wire::Sender;

/// How many messages arrived since the page last began, and the page that awaits them.
#[derive(Default)]
pub struct Count(Mutex<Awaited>);

#[derive(Default)]
struct Awaited {
    arrived: u64,
    /// The number at which the page gets the next report.
    next: u64,
    step: u64,
    until: u64,
    page: Option<Sender>,
}

impl Count {
    /// Begins anew: the page gets a report at each `step`, and when `until` have arrived.
    pub fn begin(&self, page: &Sender, step: u64, until: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Awaited {
            arrived: 0,
            next: step.min(until),
            step,
            until,
            page: Some(page.clone()),
        };
    }

    /// So many more have arrived.
    pub fn add(&self, more: u64) {
        let mut awaited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        awaited.arrived += more;
        let arrived = awaited.arrived;
        if more == 0 || arrived < awaited.next {
            return;
        }
        awaited.next = if arrived < awaited.until {
            (arrived + awaited.step).min(awaited.until)
        } else {
            // Whatever comes now is too much, and reported at once.
            arrived + 1
        };
        if let Some(page) = &awaited.page {
            let _ = page.text(&format!("arrived {arrived}"));
        }
    }
}
