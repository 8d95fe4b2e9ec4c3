//! What is there to tell of a cluster that others drive? Overviews one after the other, judged by [`super::Watch`].
//!
//! Beside what is wrong it tells what changed. Versions that come up are learnt, where whoever asks lets it: a watch that
//! began before an upgrade does not know what it leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::{Since, Watch};
use crate::judge::course::Course;
use crate::judge::event::{Answer, Micros, Silence, View};
use crate::judge::finding::{Allowed, Finding, Kind, Place, Sight};
use crate::judge::roster::{Oddity, Roster};
use crate::judge::seen::{Observation, Overview, SeenVersion, words_missing};
use crate::spec::node::NodeId;
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;

/// How fast a node restarts at least, where nobody says.
const RESTART: Micros = 5_000_000;

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The overview, or what changed in it.
    Seen {
        /// What was shown before, if anything was.
        before: Option<Overview>,
        /// What is shown now.
        now: Overview,
    },
    /// Nobody answers any more.
    Nobody(Silence),
    /// Something that nothing explains, by its place among the findings.
    Found(usize),
}

/// Watches one cluster.
#[derive(Clone, Debug)]
pub struct Watcher {
    scope: Scope,
    roster: Roster,
    watch: Watch,
    /// No node restarts faster than this, as somebody says.
    restart: Option<Micros>,
    learns: bool,
    last: Option<(Micros, Option<Overview>)>,
    told: BTreeSet<(Rule, Option<NodeId>, String)>,
    findings: Vec<Finding>,
    /// How many overviews were judged, by the rule that their status was held against.
    judged: BTreeMap<Rule, u64>,
    event: usize,
    course: Course,
}

impl Watcher {
    /// A watcher that has seen nothing. With `learns` a version that comes up is one of the model's from then on.
    #[must_use]
    pub fn new(scope: Scope, roster: Roster, restart: Option<Micros>, learns: bool) -> Self {
        Self {
            scope,
            roster,
            watch: Watch::new(scope),
            restart,
            learns,
            last: None,
            told: BTreeSet::new(),
            findings: Vec::new(),
            judged: BTreeMap::new(),
            event: 0,
            course: Course::default(),
        }
    }

    /// How the upgrade goes.
    #[must_use]
    pub const fn course(&self) -> &Course {
        &self.course
    }

    /// Who is who.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// What was found so far.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// In how many readings each rule was at stake.
    #[must_use]
    pub fn at_stake(&self) -> BTreeMap<Rule, u64> {
        let mut stakes = self.judged.clone();
        stakes.extend(self.course.at_stake());
        stakes
    }

    /// How many readings there were.
    #[must_use]
    pub const fn readings(&self) -> usize {
        self.event
    }

    /// The last overview, if the last reading was answered.
    #[must_use]
    pub fn last(&self) -> Option<&Overview> {
        self.last.as_ref().and_then(|(_, seen)| seen.as_ref())
    }

    /// Takes a reading in, and says what there is to tell.
    pub fn hear(&mut self, now: Micros, answer: Answer) -> Vec<News> {
        let news = match answer {
            Answer::Nobody(silence) => self.nobody(now, silence),
            Answer::NotListed => Vec::new(),
            Answer::Bad(misshape) => {
                self.lose_sight(now);
                let seen = Sight::Misshapen(misshape);
                self.find(Kind::WrongAnswer, (Rule::Api1, None), Allowed::Shape, seen)
            }
            Answer::Served(served) => {
                let mut told = self.roster.told(&served, None);
                if self.learns && self.roster.learn() {
                    self.scope.versions = self.roster.versions();
                    self.watch = Watch::new(self.scope);
                    told = self.roster.told(&served, None);
                }
                let mut news = Vec::new();
                let odd: Vec<_> = told.oddities;
                match told.seen {
                    Some(Observation::Overview(overview)) => {
                        self.course.see(now, &overview);
                        news.extend(self.changed(&overview));
                        news.extend(self.judge(now, &overview));
                        self.last = Some((now, Some(overview)));
                    }
                    Some(Observation::State(..) | Observation::Node(..)) | None => {}
                }
                for oddity in odd {
                    let (node, allowed, seen) = match oddity {
                        Oddity::IdChanged(id, was, is) => {
                            (Some(id), Allowed::SameId(id, was), Sight::Id(id, is))
                        }
                        Oddity::Stranger(id) => (None, Allowed::KnownNode, Sight::Stranger(id)),
                        Oddity::Twice(id) => (None, Allowed::KnownNode, Sight::Twice(id)),
                        Oddity::OtherNode(..) => continue,
                    };
                    news.extend(self.find(Kind::WrongAnswer, (Rule::Api1, node), allowed, seen));
                }
                news
            }
        };
        self.event += 1;
        news
    }

    fn lose_sight(&mut self, now: Micros) {
        self.watch.lose_sight();
        self.last = Some((now, None));
    }

    fn nobody(&mut self, now: Micros, silence: Silence) -> Vec<News> {
        let before = matches!(self.last, Some((_, None)));
        self.lose_sight(now);
        let mut news = if before { Vec::new() } else { vec![News::Nobody(silence.clone())] };
        if self.course.silence(now) {
            let seen = Sight::Nobody(silence);
            news.extend(self.find(Kind::WrongAnswer, (Rule::Proc3, None), Allowed::Service, seen));
        }
        news
    }

    fn changed(&self, now: &Overview) -> Option<News> {
        let before = self.last();
        (before != Some(now)).then(|| News::Seen { before: before.cloned(), now: now.clone() })
    }

    fn judge(&mut self, now: Micros, overview: &Overview) -> Vec<News> {
        let words = words_missing(self.scope.profile, &Observation::Overview(overview.clone()));
        let foreign: BTreeSet<u8> = (overview.nodes.iter().flatten().map(|node| node.version))
            .chain([overview.origin])
            .filter_map(|version| match version {
                SeenVersion::Foreign(at) => Some(at),
                SeenVersion::Known(_) | SeenVersion::Nothing => None,
            })
            .collect();
        let versions: Vec<_> = foreign
            .iter()
            .filter_map(|at| self.roster.foreign().get(usize::from(*at)).cloned())
            .collect();
        if !words.is_empty() || !versions.is_empty() {
            self.watch.lose_sight();
            let words = words.into_iter().map(str::to_owned).collect();
            let seen = Sight::Unmodelled { words, versions };
            return self.find(Kind::Unmodelled, (Rule::Api1, None), Allowed::Shape, seen);
        }
        let passed = self.last.as_ref().map(|(last, _)| now.saturating_sub(*last));
        let since = match (passed, self.restart) {
            (Some(passed), Some(restart)) if passed < restart => Since::Short,
            (Some(passed), None) if passed < RESTART => Since::AssumedShort,
            (_, _) => Since::Long,
        };
        for rule in self.watch.at_stake(overview, since) {
            *self.judged.entry(rule).or_default() += 1;
        }
        let mut news = Vec::new();
        for wrong in self.watch.see(overview, since) {
            let about = (wrong.rule, wrong.node);
            news.extend(self.find(Kind::WrongAnswer, about, wrong.allowed, wrong.seen));
        }
        news
    }

    /// A wrong status is seen in every reading until it ends: told once, then counted.
    fn find(
        &mut self,
        kind: Kind,
        (rule, node): (Rule, Option<NodeId>),
        allowed: Allowed,
        seen: Sight,
    ) -> Vec<News> {
        let fresh = self.told.insert((rule, node, format!("{seen:?}")));
        let known =
            (self.findings.iter()).position(|known| known.rule == rule && known.kind == kind);
        match (known, fresh) {
            (Some(at), fresh) => {
                self.findings[at].again += 1;
                if fresh { vec![News::Found(at)] } else { Vec::new() }
            }
            (None, _) => {
                self.findings.push(Finding {
                    kind,
                    rule,
                    step: 0,
                    place: Place::View(node.map_or(View::Overview, View::Node)),
                    allowed: vec![allowed],
                    allowed_more: 0,
                    seen,
                    nearest: Vec::new(),
                    event: self.event,
                    again: 0,
                });
                vec![News::Found(self.findings.len() - 1)]
            }
        }
    }
}
