//! Does an endpoint do what every shipped trace says? One named test a trace file, over real HTTP.
//!
//! Without more each trace runs on a mock cluster of its own; with `ZDU_TARGET=cluster.toml` the same tests run on that
//! target, one after the other.

use std::path::Path;
use std::process::ExitCode;

use zdu_conformance::harness::Suite;

fn main() -> ExitCode {
    Suite::in_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("traces")).main()
}
