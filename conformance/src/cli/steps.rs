//! How is a run shown? One line a transition: who takes it, what it is, the rule that speaks of it, what it changes; and
//! the same for programs.

use serde_json::{Value, json};
use zdu_model::check::fairness::Lasso;
use zdu_model::check::path::{Change, Path};
use zdu_model::check::procedure::Walk;
use zdu_model::check::procedure::rotation::{Turn, Turns};
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::semantics::System;
use zdu_model::spec::transition::{Kind, Transition};

/// A run of one shape or another.
#[derive(Clone, Debug)]
pub(super) enum Shown {
    /// A run that ends.
    Path(Path),
    /// A run that goes round for ever.
    Lasso(Lasso),
    /// A run of operator and cluster.
    Walk(Walk),
    /// A run of operator, cluster and load balancer.
    Turns(Turns),
}

/// Who takes a transition, in a word.
pub(super) const fn by(kind: Kind) -> &'static str {
    match kind {
        Kind::Api => "call",
        Kind::Operator => "operator",
        Kind::Fault => "fault",
        Kind::Spontaneous => "cluster",
    }
}

/// A transition between two states of a system, which says what status it shows of them.
#[derive(Clone, Copy)]
struct Line<'a> {
    system: &'a System<Mutants>,
    number: usize,
    by: Kind,
    transition: Transition,
    before: &'a Cluster,
    after: &'a Cluster,
}

impl Line<'_> {
    fn text(self) -> String {
        let change = Change::shown_by(self.system, self.before, self.after);
        let name = self.transition.to_string();
        format!(
            "{:>3}  {:<9} {name:<18} {:<9} {change}\n",
            self.number,
            by(self.by),
            self.transition.rule(self.before).id()
        )
    }

    fn json(self) -> Value {
        json!({
            "transition": self.transition.to_string(),
            "by": by(self.by),
            "rule": self.transition.rule(self.before).id(),
            "changes": Change::shown_by(self.system, self.before, self.after).to_string(),
            "state": self.after.to_string(),
            "cluster": self.after,
        })
    }
}

fn of_path<'a>(system: &'a System<Mutants>, path: &'a Path, first: usize) -> Vec<Line<'a>> {
    (path.moves().enumerate())
        .map(|(number, (before, transition, after))| Line {
            system,
            number: first + number,
            by: transition.kind(),
            transition,
            before,
            after,
        })
        .collect()
}

fn of_walk<'a>(system: &'a System<Mutants>, walk: &'a Walk) -> Vec<Line<'a>> {
    let before = std::iter::once(&walk.start).chain(walk.steps.iter().map(|(_, state)| state));
    (before.zip(&walk.steps).enumerate())
        .map(|(number, (before, (step, after)))| Line {
            system,
            number: number + 1,
            by: step.by,
            transition: step.transition,
            before,
            after,
        })
        .collect()
}

/// One line a turn, with the nodes that are out of rotation.
fn of_turns(system: &System<Mutants>, turns: &Turns) -> String {
    let mut text = format!("  0  {}\n", turns.start);
    let mut before = &turns.start;
    for (number, (turn, after, out)) in turns.steps.iter().enumerate() {
        let out: Vec<String> = out.iter().map(ToString::to_string).collect();
        let out = if out.is_empty() { "none".to_owned() } else { out.join(", ") };
        let (name, change) = (turn.to_string(), Change::shown_by(system, before, after));
        text += &format!("{:>3}  {name:<18} {change} (out: {out})\n", number + 1);
        before = after;
    }
    text + &format!("     {before}\n")
}

/// Each step of a path on a line.
pub(super) fn lines(system: &System<Mutants>, path: &Path) -> String {
    text(&path.start, &of_path(system, path, 1))
}

fn text(start: &Cluster, lines: &[Line<'_>]) -> String {
    let mut text = format!("  0  {start}\n");
    text.extend(lines.iter().map(|line| line.text()));
    text
}

fn json(start: &Cluster, lines: &[Line<'_>]) -> Value {
    let first = json!({ "transition": null, "by": null, "rule": null, "changes": null, "state": start.to_string(), "cluster": start });
    std::iter::once(first).chain(lines.iter().map(|line| line.json())).collect()
}

impl Shown {
    /// After how many steps a run that goes round begins to.
    pub(super) fn back(&self) -> Option<usize> {
        match self {
            Self::Path(_) | Self::Turns(_) => None,
            Self::Lasso(lasso) => Some(lasso.stem.steps.len()),
            Self::Walk(walk) => walk.circle,
        }
    }

    /// The run from its first state, of a lasso with one turn.
    pub(super) fn path(&self) -> Path {
        match self {
            Self::Path(path) => path.clone(),
            Self::Lasso(lasso) => {
                let mut path = lasso.stem.clone();
                path.steps.extend(lasso.turn.steps.iter().cloned());
                path
            }
            Self::Walk(walk) => {
                let steps = walk.steps.iter().map(|(step, after)| (step.transition, after.clone()));
                Path { start: walk.start.clone(), steps: steps.collect() }
            }
            // Without what changes the load balancer alone.
            Self::Turns(turns) => {
                let step = |(turn, after, _): &(Turn, Cluster, Vec<NodeId>)| match turn {
                    Turn::Move(step) => Some((step.transition, after.clone())),
                    Turn::Disconnect(_) | Turn::Connect(_) | Turn::Notice(_) => None,
                };
                let steps = turns.steps.iter().filter_map(step).collect();
                Path { start: turns.start.clone(), steps }
            }
        }
    }

    /// How many steps it has.
    pub(super) fn steps(&self) -> usize {
        match self {
            Self::Path(path) => path.steps.len(),
            Self::Lasso(lasso) => lasso.stem.steps.len() + lasso.turn.steps.len(),
            Self::Walk(walk) => walk.steps.len(),
            Self::Turns(turns) => turns.steps.len(),
        }
    }

    /// For people: the run of this system.
    pub(super) fn text(&self, system: &System<Mutants>) -> String {
        match self {
            Self::Path(path) => lines(system, path) + &format!("     {}\n", path.end()),
            Self::Walk(walk) => {
                let end = match walk.circle {
                    None => format!("     {}\n", walk.end()),
                    Some(first) => format!(
                        "     after step {} again as after step {first}, and so for ever\n",
                        walk.steps.len()
                    ),
                };
                text(&walk.start, &of_walk(system, walk)) + &end
            }
            Self::Turns(turns) => of_turns(system, turns),
            Self::Lasso(lasso) => {
                let stem = lines(system, &lasso.stem);
                let reached = format!("{stem}     {}\n", lasso.stem.end());
                if lasso.turn.steps.is_empty() {
                    return format!(
                        "{reached}     and there {} stays: nothing can happen\n",
                        lasso.node
                    );
                }
                let first = lasso.stem.steps.len() + 1;
                let turn: String =
                    (of_path(system, &lasso.turn, first).into_iter()).map(Line::text).collect();
                let last = first + lasso.turn.steps.len() - 1;
                format!(
                    "{reached}     and from there for ever, {} staying:\n{turn}     after step {last} again as before step {first}\n",
                    lasso.node
                )
            }
        }
    }

    /// For programs, of this system: the first state, then each transition with the state after it; a lasso as its stem and its loop.
    pub(super) fn json(&self, system: &System<Mutants>) -> Value {
        match self {
            Self::Path(path) => json(&path.start, &of_path(system, path, 1)),
            Self::Walk(walk) => match walk.circle {
                None => json(&walk.start, &of_walk(system, walk)),
                Some(first) => {
                    let mut lines = of_walk(system, walk);
                    let turn = lines.split_off(first);
                    let back = turn.first().map_or(&walk.start, |line| line.before);
                    json!({ "stem": json(&walk.start, &lines), "loop": json(back, &turn) })
                }
            },
            Self::Turns(turns) => (turns.steps.iter())
                .map(|(turn, after, out)| {
                    let out: Vec<String> = out.iter().map(ToString::to_string).collect();
                    json!({ "turn": turn.to_string(), "state": after.to_string(), "cluster": after, "out": out })
                })
                .collect(),
            Self::Lasso(lasso) => json!({
                "node": lasso.node.to_string(),
                "stem": json(&lasso.stem.start, &of_path(system, &lasso.stem, 1)),
                "loop": json(&lasso.turn.start, &of_path(system, &lasso.turn, 1)),
            }),
        }
    }
}
