//! `zdu monitor`: what happens on a cluster that others drive, judged as it comes.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use zdu_model::judge::belief::{Belief, Overview};
use zdu_model::judge::watch::{News, unserved};
use zdu_model::spec::node::NodeStatus;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::ways::situation::Situation;

use super::aim::Aim;
use super::mock::duration;
use super::output::Output;
use super::scope::Format;
use super::{Ended, Failure, runtime, stop_on_ctrl_c};
use crate::exit::Exit;
use crate::monitor::{self, Observer};
use crate::recording::{Head, Recorder, Source};
use crate::replay::micros;
use crate::run::Run;
use crate::verdict::{Command, LeftAs};
use crate::words::{Words, silence, stranger};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu monitor --target cluster.toml --for 2h --record upgrade.jsonl --alert \"any=ERROR\"\n\nReads the overview every `poll` and \
                        sends nothing else. Ctrl-C ends the watch with the report; judge a recording again with `zdu validate`."
)]
pub(super) struct Args {
    #[command(flatten)]
    aim: Aim,
    /// How long to watch; until Ctrl-C by default
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    limit: Option<Duration>,
    /// No node restarts faster than this: readings that are closer are held against each other. By default 5s is assumed, and
    /// a node that is seen to restart faster is believed
    #[arg(long, value_name = "TIME", value_parser = duration)]
    restart: Option<Duration>,
    /// Write everything that is seen into this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Say when this begins to hold in every state that a reading can mean, and while nobody answers in every state in which no
    /// node serves; may be given several times. How to write it: zdu
    /// explain expressions
    #[arg(long, value_name = "EXPR")]
    alert: Vec<Situation>,
    #[command(flatten)]
    output: Output,
}

/// Whether the expression holds in every state that a reading can mean.
fn certain(alert: &Situation, scope: Scope, seen: &Overview) -> bool {
    let belief = Belief::from_overview(scope, seen);
    let system = System::spec(scope);
    let mut states = belief.states().into_iter().peekable();
    states.peek().is_some() && states.all(|state| alert.holds(&system, state))
}

/// How many states are looked at while nobody answers.
const UNSERVED_MAX: u64 = 1 << 22;

/// Whether the expression holds in every state in which nobody serves; `None` where they are too many to say.
fn certain_unserved(alert: &Situation, scope: Scope) -> Option<bool> {
    let holds = |nodes: usize| {
        let scope = Scope { nodes, ..scope };
        let system = System::spec(scope);
        Some(unserved(scope, UNSERVED_MAX)?.all(|state| alert.holds(&system, &state)))
    };
    // In a large cluster, where it does not hold so few nodes show it.
    let few = || {
        let few = alert.witnesses_against()?.clamp(1, scope.nodes);
        (1..=few).try_fold(true, |all, nodes| Some(all && holds(nodes)?))
    };
    holds(scope.nodes).or_else(few)
}

pub(super) fn run(args: &Args) -> Ended {
    args.output.make_room()?;
    let mut target = args.aim.read()?;
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let run = Run::begin(target.url.as_str(), target.family());
    let (site, observer) = runtime.block_on(async {
        let site = args.aim.connect(&mut target).await?;
        let recorder = match &args.record {
            None => None,
            Some(path) => Some(
                Recorder::create(path, &Head::of(&site, Source::Monitor, args.restart))
                    .map_err(|error| Failure::usage(error.to_string()))?,
            ),
        };
        eprintln!("watching {} every {:?}; Ctrl-C ends it", site.base, site.timing.poll);
        let aim = args.aim.words();
        let text = args.output.format == Format::Text;
        let scope = site.dictionary.scope();
        if let Some(error) = args.alert.iter().find_map(|it| it.fits(scope).err()) {
            return Err(Failure::usage(format!("--alert: {error}")));
        }
        let mut alarms: Vec<(&Situation, bool)> = args.alert.iter().map(|it| (it, false)).collect();
        let hear = |observer: &Observer, news: &News| {
            let say = |line: String| if text { println!("{line}") } else { eprintln!("{line}") };
            let at = Timestamp::now().strftime("%H:%M:%SZ");
            let names = observer.watcher().roster().names();
            let words = Words::new(&names);
            let line = match news {
                News::Seen { before, now } => {
                    let told = words.change(before.as_ref(), now).join("; ");
                    let way = if errs(before.as_ref(), now) {
                        format!("; what to do: zdu advise{aim}")
                    } else {
                        String::new()
                    };
                    format!("{at}    {told}{way}")
                }
                News::Nobody(why) => format!("{at}    nobody answers ({})", silence(why)),
                News::Found(index) => {
                    let Some(found) = observer.found().get(*index) else { return };
                    let told = found.exchange.as_ref().and_then(stranger);
                    let told = told.map_or_else(String::new, |told| format!("; {}", told.line()));
                    format!("{at} !! {} {}{told}", found.finding.rule, words.line(&found.finding))
                }
            };
            say(line);
            for (alert, on) in &mut alarms {
                let is = match news {
                    News::Seen { now, .. } => certain(alert, scope, now),
                    News::Nobody(_) => certain_unserved(alert, scope).unwrap_or_else(|| {
                        eprintln!(
                            "not judged while nobody answers, for too many states: --alert {alert}"
                        );
                        false
                    }),
                    News::Found(_) => continue,
                };
                let was = std::mem::replace(on, is);
                if is && !was {
                    say(format!("{at} >> alert: {alert}"));
                }
            }
        };
        // A URL alone says nothing of versions: those that come up are learnt.
        let learns = args.aim.target.is_none();
        let observer = Observer::new(&site.dictionary, args.restart.map(micros), learns);
        let recorder = recorder.as_ref();
        let observer = monitor::watch(&site, observer, args.limit, recorder, &stop, hear).await;
        Ok::<_, Failure>((site, observer))
    })?;
    if observer.watcher().readings() == 0 {
        return Err(Failure::new(Exit::Nothing, "nothing was read; watch longer with --for"));
    }
    let limit = args.limit.map(|limit| humantime::format_duration(limit).to_string());
    let limit = limit.into_iter().flat_map(|limit| ["--for".to_owned(), limit]);
    let again = Command::zdu(["monitor"]).with(args.aim.arguments()).with(limit);
    let left_as = observer.watcher().last().map(|seen| LeftAs::Seen(seen.clone()));
    let run = run.on(&target, &site).knowing(observer.watcher().roster());
    let results = vec![observer.result("monitor", again)];
    // Ctrl-C is how a watch ends; it is no interruption.
    let report = Run { left_as, ..run }.finish(results);
    args.output.finish(&report)
}

/// Whether a node is in trouble that was in none before.
fn errs(before: Option<&Overview>, now: &Overview) -> bool {
    let in_trouble = |seen: &Overview, index: usize| {
        let status = seen.nodes.get(index).copied().flatten().and_then(|node| node.status);
        matches!(status, Some(NodeStatus::Error | NodeStatus::UpgradeTasksFailed))
    };
    (0..now.nodes.len())
        .any(|index| in_trouble(now, index) && !before.is_some_and(|seen| in_trouble(seen, index)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zdu_model::judge::seen::{SeenNode, SeenVersion};
    use zdu_model::spec::cluster::{ClusterStatus, Mode};
    use zdu_model::spec::node::Version;

    /// Proves that an alert waits for certainty: of what a reading leaves open nothing is said.
    #[test]
    fn an_alert_is_raised_where_the_reading_leaves_no_doubt() {
        let node = |status| {
            Some(SeenNode { status: Some(status), version: SeenVersion::Known(Version(0)) })
        };
        let seen = Overview {
            mode: Mode::Off,
            origin: SeenVersion::Nothing,
            status: ClusterStatus::Mixed,
            tasks: None,
            nodes: vec![node(NodeStatus::Error), node(NodeStatus::Starting)],
        };
        let holds = |words: &str| {
            let alert: Situation = words.parse().unwrap_or_else(|error| panic!("{error}"));
            certain(&alert, Scope::documented(2, 2), &seen)
        };
        assert!(holds("any=ERROR") && holds("n2=STARTING and MIXED"));
        // Whether a starting node has joined is not shown.
        assert!(!holds("n2=joined") && !holds("not n2=joined") && !holds("no=ERROR"));
    }

    /// Proves that while nobody answers an alert waits for certainty, too, in a cluster of any size: all that is known then is
    /// that no node serves, and what follows from it.
    #[test]
    fn an_alert_is_raised_while_nobody_answers_where_that_alone_leaves_no_doubt() {
        for nodes in [1, 3, 16] {
            let certain = |words: &str| {
                let alert: Situation = words.parse().unwrap_or_else(|error| panic!("{error}"));
                certain_unserved(&alert, Scope::documented(nodes, 2))
            };
            for told in ["served=no", "no=ACTIVE", "not any=serving", "count(serving) < 1"] {
                assert_eq!(certain(told), Some(true), "{told} with {nodes}");
            }
            for open in ["served=yes", "any=ERROR", "mode=off", "all=OFFLINE or any=OFFLINE"] {
                assert_eq!(certain(open), Some(false), "{open} with {nodes}");
            }
        }
        // Of different versions, those that have joined while upgrade mode is off have one (MODE-8).
        let one = "(mode=off and count(joined) = 2) implies n1.version = n2.version";
        let alert: Situation = one.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(certain_unserved(&alert, Scope::documented(2, 2)), Some(true));
        // A certain node among many.
        let alert: Situation = "n1=OFFLINE".parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(certain_unserved(&alert, Scope::documented(16, 2)), None);
    }
}
