//! What a replay says of its traces is what its recording says of them later: also of those that a driver, an interrupt or a
//! load balancer ended, of which no answer tells.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use zdu_conformance::driver::{Astray, ControlDriver, Doing, Driver, DriverError, Rotated};
use zdu_conformance::log::Log;
use zdu_conformance::recording::{self, Head, Recorder, Recording, Source};
use zdu_conformance::replay::{MAX_BROKEN, Permission, Series, Site};
use zdu_conformance::secret::Credentials;
use zdu_conformance::target::{Target, TargetNode, Timing};
use zdu_conformance::verdict::{Command, End, Stop, TraceResult, Verdict};
use zdu_endpoint::{Defect, Mock, Options};
use zdu_model::judge::finding::{Allowed, Rotation, Sight};
use zdu_model::judge::seen::Request;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::scenario::Scenario;

/// How a driver goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A step of this name fails.
    Fails(&'static str),
    /// It ends well and does nothing.
    Idle(&'static str),
    /// Somebody interrupts the run during it.
    Interrupted(&'static str),
    /// The load balancer shows the node elsewhere.
    Strays(&'static str),
    /// None.
    Never,
}

/// A driver without a reset that goes wrong.
struct Faulty<'a> {
    steps: ControlDriver,
    fault: Fault,
    stop: &'a AtomicBool,
    astray: AtomicBool,
}

impl Driver for Faulty<'_> {
    fn can(&self, _: NodeId, request: Request) -> bool {
        request.name() != "repair"
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        match self.fault {
            Fault::Fails(step) if step == request.name() => Box::pin(async {
                Err(DriverError::Failed {
                    command: "false".to_owned(),
                    outcome: "ended with 1".to_owned(),
                    output: String::new(),
                    late: false,
                })
            }),
            Fault::Idle(step) if step == request.name() => Box::pin(async { Ok(()) }),
            Fault::Interrupted(step) if step == request.name() => {
                self.stop.store(true, Ordering::Relaxed);
                self.steps.request(id, request)
            }
            Fault::Strays(step) if step == request.name() => {
                self.astray.store(true, Ordering::Relaxed);
                self.steps.request(id, request)
            }
            Fault::Fails(_)
            | Fault::Idle(_)
            | Fault::Interrupted(_)
            | Fault::Strays(_)
            | Fault::Never => self.steps.request(id, request),
        }
    }

    fn rotated(&self) -> Rotated {
        if !self.astray.swap(false, Ordering::Relaxed) {
            return Rotated::default();
        }
        Rotated {
            at_stake: BTreeMap::from([(Rule::Lb1, 1)]),
            astray: vec![Astray {
                rule: Rule::Lb1,
                node: NodeId::new(1),
                due: Allowed::Rotation(Rotation::Out),
                seen: Sight::SentWhileOut(1),
            }],
        }
    }

    fn can_reset(&self) -> bool {
        false
    }

    fn reset(&self) -> Doing<'_> {
        self.steps.reset()
    }
}

/// A target with every command and little patience.
pub(crate) fn target(mock: &Mock, versions: Vec<String>) -> Target {
    Target {
        versions,
        allow_disruption: true,
        timing: Timing {
            poll: Duration::from_millis(5),
            request: Duration::from_secs(2),
            settle: Duration::from_secs(20),
            quiet: Duration::from_millis(30),
        },
        nodes: (mock.node_ids().into_iter())
            .map(|id| TargetNode { id: Some(id), ..TargetNode::default() })
            .collect(),
        ..Target::at(mock.url())
    }
}

/// Replays traces with such a driver; the results, and the text of the recording.
async fn recorded(
    fault: Fault,
    defect: Option<Defect>,
    names: &[&str],
) -> (Vec<TraceResult>, String) {
    let versions = ["9.2.1", "9.2.4", "9.3.0"].map(str::to_owned).to_vec();
    let mock = Mock::start(Options {
        versions: versions.clone(),
        delay: Duration::from_millis(2),
        defect,
        ..Options::default()
    })
    .await
    .expect("a mock");
    let mut target = target(&mock, versions);
    target.allow_downgrade = true;
    target.timing.settle = Duration::from_millis(500);
    let site = Site::connect(&target, &Credentials::default()).await.expect("a site");
    let control = format!("{}/_mock", mock.url());
    let steps = ControlDriver::new(&site.client, &control, &site.dictionary);
    let stop = AtomicBool::new(false);
    let driver = Faulty { steps, fault, stop: &stop, astray: AtomicBool::new(false) };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let recorder = Recorder::create(&path, &Head::of(&site, Source::Replay, None));
    let traces: Vec<_> = names
        .iter()
        .map(|name| Scenario::named(name).and_then(|one| one.trace(3)).expect("a scenario"))
        .collect();
    let series = Series {
        site: &site,
        driver: &driver,
        permission: Permission { disrupt: true, post: true },
        take_over: true,
        max_broken: MAX_BROKEN,
        stop_when: None,
        log: &Log { recorder: Some(Arc::new(recorder.expect("a file"))), ..Log::default() },
        stop: &stop,
    };
    let played = series.replay(&traces, |_| Command::zdu(["replay"])).await;
    mock.stop().await;
    (played.results, std::fs::read_to_string(&path).expect("the recording"))
}

fn judged(text: &str) -> Vec<TraceResult> {
    let recording = Recording::parse(text, "a test").expect("a recording");
    recording::judge(&recording, &Command::zdu(["validate"])).traces
}

/// What is said of each trace.
fn said(results: &[TraceResult]) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    let one = |result: &TraceResult| {
        let found = |it: &zdu_conformance::verdict::Found| (it.finding.rule, it.finding.kind);
        (
            (result.name.clone(), result.verdict, result.end.clone(), result.excuse),
            (result.steps, result.steps_all, result.at_stake.clone()),
            result.findings.iter().map(found).collect::<Vec<_>>(),
        )
    };
    results.iter().map(one).collect()
}

fn verdicts(results: &[TraceResult]) -> Vec<Verdict> {
    results.iter().map(|result| result.verdict).collect()
}

// Expected by hand: the fault, and what the interface says of it ("Verdicts").
#[tokio::test]
async fn what_a_replay_said_of_each_trace_is_what_its_recording_says() {
    use Verdict::{Broken, Deviates, Pass, Skipped, Timeout, Unfinished};
    // In the order in which they are taken; the third needs `repair`, for which there is no command.
    let names = [
        "stable-cluster-read-only",
        "happy-path",
        "error-while-mixed-repaired-in-place",
        "restart-with-mode-off",
    ];
    for (fault, defect, names, due) in [
        (Fault::Never, None, &names[..], &[Pass, Pass, Skipped, Pass][..]),
        (Fault::Fails("stop"), None, &names, &[Pass, Broken, Skipped, Broken]),
        (Fault::Idle("stop"), None, &names, &[Pass, Broken, Skipped, Broken]),
        (Fault::Interrupted("stop"), None, &names, &[Pass, Unfinished, Unfinished, Unfinished]),
        (Fault::Strays("stop"), None, &names, &[Pass, Deviates, Skipped, Deviates]),
        (Fault::Never, Some(Defect::NeverForgotten), &names[3..], &[Timeout]),
    ] {
        let (replayed, text) = recorded(fault, defect, names).await;
        assert_eq!(verdicts(&replayed), due, "{fault:?}");
        assert_eq!(said(&judged(&text)), said(&replayed), "{fault:?}");
    }
}

// A run that was killed says nothing of the trace under way; its recording knows no more.
#[tokio::test]
async fn a_trace_whose_end_is_not_recorded_is_unfinished_and_where_no_end_is_that_is_said() {
    let (_, text) = recorded(Fault::Fails("stop"), None, &["restart-with-mode-off"]).await;
    let lines: Vec<&str> = text.lines().collect();
    let ends = |line: &&str| line.contains("\"ended\"");
    let killed: Vec<&str> = lines.iter().copied().take_while(|line| !ends(line)).collect();
    let result = &judged(&killed.join("\n"))[0];
    assert_eq!(result.verdict, Verdict::Unfinished);
    assert_eq!(result.end, End::Unfinished(Stop::Killed));
    // The format before has no ends, and nothing is made up.
    let kept = lines.iter().filter(|line| !ends(line) && !line.contains("\"undone\""));
    let old = kept.copied().collect::<Vec<_>>().join("\n");
    let old = old.replace("zdu-recording/3", "zdu-recording/2");
    let recording = Recording::parse(&old, "a test").expect("still read");
    assert!(!recording.head.tells_ends());
    assert_eq!(judged(&old)[0].end, End::Done);
}
