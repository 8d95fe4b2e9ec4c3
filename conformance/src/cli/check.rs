//! `zdu check`: does the model have the properties that it must have?

use std::time::Instant;

use clap::ValueEnum;
use serde_json::json;
use zdu_model::checker::Stateright;
use zdu_model::engine::{Engine, Exploration, Progress};
use zdu_model::goal::Goal;
use zdu_model::path::Path;
use zdu_model::profile::Profile;
use zdu_model::property::Property;
use zdu_model::semantics::{Scope, Spec, System};

use super::{Ended, Failure};
use crate::exit::Exit;

/// How large a state space one is asked to confirm before exploring it with stateright, in states.
const STATES_WARNED: f64 = 5e6;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: zdu check --nodes 3 --versions 2 --property mode-4")]
pub(super) struct Args {
    /// The number of nodes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    nodes: u8,
    /// The number of versions; 3 shows two different later versions at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=16))]
    versions: u8,
    /// The family of builds
    #[arg(long, value_enum, default_value_t = ProfileArg::Documented)]
    profile: ProfileArg,
    /// Which engine searches
    #[arg(long, value_enum, default_value_t = EngineArg::Stateright)]
    engine: EngineArg,
    /// Only properties whose name or rule contains this; may be given several times
    #[arg(long, value_name = "NAME or RULE")]
    property: Vec<String>,
    /// List the properties and goals instead of checking them
    #[arg(long)]
    list: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A profile on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ProfileArg {
    /// What the vendor's page says
    Documented,
    /// Builds with upgrade tasks
    Finalization,
}

impl From<ProfileArg> for Profile {
    fn from(arg: ProfileArg) -> Self {
        match arg {
            ProfileArg::Documented => Self::Documented,
            ProfileArg::Finalization => Self::Finalization,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum EngineArg {
    /// stateright's breadth-first search
    Stateright,
}

/// How something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

pub(super) fn run(args: &Args) -> Ended {
    let scope = Scope {
        profile: args.profile.into(),
        nodes: usize::from(args.nodes),
        versions: args.versions,
    };
    let wanted = |name: &str, rule: &str| {
        args.property.is_empty()
            || args.property.iter().any(|part| {
                let part = part.to_lowercase();
                name.to_lowercase().contains(&part) || rule.to_lowercase() == part
            })
    };
    let properties: Vec<Property<Spec>> = Property::all(scope.profile)
        .into_iter()
        .filter(|property| wanted(property.name, property.rule.id()))
        .collect();
    let goals: Vec<Goal> = Goal::all(scope.profile)
        .into_iter()
        .filter(|goal| wanted(&goal.to_string(), goal.rule().id()))
        .collect();
    if properties.is_empty() && goals.is_empty() {
        return Err(Failure::new(
            Exit::Nothing,
            format!(
                "no property matches {}; `zdu check --list` names them",
                args.property.join(", ")
            ),
        ));
    }
    if args.list {
        list(&properties, &goals, scope);
        return Ok(Exit::Fine);
    }
    let found = search(args.engine, scope, &properties, &goals);
    match args.format {
        Format::Text => print!("{}", found.text()),
        Format::Json => println!("{:#}", found.json()),
    }
    Ok(if found.holds() {
        Exit::Fine
    } else {
        Exit::Deviation
    })
}

fn list(properties: &[Property<Spec>], goals: &[Goal], scope: Scope) {
    for property in properties {
        println!("safety        {:<9} {}", property.rule.id(), property.name);
    }
    for goal in goals {
        let note = goal
            .unreachable_because(scope)
            .map(|why| format!("  (not here: {why})"))
            .unwrap_or_default();
        println!("reachability  {:<9} {goal}{note}", goal.rule().id());
    }
}

/// What a check found, with what it was asked.
pub(super) struct Found {
    engine: &'static str,
    scope: Scope,
    seconds: f64,
    exploration: Exploration,
    properties: Vec<Property<Spec>>,
    goals: Vec<Goal>,
}

fn search(engine: EngineArg, scope: Scope, properties: &[Property<Spec>], goals: &[Goal]) -> Found {
    // Roughly (8V)^N states: section 3 has the exact form.
    let expected =
        (8.0 * f64::from(scope.versions)).powi(i32::try_from(scope.nodes).unwrap_or(i32::MAX));
    if expected > STATES_WARNED {
        eprintln!(
            "about {expected:.0e} states: this takes a while and much memory; Ctrl-C ends it"
        );
    }
    let bar = indicatif::ProgressBar::new_spinner();
    let mut listen = |progress: Progress| {
        bar.set_message(format!(
            "{} states, {} transitions, depth {}",
            progress.states, progress.transitions, progress.depth
        ));
        bar.tick();
    };
    let system = System::spec(scope);
    let began = Instant::now();
    let (engine, exploration) = match engine {
        EngineArg::Stateright => (
            "stateright",
            Stateright.explore(system, properties, goals, &mut listen),
        ),
    };
    let seconds = began.elapsed().as_secs_f64();
    bar.finish_and_clear();
    Found {
        engine,
        scope,
        seconds,
        exploration,
        properties: properties.to_vec(),
        goals: goals.to_vec(),
    }
}

/// Checks everything at the default size.
pub(super) fn defaults() -> Found {
    let scope = Scope::documented(3, 2);
    search(
        EngineArg::Stateright,
        scope,
        &Property::all(scope.profile),
        &Goal::all(scope.profile),
    )
}

/// What became of a goal.
enum GoalVerdict {
    Reached(usize),
    OnPurpose(&'static str),
    Unreached,
}

impl Found {
    fn goal_verdict(&self, index: usize) -> GoalVerdict {
        match (
            &self.exploration.examples[index],
            self.goals[index].unreachable_because(self.scope),
        ) {
            (Some(path), _) => GoalVerdict::Reached(path.steps.len()),
            (None, Some(why)) => GoalVerdict::OnPurpose(why),
            (None, None) => GoalVerdict::Unreached,
        }
    }

    /// Whether every property holds and every goal is reached or unreachable on purpose.
    pub(super) fn holds(&self) -> bool {
        self.exploration.violations.iter().all(Option::is_none)
            && (0..self.goals.len())
                .all(|index| !matches!(self.goal_verdict(index), GoalVerdict::Unreached))
    }

    /// One line.
    pub(super) fn summary(&self) -> String {
        let broken = self.exploration.violations.iter().flatten().count();
        let reached = self.exploration.examples.iter().flatten().count();
        format!(
            "{} safety properties, {broken} violated; {} of {} goals reached, {} unreachable on purpose; {} states, {} \
             transitions, depth {} ({} nodes, {} versions, {}, {:.2} s)",
            self.properties.len(),
            reached,
            self.goals.len(),
            (0..self.goals.len())
                .filter(|index| matches!(self.goal_verdict(*index), GoalVerdict::OnPurpose(_)))
                .count(),
            self.exploration.states,
            self.exploration.transitions,
            self.exploration.depth,
            self.scope.nodes,
            self.scope.versions,
            self.engine,
            self.seconds,
        )
    }

    /// What people read.
    pub(super) fn text(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for (property, violation) in self.properties.iter().zip(&self.exploration.violations) {
            let verdict = if violation.is_some() {
                "VIOLATED"
            } else {
                "holds"
            };
            let _ = writeln!(
                text,
                "{verdict:<9} {:<9} {}",
                property.rule.id(),
                property.name
            );
            if let Some(path) = violation {
                let _ = writeln!(text, "{}", indent(path));
            }
        }
        for (index, goal) in self.goals.iter().enumerate() {
            let (verdict, note) = match self.goal_verdict(index) {
                GoalVerdict::Reached(steps) => ("reached", format!("in {steps} steps")),
                GoalVerdict::OnPurpose(why) => ("on purpose", format!("unreachable here: {why}")),
                GoalVerdict::Unreached => ("UNREACHED", "no run shows it".to_owned()),
            };
            let _ = writeln!(
                text,
                "{verdict:<10} {:<8} {goal} ({note})",
                goal.rule().id()
            );
        }
        let _ = writeln!(text, "{}", self.summary());
        let _ = writeln!(
            text,
            "verdict: {}",
            if self.holds() { "holds" } else { "violated" }
        );
        if !self.holds() {
            let _ = writeln!(
                text,
                "see the rule: zdu explain RULE; list what is asked: zdu check --list"
            );
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        let properties = self
            .properties
            .iter()
            .zip(&self.exploration.violations)
            .map(|(property, violation)| {
                json!({
                    "name": property.name,
                    "rule": property.rule.id(),
                    "kind": "safety",
                    "verdict": if violation.is_some() { "violated" } else { "holds" },
                    "counterexample": violation.as_ref().map(steps),
                })
            });
        let goals = self.goals.iter().enumerate().map(|(index, goal)| {
            let (verdict, reason) = match self.goal_verdict(index) {
                GoalVerdict::Reached(_) => ("reached", None),
                GoalVerdict::OnPurpose(why) => ("unreachable-on-purpose", Some(why)),
                GoalVerdict::Unreached => ("unreached", None),
            };
            json!({
                "name": goal.to_string(),
                "rule": goal.rule().id(),
                "kind": "reachability",
                "verdict": verdict,
                "reason": reason,
                "counterexample": null,
                "example": self.exploration.examples[index].as_ref().map(steps),
            })
        });
        json!({
            "engine": self.engine,
            "profile": self.scope.profile.name(),
            "nodes": self.scope.nodes,
            "versions": self.scope.versions,
            "states": self.exploration.states,
            "transitions": self.exploration.transitions,
            "depth": self.exploration.depth,
            "seconds": self.seconds,
            "verdict": if self.holds() { "holds" } else { "violated" },
            "properties": properties.chain(goals).collect::<Vec<_>>(),
        })
    }
}

fn indent(path: &Path) -> String {
    path.to_string()
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect()
}

/// A run for programs: the first state, then each transition with its rule and the state after it.
fn steps(path: &Path) -> serde_json::Value {
    let first = json!({ "transition": null, "rule": null, "state": path.start.to_string() });
    let rest = path.moves().map(|(before, transition, after)| {
        json!({
            "transition": transition.to_string(),
            "rule": transition.rule(before).id(),
            "state": after.to_string(),
        })
    });
    std::iter::once(first).chain(rest).collect()
}
