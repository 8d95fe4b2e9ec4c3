//! Does `zdu replay --stop-when` end a run where the expression holds, and leave the cluster there?

use serde_json::json;

use super::process::{MockProcess, name, text, zdu};

const TRACES: [&str; 4] = ["--only", "errored-node-restarted", "--only", "restart-with-mode-off"];

// The trace breaks n3 in its second step (its file says so): the run ends there, with the node still in ERROR, and sends nothing more;
// it is gone on with from there without a word more of consent, and does not end where it had.
#[test]
fn a_run_ends_where_the_expression_holds_and_leaves_the_cluster_so() {
    let mock = MockProcess::start("stop-when", &["--delay", "3ms"]);
    let target = mock.target("allow_disruption = true");
    let folder = mock.folder.join("report");
    let fixed = ["replay", "--target", name(&target), "--report-dir", name(&folder)];
    let run = |more: &[&str]| zdu(&[&fixed[..], &TRACES[..], more].concat());
    let stopped = run(&["--stop-when", "any=ERROR and mode=on"]);
    assert_eq!(stopped.status.code(), Some(3), "{}", text(&stopped));
    let report = mock.report("report");
    let met = json!({ "unfinished": { "met": {
        "what": "any=ERROR and mode=on", "trace": "errored-node-restarted", "step": 2,
    } } });
    let traces = report["traces"].as_array().expect("traces");
    // Those that come before it never show an error; all that were not finished say why.
    let ended = |name: &str| traces.iter().find(|trace| trace["name"] == name).expect("it");
    assert_eq!(ended("errored-node-restarted")["end"], met, "{}", text(&stopped));
    assert_eq!(ended("errored-node-restarted")["steps"], 2);
    assert_eq!(ended("errored-node-restarted")["verdict"], "unfinished");
    assert!(mock.state().contains("ERROR"), "{}", mock.state());
    assert!(text(&stopped).contains("zdu advise --target"), "{}", text(&stopped));
    let short = run(&["--stop-when", "any=ERROR and mode=on", "-q"]);
    assert_eq!(short.status.code(), Some(2), "a run that can be gone on with: {}", text(&short));
    let resumed = run(&["--stop-when", "any=ERROR and mode=on", "--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed));
    assert!(!mock.state().contains("ERROR"), "{}", mock.state());
}

// What never holds stops nothing; a node that the cluster has not, and a run without a target, are wrong usage.
#[test]
fn what_never_holds_stops_nothing_and_what_makes_no_sense_is_refused() {
    let mock = MockProcess::start("stop-never", &["--delay", "3ms"]);
    let target = mock.target("allow_disruption = true");
    let run = |what: &str| {
        let fixed = ["replay", "--target", name(&target), "--only", "restart-with-mode-off"];
        zdu(&[&fixed[..], &["--stop-when", what]].concat())
    };
    // A node that is listed STARTING may have joined or not: what is only possible stops nothing.
    for never in ["any=ERROR", "any=StartingIn"] {
        let never = run(never);
        assert_eq!(never.status.code(), Some(0), "{}", text(&never));
    }
    let beyond = run("n9=ERROR");
    assert_eq!(beyond.status.code(), Some(2), "{}", text(&beyond));
    let nowhere = zdu(&["replay", "--only", "happy-path", "--stop-when", "any=ERROR"]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", text(&nowhere));
}
