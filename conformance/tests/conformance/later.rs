//! Where nothing leads back below an approved version the traces that follow start from it: what is installed, told and
//! recorded then are the versions that they are (section 7, "Versions below the original").

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use zdu_conformance::driver::{ControlDriver, Doing, Driver};
use zdu_conformance::log::Log;
use zdu_conformance::recording::{self, Head, Recorder, Recording, Source};
use zdu_conformance::replay::{MAX_BROKEN, Permission, Series, Site};
use zdu_conformance::secret::Credentials;
use zdu_conformance::verdict::{Command, Stage, TraceResult, Verdict};
use zdu_endpoint::{Freedom, Freedoms, Mock, Options};
use zdu_model::judge::seen::Request;
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::Action;

use super::recorded::target;

/// Drives nodes, and resets nothing.
struct Steps(ControlDriver);

impl Driver for Steps {
    fn can(&self, id: NodeId, request: Request) -> bool {
        self.0.can(id, request)
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        self.0.request(id, request)
    }

    fn can_reset(&self) -> bool {
        false
    }

    fn reset(&self) -> Doing<'_> {
        self.0.reset()
    }
}

fn installed(result: &TraceResult) -> Vec<Version> {
    let mut versions = Vec::new();
    for record in &result.timeline {
        if let Stage::Step(Action::Request(_, Request::Install(version))) = record.stage {
            versions.push(version);
        }
    }
    versions
}

#[tokio::test]
async fn traces_that_start_from_a_later_version_are_judged_by_it_and_so_is_their_recording() {
    let versions = ["9.2.1", "9.2.4", "9.3.0", "9.3.1"].map(str::to_owned).to_vec();
    let mock = Mock::start(Options {
        versions: versions.clone(),
        delay: Duration::from_millis(2),
        freedoms: Freedoms::default().with(Freedom::NoDowngrade),
        ..Options::default()
    })
    .await
    .expect("a mock");
    let target = target(&mock, versions);
    let site = Site::connect(&target, &Credentials::default()).await.expect("a site");
    let control = format!("{}/_mock", mock.url());
    let driver = Steps(ControlDriver::new(&site.client, &control, &site.dictionary));
    let traces: Vec<_> = ["happy-path", "last-old-node-dies", "second-upgrade"]
        .iter()
        .map(|name| Scenario::named(name).and_then(|one| one.trace(3)).expect("a scenario"))
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let recorder = Recorder::create(&path, &Head::of(&site, Source::Replay, None));
    let series = Series {
        site: &site,
        driver: &driver,
        permission: Permission { disrupt: true, post: true },
        take_over: true,
        max_broken: MAX_BROKEN,
        stop_when: None,
        log: &Log { recorder: Some(Arc::new(recorder.expect("a file"))), ..Log::default() },
        stop: &AtomicBool::new(false),
    };
    let played = series.replay(&traces, |_| Command::zdu(["replay"])).await;
    mock.stop().await;
    let ran: Vec<_> = played
        .results
        .iter()
        .map(|result| (result.verdict, installed(result).into_iter().max()))
        .collect();
    // Each approves, `second-upgrade` twice, and the next begins where it ended; for the third no later version is left.
    let (first, second) = (Some(Version(1)), Some(Version(3)));
    assert_eq!(ran[..2], [(Verdict::Pass, first), (Verdict::Pass, second)]);
    assert_eq!(ran[2].0, Verdict::Skipped);
    assert_eq!(played.roster.versions(), 4, "the roster names every version");
    let recording = Recording::read(&path).expect("a recording");
    let judged = recording::judge(&recording, &Command::zdu(["validate"]));
    let verdicts: Vec<_> = judged.traces.iter().map(|result| result.verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Pass, Verdict::Skipped]);
}
