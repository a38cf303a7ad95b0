//! Properties of the session that hold whatever happens, over random histories.
//!
//! A run is a client, a model of a server and a few hundred random steps: requests of the user,
//! packets that arrive in pieces, links that are cut, servers that break the rules, timers that
//! come late, applications that take nothing. Then all become friendly, and what must hold at
//! rest is checked. A history that fails is made as short as it can be, and printed.
//!
//! `PROPERTY_RUNS` sets the number of runs, `PROPERTY_SEED` which ones, and `PROPERTY_HISTORY` runs one that was
//! printed.

mod grants;
mod overlaps;
mod random;
mod server;
mod wires;
mod world;

use std::cell::Cell;

use proptest::array::{uniform12, uniform32};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use crate::test;
use random::CHOICES;
use world::World;

/// Packet Identifiers in use are unique [MQTT-2.3.1-2] [MQTT5-2.2.1-3], the send quota is kept
/// [MQTT5-4.9.0-1] [MQTT5-4.9.0-2], first transmissions keep their order, repetitions too
/// [MQTT-4.6.0-1] [MQTT5-4.6.0-1], nothing follows DISCONNECT [MQTT-3.14.4-2] [MQTT5-3.14.4-1],
/// QoS 1 arrives and QoS 2 arrives once while the session lives, wherever the link is cut
/// [MQTT-4.3.2-1] [MQTT-4.3.3-1] [MQTT-4.3.3-2], and wherever the page ends that keeps its session;
/// nothing leaves that would have to survive before it is stored, every message ends once, and no AUTH is ever sent
/// [MQTT5-4.12.0-7].
#[test]
fn any_history_keeps_the_promises_of_the_protocol() {
    let crashes = Cell::new(0);

    each_history(2000, |history| {
        let mut world = World::new(&history.beginning);
        for step in &history.steps {
            world.random.draw_from(step);
            world.step();
        }
        world.come_to_rest();
        world.check_at_rest();
        crashes.set(crashes.get() + world.crashes());
    });

    println!("{} pages ended and were loaded again", crashes.get());
}

/// Runs that one which was printed, or so many; one that fails is made short, and printed.
fn each_history(runs: u32, run: impl Fn(&History)) {
    if let Ok(printed) = std::env::var("PROPERTY_HISTORY") {
        return run(&History::read(&printed));
    }
    let mut runner = TestRunner::new(Config {
        cases: from_environment("PROPERTY_RUNS", runs),
        rng_seed: RngSeed::Fixed(from_environment("PROPERTY_SEED", 1)),
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..Config::default()
    });

    let outcome = runner.run(&histories(), |history| {
        run(&history);
        Ok(())
    });

    if let Err(TestError::Fail(why, history)) = outcome {
        panic!(
            "{why}\nrun again with PROPERTY_HISTORY={}",
            history.printed()
        );
    }
    assert_eq!(outcome, Ok(()));
}

/// Everything that was left to chance in a run.
#[derive(Clone, Debug, PartialEq)]
struct History {
    beginning: [u32; 32],
    steps: Vec<[u32; CHOICES]>,
}

fn histories() -> impl Strategy<Value = History> {
    let steps = vec(uniform12(any::<u32>()), 1..550);
    (uniform32(any::<u32>()), steps).prop_map(|(beginning, steps)| History { beginning, steps })
}

impl History {
    fn printed(&self) -> String {
        let choices = self.beginning.iter().chain(self.steps.iter().flatten());
        choices.map(|choice| format!("{choice:x}.")).collect()
    }

    fn read(printed: &str) -> Self {
        let choices: Vec<u32> = printed
            .split_terminator('.')
            .map(|choice| u32::from_str_radix(choice, 16).unwrap())
            .collect();
        let (beginning, steps) = choices.split_first_chunk().unwrap();
        let (steps, []) = steps.as_chunks() else {
            panic!("not a whole history");
        };
        Self {
            beginning: *beginning,
            steps: steps.to_vec(),
        }
    }
}

fn from_environment<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |number| {
        let parsed = number.parse().ok();
        parsed.unwrap_or_else(|| panic!("{name} must be a number, not {number:?}"))
    })
}
