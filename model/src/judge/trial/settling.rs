//! Has the cluster settled? Rounds of reading every view until nothing is left to happen, or has not happened in time
//! (section 8: settling, quiescence, the quiet time).
//!
//! When a round's answers fit a state in which nothing is left to happen, and no other explanation has anything left either,
//! the cluster has settled; where something might still happen that shows nothing, it is watched for a quiet time first.
//! Then the overview is read once more (API-8), and each serving node at its own address until it agrees (API-11).

use std::collections::VecDeque;

use super::compare::{Compared, flag_is_wrong};
use super::heard::{Heard, Taken};
use super::{Found, Judge, Kind, Settled, Want};
use crate::judge::belief::Hypothesis;
use crate::judge::blame;
use crate::judge::event::{Micros, Silence, Source, View};
use crate::judge::finding::{Allowed, Place, Sight};
use crate::judge::roster::Told;
use crate::judge::seen::{Observation, Request};
use crate::judge::text::Text;
use crate::spec::cluster::Mode;
use crate::spec::node::{NodeId, NodeStatus};
use crate::spec::rule::Rule;

/// From how long on silence is a time-out, not a refused connection.
const SILENCE: Micros = 200_000;

/// The shortest pause between two rounds.
const PAUSE_MIN: Micros = 1_000;

/// A cluster that is waited for.
#[derive(Clone, Debug)]
pub(super) struct Settling {
    began: Micros,
    deadline: Micros,
    pause: Micros,
    quiet_until: Option<Micros>,
    blind_since: Option<Micros>,
    pub(super) stage: Stage,
}

#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Every view is read.
    Round(Round),
    /// The overview is read once more.
    Again,
    /// What these ids answer is asked, which nodes had before they came back under others.
    Left(VecDeque<Text>),
    /// A node's own view is read; these come after it.
    Own { node: NodeId, later: VecDeque<NodeId>, pause: Micros, not_before: Micros },
}

/// One reading of every view.
#[derive(Clone, Debug)]
pub(super) struct Round {
    not_before: Micros,
    /// When the first view of it was asked for.
    asked: Option<Micros>,
    left: VecDeque<View>,
    /// The hypotheses in which nothing is left to happen and that explain every answer of the round.
    calm: Vec<Hypothesis>,
    /// Which view nobody answered though somebody serves in every explanation, and the event that showed it.
    unanswered: Option<(View, Silence, usize)>,
    /// The overview was of another shape.
    blind: bool,
    /// An entry that a node left behind is still listed though upgrade mode is off.
    ghostly: bool,
    compared: Compared,
    /// How many views were understood.
    views: usize,
}

impl Settling {
    pub(super) fn wants(&self) -> Want {
        match &self.stage {
            Stage::Round(round) => round.left.front().map_or(Want::Nothing, |view| Want::Read {
                source: Source::Cluster,
                view: *view,
                not_before: round.not_before,
            }),
            Stage::Again => {
                Want::Read { source: Source::Cluster, view: View::Overview, not_before: 0 }
            }
            Stage::Left(ids) => ids.front().cloned().map_or(Want::Nothing, Want::Left),
            Stage::Own { node, not_before, .. } => Want::Read {
                source: Source::Node(*node),
                view: View::Overview,
                not_before: *not_before,
            },
        }
    }
}

impl Judge {
    /// Begins to wait until the cluster has settled.
    pub(super) fn settle(&mut self) {
        self.settled = None;
        self.settled_after = None;
        let poll = self.patience.poll;
        let round = self.round(self.now);
        self.settling = Some(Settling {
            began: self.now,
            deadline: self.now + self.patience.settle,
            pause: (poll / 16).max(PAUSE_MIN).min(poll),
            quiet_until: None,
            blind_since: None,
            stage: Stage::Round(round),
        });
        self.proceed();
    }

    fn round(&mut self, not_before: Micros) -> Round {
        self.belief.close();
        let heard = |view: &View| !self.muted.contains(view);
        Round {
            not_before,
            asked: None,
            left: self.views().into_iter().filter(heard).collect(),
            calm: self.belief.settled(),
            unanswered: None,
            blind: false,
            ghostly: false,
            compared: Compared::default(),
            views: 0,
        }
    }

    /// Goes on with the waiting, if nothing else is to be read first.
    pub(super) fn proceed(&mut self) {
        if self.inquiry.is_some() {
            return;
        }
        if self.belief.is_overfull() && self.settling.take().is_some() {
            self.settled = Some(Settled::TooMany);
            return;
        }
        let over = |settling: &Settling| matches!(&settling.stage, Stage::Round(round) if round.left.is_empty());
        if self.settling.as_ref().is_some_and(over)
            && let Some(settling) = self.settling.take()
        {
            self.end_round(settling);
        }
    }

    /// Takes a view in that belongs to a round.
    pub(super) fn read_in_round(
        &mut self,
        mut settling: Settling,
        asked: Micros,
        view: View,
        heard: Heard,
    ) {
        if matches!(settling.stage, Stage::Again) {
            self.look_again(settling, asked, view, heard);
            return;
        }
        let Stage::Round(round) = &mut settling.stage else {
            self.settling = Some(settling);
            return;
        };
        round.asked.get_or_insert(asked);
        if let Some(at) = round.left.iter().position(|left| *left == view) {
            round.left.remove(at);
        }
        match heard {
            Heard::Nobody(silence) => {
                self.belief.close();
                if self.belief.must_serve() {
                    round.calm.clear();
                    round.unanswered = Some((view, silence, self.event));
                    round.left.clear();
                } else {
                    round.calm.retain(|hypothesis| !hypothesis.cluster.served());
                    // Silence costs a time-out each; one view tells as much as all.
                    if self.now.saturating_sub(asked) > SILENCE {
                        round.left.clear();
                    }
                }
            }
            Heard::Bad(misshape) => {
                round.blind |= view == View::Overview;
                round.calm.clear();
                self.misshapen(view, misshape);
            }
            Heard::Seen(told) => self.seen_in_round(round, view, told),
        }
        self.settling = Some(settling);
    }

    fn seen_in_round(&mut self, round: &mut Round, view: View, told: Told) {
        round.compared.compare(view, self.event, &told);
        round.views += 1;
        if let Some(Observation::Overview(overview)) = &told.seen {
            // Neither a silent member nor what a node left behind lets a cluster count as settled (section 7).
            round.ghostly = overview.mode == Mode::Off && self.roster.ghosts().next().is_some();
            if overview.silent() || round.ghostly {
                round.calm.clear();
            }
        }
        if let Some(seen) = &told.seen {
            round.calm.retain(|hypothesis| self.belief.explains(hypothesis, seen));
        }
        if self.seen(view, told) == Taken::Not {
            round.calm.clear();
        }
    }

    fn end_round(&mut self, mut settling: Settling) {
        let now = self.now;
        let Stage::Round(round) = &mut settling.stage else {
            self.settling = Some(settling);
            return;
        };
        if round.views == 0 && round.asked.is_none() {
            // Nothing is left that is listened to.
            self.settled = Some(Settled::Blind);
            return;
        }
        if !round.blind {
            settling.blind_since = None;
        } else if now >= *settling.blind_since.get_or_insert(now) + self.patience.quiet {
            self.settled = Some(Settled::Blind);
            return;
        }
        if round.calm.is_empty() {
            settling.quiet_until = None;
            if now >= settling.began + self.patience.settle / 2 {
                self.roster.silence_lasts();
            }
            // A round that began in time may have been kept waiting; the next one decides.
            if round.asked.is_some_and(|asked| asked >= settling.deadline) {
                let (unanswered, ghostly) = (round.unanswered.take(), round.ghostly);
                self.time_out(unanswered, ghostly);
                self.settled = Some(Settled::TimedOut);
                return;
            }
        } else {
            let compared = std::mem::take(&mut round.compared);
            let builds = compared.builds();
            self.found_differing(compared);
            self.judge_flag(builds);
            if round.views > 1 {
                self.stakes.at_stake(self.step, Rule::Api11);
            }
            let quiet_until = *settling.quiet_until.get_or_insert(now + self.patience.quiet);
            if self.belief.is_settled() || now >= quiet_until {
                settling.stage = Stage::Again;
                if self.muted.contains(&View::Overview) {
                    self.at_rest(settling);
                } else {
                    self.settling = Some(settling);
                }
                return;
            }
        }
        self.round_again(settling);
    }

    /// Reads every view again after a pause.
    fn round_again(&mut self, mut settling: Settling) {
        let left = settling.quiet_until.unwrap_or(settling.deadline).saturating_sub(self.now);
        let until = self.now + settling.pause.min(left.max(PAUSE_MIN));
        settling.pause = (settling.pause * 2).min(self.patience.poll);
        settling.stage = Stage::Round(self.round(until));
        self.settling = Some(settling);
    }

    fn found_differing(&mut self, compared: Compared) {
        if let Some(differing) = compared.differing {
            let (place, allowed) =
                (Place::View(differing.view), Allowed::AsOverview(differing.node));
            let seen = Sight::Differs {
                node: differing.node,
                field: differing.field,
                was: differing.was,
                is: differing.is,
            };
            self.find(Found::wrong(Rule::Api11, place, vec![allowed], seen, differing.event));
        }
    }

    /// Whether `hasFinalizationTasks` says in a settled cluster that tasks will come which nobody has (FIN-1).
    fn judge_flag(&mut self, builds: usize) {
        if self.scope.profile == crate::spec::profile::Profile::Finalization
            && self
                .last
                .as_ref()
                .is_some_and(|overview| flag_is_wrong(overview, builds, &self.belief))
        {
            let (place, due) = (Place::View(View::Overview), vec![Allowed::NoTasks]);
            self.find(Found::wrong(Rule::Fin1, place, due, Sight::Tasks, self.event));
        }
    }

    /// Reads the overview once more: what reading the other views changed shows only now (API-8).
    fn look_again(&mut self, mut settling: Settling, asked: Micros, view: View, heard: Heard) {
        self.only_reads();
        if let Heard::Seen(told) = heard {
            let silent = matches!(&told.seen, Some(Observation::Overview(seen)) if seen.silent());
            if !silent {
                self.stakes.at_stake(self.step, Rule::Api8);
            }
            self.seen(view, told);
            if silent {
                // A cluster in which somebody lists a silent entry has not settled after all. Who falls silent only now has
                // the time of a step from then on; who does so again and again has not.
                settling.quiet_until = None;
                if asked >= settling.began + 2 * self.patience.settle {
                    self.time_out(None, false);
                    self.settled = Some(Settled::TimedOut);
                } else {
                    settling.deadline = asked + self.patience.settle;
                    self.round_again(settling);
                }
                return;
            }
        }
        self.at_rest(settling);
    }

    /// Nothing is left to happen.
    fn at_rest(&mut self, settling: Settling) {
        self.belief.assume_taken(Request::FailTasks);
        self.belief.forget_late();
        if self.belief.is_settled() {
            self.roster.settled();
        }
        self.stakes.settled(self.step);
        self.ask_left(settling);
    }

    /// Asks each serving node for its own view.
    pub(super) fn own_views(&mut self, mut settling: Settling) {
        let mut later: VecDeque<NodeId> = self.own.iter().copied().collect();
        match later.pop_front() {
            None => self.rest(&settling),
            Some(node) => {
                settling.stage = Stage::Own { node, later, pause: PAUSE_MIN, not_before: 0 };
                self.next_own(settling);
            }
        }
    }

    fn rest(&mut self, settling: &Settling) {
        self.settled = Some(Settled::Yes);
        self.settled_after = Some(self.now.saturating_sub(settling.began));
    }

    /// Passes over nodes whose own view is not asked for: those that may not serve, and those that were waited for in vain once.
    fn next_own(&mut self, mut settling: Settling) {
        while let Stage::Own { node, later, pause, not_before } = &mut settling.stage {
            if self.serves(*node) && !self.disagreeing.contains(node) {
                self.settling = Some(settling);
                return;
            }
            let Some(next) = later.pop_front() else { break };
            (*node, *pause, *not_before) = (next, PAUSE_MIN, 0);
        }
        self.rest(&settling);
    }

    /// Takes a node's own view in: it may lag, but not for ever (API-11). One that nobody gives is no wrong one.
    pub(super) fn read_own(
        &mut self,
        mut settling: Settling,
        asked: Micros,
        id: NodeId,
        heard: Heard,
    ) {
        let Stage::Own { node, later, pause, not_before } = &mut settling.stage else {
            self.settling = Some(settling);
            return;
        };
        if *node != id {
            self.settling = Some(settling);
            return;
        }
        if let Heard::Seen(Told { seen: Some(Observation::Overview(seen)), .. }) = &heard {
            self.silent = seen.silent();
        }
        let seen = match heard {
            Heard::Seen(Told { seen: Some(seen), .. })
                if !self.silent && self.belief.observe(&seen) =>
            {
                None
            }
            Heard::Seen(Told { seen: Some(seen), .. }) => Some(Sight::Answer(seen)),
            Heard::Seen(Told { seen: None, .. }) => None,
            Heard::Bad(misshape) => Some(Sight::Misshapen(misshape)),
            Heard::Nobody(silence) => Some(Sight::Nobody(silence)),
        };
        match seen {
            // What was asked for in time may have been kept waiting; the next one decides.
            Some(_) if asked >= settling.deadline && self.silent => {
                self.disagreeing.insert(id);
                self.time_out(None, false);
            }
            Some(seen) if asked >= settling.deadline => {
                self.disagreeing.insert(id);
                let allowed = self.allowed(&self.belief, View::Overview);
                let late = matches!(seen, Sight::Nobody(_));
                let found = Found::wrong(Rule::Api11, Place::Own(id), allowed, seen, self.event);
                self.find(if late { Found { kind: Kind::Timeout, ..found } } else { found });
            }
            Some(_) => {
                *not_before = self.now + *pause;
                *pause = (*pause * 2).min(self.patience.poll);
                self.settling = Some(settling);
                return;
            }
            None => {}
        }
        match later.pop_front() {
            None => self.rest(&settling),
            Some(next) => {
                (*node, *pause, *not_before) = (next, PAUSE_MIN, 0);
                self.next_own(settling);
            }
        }
    }

    fn time_out(&mut self, unanswered: Option<(View, Silence, usize)>, ghostly: bool) {
        if let Some((view, silence, event)) = unanswered {
            let allowed = self.allowed(&self.belief, view);
            self.find(Found {
                kind: Kind::Timeout,
                rule: super::view_rule(view),
                place: Place::View(view),
                allowed,
                seen: Sight::Nobody(silence),
                nearest: Vec::new(),
                event,
            });
            return;
        }
        let silent = self.last.as_ref().and_then(|overview| {
            let at = overview.nodes.iter().position(|node| node.is_some_and(|node| node.silent()));
            at.map(NodeId::at)
        });
        let rule = match silent {
            Some(id) => self.silent_rule(id),
            None if ghostly => Rule::Node5,
            None => blame::stuck(&self.belief, &self.context()),
        };
        let mut settled = self.belief.clone();
        settled.settle();
        let allowed = self.allowed(&settled, View::Overview);
        self.find(Found {
            kind: Kind::Timeout,
            rule,
            place: Place::View(View::Overview),
            allowed,
            seen: Sight::Unsettled {
                waited_ms: self.patience.settle / 1000,
                last: self.last.clone().map(Observation::Overview),
            },
            nearest: Vec::new(),
            event: self.event,
        });
    }

    /// The rule of a member that stays silent: that of what was asked of it last (section 7).
    fn silent_rule(&self, id: NodeId) -> Rule {
        match self.asked.get(&id) {
            Some(Request::Boot) => Rule::Node2,
            Some(Request::Stop | Request::Kill) => Rule::Node3,
            Some(Request::Break) => Rule::Node6,
            Some(Request::Install(_) | Request::Repair | Request::FailTasks) | None => {
                let error = self.belief.hypotheses().all(|hypothesis| {
                    hypothesis.cluster.node(id).phase.listed() == Some(NodeStatus::Error)
                });
                if error { Rule::Node6 } else { Rule::Node1 }
            }
        }
    }
}
