//! What does an exhaustive suite look like, for a small cluster? Every sequence of `k + 1` steps from every settled
//! cluster, each reached the shortest way.
//!
//! **What it guarantees.** Take an endpoint that treats nodes alike (renaming them changes nothing) and that, once
//! settled, is a machine that always answers the same to the same steps. If it differs from the model within `k + 1`
//! steps after some settled cluster, reached by the shortest way, some trace sees it. For settled clusters that an
//! overview tells apart this is what the W-method promises of an endpoint with up to `k` states more than the model:
//! reading the overview is then the whole characterisation set. Where nobody answers, and for the version of a node that
//! is not listed, the overview tells nothing; [`Complete::alike`] counts such clusters. A mutant in one of them takes one
//! or two steps more to show, and `k` must be larger by as much.
//!
//! **What it costs.** With `n` settled clusters and `m` steps in each some `n * m^(k + 1)` traces. So it is for one or
//! two nodes, and gives up at a limit before it has begun to write.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::spec::cluster::Cluster;
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use crate::traces::trace::{Action, Seen, Trace};

use super::settled::{Move, class, moves};
use super::written;

/// The suite, and what it walks over.
#[derive(Clone, Debug)]
pub struct Complete {
    /// The traces.
    pub traces: Vec<Trace>,
    /// How many settled clusters there are, up to a renaming of the nodes.
    pub settled: usize,
    /// How many of them look like another one.
    pub alike: usize,
}

/// The suite would be larger than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {limit} traces: {settled} settled clusters, and every sequence of {length} steps from each"
)]
pub struct TooMany {
    /// The limit.
    pub limit: usize,
    /// How many settled clusters there are, or were found before giving up.
    pub settled: usize,
    /// How many steps are tried from each.
    pub length: usize,
}

/// A sequence of steps with the rules that they exercise.
type Sequence = (Vec<Action>, BTreeSet<Rule>);

/// Makes the suite for up to `extra` states more than the model has, and no more than `limit` traces.
///
/// # Errors
/// [`TooMany`] when there would be more.
///
/// # Panics
/// If the scope has more than 16 nodes, which no trace can have.
pub fn complete(scope: Scope, extra: usize, limit: usize) -> Result<Complete, TooMany> {
    let length = extra + 1;
    let reached = settled(scope, limit);
    let too_many = TooMany { limit, settled: reached.len(), length };
    if reached.len() > limit {
        return Err(too_many);
    }
    let mut sequences: BTreeMap<Vec<Action>, BTreeSet<Rule>> = BTreeMap::new();
    for (cluster, access) in &reached {
        let mut open = vec![(cluster.clone(), access.clone(), length)];
        while let Some((at, (actions, rules), left)) = open.pop() {
            for step in moves(scope, &at) {
                let (longer, rules) = extended(&(actions.clone(), rules.clone()), &step);
                match step.after() {
                    Some(after) if left > 1 => {
                        open.push((after.clone(), (longer, rules), left - 1))
                    }
                    // A step that can end in two ways ends the sequence: nobody knows what can be done next.
                    Some(_) | None => {
                        sequences.insert(longer, rules);
                    }
                }
            }
            if sequences.len() > 4 * limit {
                return Err(too_many);
            }
        }
    }
    let all: Vec<(&Vec<Action>, &BTreeSet<Rule>)> = sequences.iter().collect();
    // In this order whatever begins like a sequence follows it at once.
    let whole: Vec<_> = (all.iter().enumerate())
        .filter(|(index, (actions, _))| {
            all.get(index + 1).is_none_or(|(next, _)| !next.starts_with(actions))
        })
        .map(|(_, sequence)| *sequence)
        .collect();
    if whole.len() > limit {
        return Err(too_many);
    }
    let digits = whole.len().to_string().len();
    let traces = (whole.iter().enumerate())
        .map(|(index, (actions, rules))| {
            let name = format!("complete-{extra}-{:0digits$}", index + 1);
            let last = actions.last().map_or_else(String::new, ToString::to_string);
            let why = format!(
                "One of every sequence of {length} from every settled cluster; ends with: {last}."
            );
            written(scope, name, why, rules, actions)
        })
        .collect();
    let mut looks: BTreeMap<Seen, usize> = BTreeMap::new();
    for (cluster, _) in &reached {
        *looks.entry(look(cluster)).or_default() += 1;
    }
    Ok(Complete {
        traces,
        settled: reached.len(),
        alike: looks.values().filter(|count| **count > 1).sum(),
    })
}

/// What an overview shows: nothing while nobody answers.
fn look(cluster: &Cluster) -> Seen {
    let seen = Seen::of(&class(cluster));
    if cluster.served() {
        seen
    } else {
        Seen {
            mode: crate::spec::cluster::Mode::Off,
            origin: None,
            tasks_pending: false,
            nodes: Vec::new(),
            ..seen
        }
    }
}

fn extended((actions, rules): &Sequence, step: &Move) -> Sequence {
    let longer = actions.iter().copied().chain([step.action]).collect();
    let more = rules.union(&step.rules).copied().collect();
    (longer, more)
}

/// Every settled cluster up to a renaming of the nodes, with a shortest way to it; no more than so many, and one.
fn settled(scope: Scope, limit: usize) -> Vec<(Cluster, Sequence)> {
    let initial = scope.initial();
    let mut seen = BTreeSet::from([class(&initial)]);
    let mut found = Vec::new();
    let mut open = VecDeque::from([(initial, Sequence::default())]);
    while let Some((cluster, access)) = open.pop_front() {
        for step in moves(scope, &cluster) {
            if let Some(after) = step.after()
                && seen.len() <= limit
                && seen.insert(class(after))
            {
                open.push_back((after.clone(), extended(&access, &step)));
            }
        }
        found.push((cluster, access));
    }
    found
}
