//! How many bugs is it? Findings that break one rule in one way are one bug, however often and in however many traces they
//! came up.
//!
//! What tells two bugs apart is what decides, not where it was seen: which node it was, which trace, what else was listed, is left out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zdu_model::judge::event::{Attempt, Caller, View};
use zdu_model::judge::finding::{Allowed, Difference, Finding, Kind, Place, Sight};
use zdu_model::judge::seen::SeenNode;
use zdu_model::judge::served::{Fault, Field};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeStatus, Phase};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;

use crate::verdict::{Found, Report, TraceResult, Verdict};

/// What decides that an answer is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decides {
    /// A code: what was asked, what was answered, what was allowed.
    Code(Asked, Option<u16>, Vec<u16>),
    /// The cluster's status, as seen and as due.
    Status(ClusterStatus, ClusterStatus),
    /// Upgrade mode, as seen and as due.
    Mode(Mode, Mode),
    /// A node's status, as listed and as due; none is not listed, or silent.
    Node(Option<NodeStatus>, Option<NodeStatus>),
    /// A field of the answer: where, list places left out, and what is wrong.
    Shape(String, &'static str),
    /// A field in which two views differ.
    Field(Field),
    /// Nothing settled: the status that was there last.
    Unsettled(Option<ClusterStatus>),
    /// Words that the model does not have.
    Unmodelled(Vec<String>),
    /// Another thing that one word tells.
    Other(&'static str),
}

/// What was asked, without which node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// The overview.
    Overview,
    /// The status call.
    State,
    /// The node call.
    Node,
    /// A call.
    Call(Call),
    /// A call several times at once.
    Race(Call),
    /// Something that must come to nothing.
    Attempt(Caller, Kindred),
    /// The load balancer.
    Balancer,
}

/// What must come to nothing, without which node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kindred {
    /// A read.
    Read,
    /// A call.
    Call,
    /// With another method than its own.
    Method,
    /// A node that is not listed.
    UnknownNode,
}

/// Findings that are one bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bug {
    /// The rule that it breaks.
    pub rule: Rule,
    /// What kind of finding it is.
    pub kind: Kind,
    /// What decides.
    pub decides: Decides,
    /// Where it was seen, as trace and finding, counted from 0; the first one first.
    pub places: Vec<(usize, usize)>,
    /// How often it came up in all.
    pub times: usize,
}

impl Bug {
    /// The trace and the finding that showed it first.
    ///
    /// # Panics
    /// If the report is another than the one that it was found in.
    #[must_use]
    pub fn first<'a>(&self, report: &'a Report) -> (&'a TraceResult, &'a Found) {
        let (trace, found) = self.places[0];
        (&report.traces[trace], &report.traces[trace].findings[found])
    }

    /// The traces that it came up in.
    #[must_use]
    pub fn traces(&self) -> BTreeSet<usize> {
        self.places.iter().map(|(trace, _)| *trace).collect()
    }
}

/// The bugs of a run, the worst first: what deviates, what is undecided, what is waived; each the most frequent first, then in
/// the order of the rules.
#[must_use]
pub fn bugs(report: &Report) -> Vec<Bug> {
    let mut bugs: BTreeMap<(Verdict, Rule, Decides), Bug> = BTreeMap::new();
    for (trace, result) in report.traces.iter().enumerate() {
        for (index, found) in result.findings.iter().enumerate() {
            let (finding, decides) = (&found.finding, decides(&found.finding));
            let bug = bugs.entry((found.verdict(), finding.rule, decides.clone())).or_insert(Bug {
                rule: finding.rule,
                kind: finding.kind,
                decides,
                places: Vec::new(),
                times: 0,
            });
            bug.places.push((trace, index));
            bug.times += 1 + finding.again;
        }
    }
    let rank = |verdict: Verdict| match verdict {
        Verdict::Deviates => 0,
        Verdict::Timeout => 1,
        Verdict::Unmodelled => 2,
        Verdict::Waived => 3,
        Verdict::Pass
        | Verdict::Skipped
        | Verdict::NotApplicable
        | Verdict::Broken
        | Verdict::Unfinished => 4,
    };
    let mut bugs: Vec<_> = bugs.into_iter().collect();
    bugs.sort_by_key(|((verdict, _, _), bug)| (rank(*verdict), Reverse(bug.times)));
    bugs.into_iter().map(|(_, bug)| bug).collect()
}

/// What decides in a finding.
#[must_use]
pub fn decides(finding: &Finding) -> Decides {
    match &finding.seen {
        Sight::Code(code) => Decides::Code(asked(finding.place), Some(*code), codes(finding)),
        Sight::Nobody(_) => Decides::Code(asked(finding.place), None, codes(finding)),
        Sight::Misshapen(misshape) => {
            if let Fault::Code { code, .. } = &misshape.fault {
                Decides::Code(asked(finding.place), Some(*code), vec![200])
            } else {
                Decides::Shape(without_places(&misshape.place), fault_word(&misshape.fault))
            }
        }
        Sight::Differs { field, .. } => Decides::Field(*field),
        Sight::Unsettled { last, .. } => Decides::Unsettled(match last {
            Some(zdu_model::judge::seen::Observation::Overview(view)) => Some(view.status),
            Some(_) | None => None,
        }),
        Sight::Unmodelled { words, .. } => Decides::Unmodelled(words.clone()),
        Sight::Answer(_) | Sight::Node(..) | Sight::Status(_) | Sight::State(_) => listed(finding),
        Sight::Answers { .. } => Decides::Other("answers"),
        Sight::Tasks => Decides::Other("tasks"),
        Sight::Id(..) => Decides::Other("id"),
        Sight::Stranger(_) => Decides::Other("stranger"),
        Sight::Left(..) => Decides::Other("left-behind"),
        Sight::Twice(_) => Decides::Other("twice"),
        Sight::Origin(_) => Decides::Other("origin"),
        Sight::ModeChanged(_) => Decides::Other("mode"),
        Sight::Rotation(_) => Decides::Other("rotation"),
        Sight::SentWhileOut(_) => Decides::Other("sent-while-out"),
        Sight::Busy { .. } => Decides::Other("busy"),
    }
}

/// What decides where a listing is wrong: the first difference from the nearest explanation.
fn listed(finding: &Finding) -> Decides {
    match (finding.nearest.first(), &finding.seen, finding.allowed.first()) {
        (Some(Difference::Status { seen, due }), _, _) => Decides::Status(*seen, *due),
        (Some(Difference::Mode { seen, due }), _, _) => Decides::Mode(seen.0, due.0),
        (Some(Difference::Node { seen, due, .. }), _, _) => {
            Decides::Node(status(*seen), listing(due.phase))
        }
        (None, Sight::Status(seen), Some(Allowed::OneOfStatuses(due))) if !due.is_empty() => {
            Decides::Status(*seen, due[0])
        }
        (None, Sight::Node(_, seen), Some(Allowed::SoonAfter(_, was))) => {
            Decides::Node(status(*seen), status(*was))
        }
        (None, Sight::State(_), _) => Decides::Other("versions"),
        (None, _, _) => Decides::Other("answer"),
    }
}

fn status(node: Option<SeenNode>) -> Option<NodeStatus> {
    node.and_then(|node| node.status)
}

fn listing(phase: Phase) -> Option<NodeStatus> {
    phase.listed()
}

const fn asked(place: Place) -> Asked {
    match place {
        Place::View(View::Overview) | Place::Own(_) => Asked::Overview,
        Place::View(View::State) => Asked::State,
        Place::View(View::Node(_)) => Asked::Node,
        Place::Call(call) => Asked::Call(call),
        Place::Race(call, _) => Asked::Race(call),
        Place::Attempt(caller, attempt) => Asked::Attempt(
            caller,
            match attempt {
                Attempt::Read(_) => Kindred::Read,
                Attempt::Call(_) => Kindred::Call,
                Attempt::CallByGet(_) | Attempt::ReadByPost(_) => Kindred::Method,
                Attempt::UnknownNode => Kindred::UnknownNode,
            },
        ),
        Place::Balancer(_) => Asked::Balancer,
    }
}

fn codes(finding: &Finding) -> Vec<u16> {
    let code =
        |allowed: &Allowed| if let Allowed::Code(code) = allowed { Some(*code) } else { None };
    finding.allowed.iter().filter_map(code).collect()
}

const fn fault_word(fault: &Fault) -> &'static str {
    match fault {
        Fault::Missing => "missing",
        Fault::Null => "null",
        Fault::Mistyped { .. } => "mistyped",
        Fault::Negative(_) => "negative",
        Fault::UnknownWord(_) => "unknown-word",
        Fault::TooMany(_) => "too-many",
        Fault::Html => "html",
        Fault::Empty => "empty",
        Fault::NotJson(_) => "not-json",
        Fault::Code { .. } => "code",
    }
}

/// A path into JSON without the places in its lists: `nodes[].state`.
fn without_places(path: &str) -> String {
    path.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}
