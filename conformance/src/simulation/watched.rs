//! What does a monitor say of a correct endpoint that somebody else drives? Random steps, each with time to take effect, and
//! readings at random moments in between.

use std::time::Duration;

use zdu_endpoint::Flavour;
use zdu_model::judge::event::{Source, View};
use zdu_model::judge::finding::Finding;
use zdu_model::judge::watch::Watcher;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Action;

use super::{alone, at_once};
use crate::driver::Driver as _;
use crate::replay::{Port as _, micros};

/// How long a step takes at most to take effect.
const DELAY: Duration = Duration::from_secs(1);

/// How much time there is between two steps: a node that is shut down and booted again is away for longer than a watch
/// assumes at least.
const BETWEEN: Duration = Duration::from_secs(12);

/// The longest time between two readings, in milliseconds.
const PAUSE_MAX: u64 = 4_000;

/// What a watch finds in a random run on an endpoint of this flavour. Half of them begin knowing one version alone.
///
/// # Panics
/// Never: such endpoints can be had.
#[must_use]
pub fn watched(seed: u64, flavour: Flavour) -> Vec<Finding> {
    let (mut simulation, trace) = alone(seed, flavour);
    simulation.options.delay = DELAY;
    let mut chance = fastrand::Rng::with_seed(seed);
    let (world, mut dictionary) = simulation.world(&trace).expect("such an endpoint can be had");
    let learns = chance.bool();
    if learns {
        dictionary.versions.truncate(1);
    }
    if chance.bool() {
        // As `profile = "auto"` judges.
        dictionary.profile = Profile::Finalization;
    }
    let mut watcher = Watcher::new(dictionary.scope(), dictionary.roster(), None, learns);
    at_once(async {
        for step in &trace.steps {
            match step.action(trace.scope()) {
                Ok(Action::Call(call)) => drop(world.call(call).await),
                Ok(Action::Request(id, request)) => drop(world.request(id, request).await),
                Ok(
                    Action::Race(..)
                    | Action::Look
                    | Action::UnknownNode
                    | Action::Anonymous
                    | Action::Plain,
                )
                | Err(_) => {}
            }
            let until = world.now() + micros(BETWEEN);
            while world.now() < until {
                let sent = world.read(Source::Cluster, View::Overview, None).await;
                watcher.hear(sent.now, sent.answer);
                let pause = Duration::from_millis(chance.u64(1..PAUSE_MAX));
                world.wait(world.now() + micros(pause)).await;
            }
        }
    });
    // That nobody serves for a while is the walk's doing.
    let mine = |finding: &&Finding| finding.rule != Rule::Proc3;
    watcher.findings().iter().filter(mine).cloned().collect()
}
