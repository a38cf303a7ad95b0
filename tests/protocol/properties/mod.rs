//! Properties of the session that hold whatever happens, over random histories.
//!
//! A run is a client, a model of a server and a few hundred random steps: wishes of the user,
//! packets that arrive in pieces, links that are cut, servers that break the rules, timers that
//! come late, applications that take nothing. Then all become friendly, and what must hold at
//! rest is checked. The seed of a run that fails is printed.
//!
//! `PROPERTY_RUNS` sets the number of runs, `PROPERTY_SEED` the first seed.

mod grants;
mod random;
mod server;
mod wires;
mod world;

use crate::test;
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
    let runs = from_environment("PROPERTY_RUNS", 2000);
    let first = from_environment("PROPERTY_SEED", 1);
    let mut crashes = 0;
    for seed in first..first + runs {
        let shown = ShownOnPanic(seed);
        let mut world = World::new(seed);
        let steps = 50 + world.random.below(500);
        for _ in 0..steps {
            world.step();
        }

        world.come_to_rest();

        world.check_at_rest();
        crashes += world.crashes();
        drop(shown);
    }
    println!("{crashes} pages ended and were loaded again");
}

struct ShownOnPanic(u64);

impl Drop for ShownOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("run again with PROPERTY_RUNS=1 PROPERTY_SEED={}", self.0);
        }
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |number| {
        number
            .parse()
            .unwrap_or_else(|_| panic!("{name} must be a number, not {number:?}"))
    })
}
