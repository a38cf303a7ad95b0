//! That there is something to replay: a fuzzer whose inputs were lost would pass without trying any.

use std::fs;
use std::path::Path;

/// The name of a target's folder is made from the path of its test.
const TARGETS: [&str; 4] = ["address", "decoder", "records", "session"];

#[test]
fn every_target_has_stored_inputs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/__fuzz__");
    for target in TARGETS {
        let inputs = folder.join(format!("{target}__{target}")).join("corpus");

        let count = fs::read_dir(&inputs).map_or(0, Iterator::count);

        assert!(count >= 20, "{count} inputs in {}", inputs.display());
    }
}
