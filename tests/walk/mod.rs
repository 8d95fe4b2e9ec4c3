//! How is a walk made, sent, shrunk and kept?
//!
//! A walk is a list of wishes; the model takes each one that it can follow and leaves out the others. So a list stays a walk
//! whatever is taken out of it, which is all that shrinking does.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use zdu_conformance::replay::Embedded;
use zdu_conformance::verdict::{Command, TraceResult, Verdict};
use zdu_conformance::words::Words;
use zdu_endpoint::Defect;
use zdu_model::judge::belief::Request;
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::{Action, Run, SCHEMA, Trace};

/// How many steps in a row may follow without waiting: what may be the case then multiplies.
const HASTE_MAX: usize = 2;

/// Something to do, if the model can follow.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    actions: Vec<Action>,
    /// Whether the next one follows without waiting; shrinking prefers to wait.
    hurries: bool,
}

/// Who goes on walks.
pub(crate) struct Walker {
    pub(crate) scope: Scope,
    pub(crate) defect: Option<Defect>,
    pub(crate) walks: u32,
    pub(crate) seed: u8,
}

/// The smallest walk that fails.
pub(crate) struct Found {
    pub(crate) trace: Trace,
    pub(crate) path: PathBuf,
    pub(crate) message: String,
}

impl Walker {
    /// Goes on walks until one fails, and shrinks that one.
    pub(crate) fn search(&self) -> Option<Found> {
        let config = Config {
            cases: self.walks,
            failure_persistence: None,
            max_shrink_iters: 400,
            ..Config::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[self.seed; 32]);
        let mut runner = TestRunner::new_with_rng(config, rng);
        // Haste is given up first: what depends on it fails now and then, and would not shrink.
        let walk = (any::<bool>(), proptest::collection::vec(wish(self.scope), 1..14));
        let outcome = runner.run(&walk, |(hasty, wishes)| {
            let result = self.replay(&self.trace(hasty, &wishes));
            if result.verdict == Verdict::Pass {
                return Ok(());
            }
            let names = Embedded::names(self.scope.nodes);
            Err(TestCaseError::fail(Words::new(&names).story(&result)))
        });
        match outcome {
            Ok(()) => None,
            Err(TestError::Fail(reason, (hasty, wishes))) => {
                Some(self.keep(self.trace(hasty, &wishes), reason.message()))
            }
            Err(TestError::Abort(reason)) => panic!("no walks: {reason}"),
        }
    }

    /// Replays a trace on a mock of its own.
    pub(crate) fn replay(&self, trace: &Trace) -> TraceResult {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let embedded = Embedded {
            delay: Duration::from_millis(1),
            defect: self.defect,
            ..Embedded::default()
        };
        let stop = AtomicBool::new(false);
        runtime.block_on(embedded.replay(trace, &stop, Command::default()))
    }

    fn name(&self) -> String {
        self.defect.map_or_else(
            || format!("sound-{}-{}", self.scope.profile, self.scope.nodes),
            |defect| defect.name().to_owned(),
        )
    }

    fn trace(&self, hasty: bool, wishes: &[Wish]) -> Trace {
        let mut run = Run::new(self.scope);
        let mut steps = Vec::new();
        let mut haste = 0;
        for wish in wishes {
            for (index, action) in wish.actions.iter().enumerate() {
                let last = index + 1 == wish.actions.len();
                let waits = !(hasty && wish.hurries && last) || haste == HASTE_MAX;
                let mut next = run.clone();
                if let Ok(step) = next.take(*action, waits) {
                    run = next;
                    steps.push(step);
                    haste = if waits { 0 } else { haste + 1 };
                }
            }
        }
        if haste > 0 {
            steps.extend(run.take(Action::Look, true));
        }
        Trace {
            schema: SCHEMA.to_owned(),
            name: format!("walk-{}", self.name()),
            why: "Found by a random walk, and as small as it gets.".to_owned(),
            profile: self.scope.profile,
            nodes: u8::try_from(self.scope.nodes).expect("few nodes"),
            versions: self.scope.versions,
            rules: Vec::new(),
            steps,
        }
    }

    /// Writes the walk as a file, and says how to replay it.
    fn keep(&self, trace: Trace, reason: &str) -> Found {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("walks");
        let path = folder.join(format!("{}.json", self.name()));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(&path, trace.to_json()).expect("the file can be written");
        let planted =
            self.defect.map_or_else(String::new, |defect| format!(" --defect {}", defect.name()));
        let message =
            format!("{reason}\nagain: zdu replay {}{planted} --delay 1ms", path.display());
        Found { trace, path, message }
    }
}

fn wish(scope: Scope) -> impl Strategy<Value = Wish> {
    let node = (0..scope.nodes).prop_map(NodeId::at);
    let version = (0..scope.versions).prop_map(Version);
    let call = prop::sample::select(Call::of(scope.profile).to_vec());
    let mut requests =
        vec![Request::Kill, Request::Stop, Request::Boot, Request::Break, Request::Repair];
    if scope.profile == Profile::Finalization {
        requests.push(Request::FailTasks);
    }
    let request = prop::sample::select(requests);
    // Any part of what takes a node to another version.
    let part = || prop::bool::weighted(0.85);
    let upgrade = |(id, version, parts): (NodeId, Version, (bool, bool, bool))| {
        let (kill, install, boot) = parts;
        [(kill, Request::Kill), (install, Request::Install(version)), (boot, Request::Boot)]
            .into_iter()
            .filter(|(wanted, _)| *wanted)
            .map(|(_, request)| Action::Request(id, request))
            .collect()
    };
    let actions = prop_oneof![
        5 => call.clone().prop_map(|call| vec![Action::Call(call)]),
        5 => (node.clone(), request).prop_map(|(id, request)| vec![Action::Request(id, request)]),
        5 => (node, version, (part(), part(), part())).prop_map(upgrade),
        1 => call.prop_map(|call| vec![Action::Race(call, 3)]),
        1 => Just(vec![Action::UnknownNode]),
        1 => Just(vec![Action::Look]),
    ];
    (actions, prop::bool::weighted(0.2)).prop_map(|(actions, hurries)| Wish { actions, hurries })
}
