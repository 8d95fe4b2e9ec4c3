//! How is the suite pointed at an endpoint of one's own from `cargo test`? An example that runs: replace the endpoint,
//! the target and the driver by your own.
//!
//! The endpoint here is a mock that starts with the test. Who has a target file needs none of this: see `replay`.

use std::process::ExitCode;
use std::time::Duration;

use zdu_conformance::driver::ControlDriver;
use zdu_conformance::harness::Suite;
use zdu_conformance::replay::Embedded;
use zdu_conformance::run::Gate;
use zdu_conformance::secret::Credentials;
use zdu_conformance::target::Target;
use zdu_endpoint::{Mock, Options};
use zdu_model::spec::rule::Rule;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("threads for the network");
    let options = Options { delay: Duration::from_millis(1), ..Options::default() };
    let endpoint = runtime.block_on(Mock::start(options)).expect("an endpoint to test");
    let control = format!("{}/_mock", endpoint.url());
    let target = Target {
        allow_disruption: true,
        timing: Embedded::default().timing(),
        ..Target::at(endpoint.url())
    };
    // One trace after the other on one cluster: a few are enough to show how.
    let suite = Suite::shipped().filter("rule(MODE-4)").expect("an expression");
    let suite = suite.must_reach(Gate { require: vec![Rule::Mode4], ..Gate::default() });
    suite.on_target(target, Credentials::default(), move |site| {
        Box::new(ControlDriver::new(&site.client, &control, &site.dictionary))
    })
}
