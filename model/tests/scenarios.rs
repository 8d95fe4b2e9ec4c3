//! Are the shipped traces what the model says, and what the scenarios say by hand?

use zdu_model::scenario;
use zdu_model::trace::Trace;

#[test]
fn every_scenario_writes_for_every_size_up_to_six_and_reads_back() {
    for scenario in scenario::all() {
        for nodes in scenario.nodes.0..=scenario.nodes.1.min(6) {
            let trace = scenario.trace(nodes).expect("in range");
            assert_eq!(Trace::parse(&trace.to_json()).as_ref(), Ok(&trace));
        }
    }
}
