//! How does the table change when a mutant is planted? Each changes a guard, what a row sets, or which status is shown.

use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::mutant::Mutant;
use crate::spec::node::Phase;
use crate::spec::transition::Call;

use super::formula::{Is, Reference};
use super::{Case, Row, Set, Table};

/// Why a mutant has no table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// What it does is no transition: a refused call that takes effect all the same.
    NoTransition,
    /// It asks which node is next to which.
    Neighbours,
}

impl Table {
    /// The table with a mutant planted.
    ///
    /// # Errors
    /// [`NotWritten`] for the few that the table has no form for.
    pub fn with(mut self, mutant: Mutant) -> Result<Self, NotWritten> {
        use ClusterStatus as S;
        let on = || Is::On;
        let off = || Is::On.contrary();
        let error = || Is::Some(Phase::Error);
        let status = Is::Status;
        let all = |parts: &[Is]| Is::All(parts.to_vec());
        let profile = self.profile;
        let tasks_status = || {
            let both = [S::RunningUpgradeTasks, S::UpgradeTasksFailed].into_iter();
            Is::Either(both.filter(|it| profile.has(*it)).map(status).collect())
        };
        let ready =
            || Is::Either(vec![status(S::ReadyToUpgrade), status(S::ReadyToRunUpgradeTasks)]);
        match mutant {
            Mutant::StartDespiteError => self.lets(Call::Start, all(&[off(), status(S::Mixed)])),
            Mutant::StartWhileOn => self.lets(Call::Start, on()),
            Mutant::StartOnlyFromFirstVersion => {
                self.refuses(Call::Start, Is::Only(Reference::First).contrary());
            }
            Mutant::StartRecordsFirstVersion => {
                self.sets("Start", &[Set::Mode(Mode::On), Set::FirstOrigin]);
            }
            Mutant::StartRecordsNothing => {
                self.sets("Start", &[Set::Mode(Mode::On), Set::NoOrigin]);
            }
            Mutant::CancelWhenMixed => {
                self.lets(Call::Cancel, all(&[on(), error().contrary(), Is::TwoVersions]));
            }
            Mutant::CancelDespiteError => self.lets(Call::Cancel, all(&[on(), error()])),
            Mutant::CancelWhenUpgraded => {
                self.lets(Call::Cancel, status(S::ReadyToRunUpgradeTasks));
            }
            Mutant::CancelWhileOff => self.lets(Call::Cancel, off()),
            Mutant::CancelCountsOffline => {
                self.refuses(Call::Cancel, Is::Offline { origin: false });
            }
            Mutant::CancelKeepsMode => self.sets("Cancel", &[]),
            Mutant::ApproveWhenMixed => {
                self.lets(Call::Approve, all(&[on(), error().contrary(), Is::TwoVersions]));
            }
            Mutant::ApproveDespiteError => self.lets(Call::Approve, all(&[on(), error()])),
            Mutant::ApproveWhenNotUpgraded => self.lets(Call::Approve, status(S::ReadyToUpgrade)),
            Mutant::ApproveWhileOff => self.lets(Call::Approve, off()),
            Mutant::ApproveCountsOffline => {
                self.refuses(Call::Approve, Is::Offline { origin: true });
            }
            Mutant::ApproveKeepsMode => self.sets("Approve", &[]),
            Mutant::OriginKept => {
                self.sets("Cancel", &[Set::Mode(Mode::Off)]);
                self.sets("Approve", &[Set::Mode(Mode::Off)]);
            }
            Mutant::RefusedStartTakesEffect
            | Mutant::RefusedCancelTakesEffect
            | Mutant::RefusedApproveTakesEffect => return Err(NotWritten::NoTransition),
            Mutant::StableDespiteError => {
                self.shows(all(&[off(), status(S::Mixed)]), S::Stable);
            }
            Mutant::ErrorIgnoredWhileOn => {
                let blind =
                    || all(&[on(), error(), tasks_status().contrary(), Is::TwoVersions.contrary()]);
                let old = all(&[blind(), Is::Only(Reference::Origin)]);
                self.shows(old, S::ReadyToUpgrade);
                self.shows(blind(), S::ReadyToRunUpgradeTasks);
            }
            Mutant::MixedWhileOff => {
                self.shows(all(&[status(S::Stable), Is::Some(Phase::Offline)]), S::Mixed);
            }
            Mutant::OfflineCountsAsUpgraded => {
                let counted = all(&[status(S::ReadyToUpgrade), Is::Offline { origin: false }]);
                self.shows(counted, S::Mixed);
            }
            Mutant::StableUntilUpgraded => self.shows(status(S::ReadyToUpgrade), S::Stable),
            Mutant::OneUpgradedIsEnough | Mutant::TwoUpgradedAreEnough => {
                let enough = if mutant == Mutant::OneUpgradedIsEnough { 1 } else { 2 };
                let parts = [on(), error().contrary(), Is::Upgraded(enough), Is::Old];
                self.shows(all(&parts), S::ReadyToRunUpgradeTasks);
            }
            Mutant::MixedNeedsOriginal => {
                let parts = [on(), error().contrary(), Is::TwoVersions, Is::Old.contrary()];
                self.shows(all(&parts), S::ReadyToRunUpgradeTasks);
            }
            Mutant::OfflineBlocksFinalizing => {
                let blocked =
                    all(&[status(S::ReadyToRunUpgradeTasks), Is::Offline { origin: true }]);
                self.shows(blocked, S::Mixed);
            }
            Mutant::FirstVersionIsOriginal => {
                let first = all(&[on(), ready(), Is::Only(Reference::First)]);
                self.shows(first, S::ReadyToUpgrade);
                self.shows(all(&[on(), ready()]), S::ReadyToRunUpgradeTasks);
            }
            Mutant::ReadyBreaks => self.sets("Ready", &[Set::Phase(Phase::Error)]),
            Mutant::StopBreaks => self.sets("Halt", &[Set::Phase(Phase::Error)]),
            Mutant::StopDropsFromList => {
                self.cases("Halt", |case| {
                    let dropped = [(Is::On, Phase::Absent), (Is::On.contrary(), Phase::Offline)];
                    let split = dropped.map(|(when, to)| {
                        let guards = [case.guards.clone(), vec![("mode", when)]].concat();
                        Case { guards, sets: vec![Set::Phase(to)] }
                    });
                    split.into()
                });
            }
            Mutant::ErroredCannotStop => self.regard("Stop", "phase", without(Phase::Error)),
            Mutant::ErroredCannotBeKilled => self.regard("Kill", "phase", without(Phase::Error)),
            Mutant::KilledStaysInError => self.sets("Kill", &[Set::Phase(Phase::Error)]),
            Mutant::RemovedCannotReturn => self.regard("Boot", "phase", without(Phase::Absent)),
            Mutant::NeverForgotten => self.cases("Forget", |_| Vec::new()),
            Mutant::NeverReady => self.cases("Ready", |_| Vec::new()),
            Mutant::NeverDown => self.cases("Halt", |_| Vec::new()),
            Mutant::TasksNeverEnd => self.cases("FinalizeOk", |_| Vec::new()),
            Mutant::ForgottenWhileOn => self.drop_guard("Forget", "mode"),
            Mutant::VersionChangesWhileUp => self
                .regard("Install", "phase", |is| Is::Either(vec![is, Is::In(vec![Phase::Active])])),
            Mutant::BreakTakesNeighbour => return Err(NotWritten::Neighbours),
            Mutant::JoinsWithOtherVersion => {
                self.drop_guard("Join", "joinable");
                self.cases("Reject", |_| Vec::new());
            }
            Mutant::RepairedWithOtherVersion => self.drop_guard("Repair", "joinable"),
            Mutant::TasksLeaveStable => self.shows(status(S::RunningUpgradeTasks), S::Stable),
            Mutant::TasksNeverPending => {
                for case in self.rows(|row| row.word() == "ApproveWithTasks") {
                    case.sets.retain(|set| *set != Set::Pending(true));
                    case.sets.push(Set::Pending(false));
                }
            }
            Mutant::DoneButPending => self.sets("FinalizeOk", &[Set::Phase(Phase::Active)]),
            Mutant::FailureIsStable => self.shows(status(S::UpgradeTasksFailed), S::Stable),
            Mutant::FailureKeepsRunning => {
                self.shows(status(S::UpgradeTasksFailed), S::RunningUpgradeTasks);
            }
            Mutant::RunningShownAsFailed => {
                self.shows(status(S::RunningUpgradeTasks), S::UpgradeTasksFailed);
            }
            Mutant::RetryInStable => self.lets(Call::Retry, status(S::Stable)),
            Mutant::RetryRefused => self.refuses(Call::Retry, all(&[])),
            Mutant::RetryDoesNothing => self.sets("Retry", &[]),
            Mutant::StartWhileTasksRun => self.lets(Call::Start, tasks_status()),
            Mutant::RejectedTriesAgain => self.sets("Reject", &[]),
        }
        Ok(self)
    }

    /// The table with a guard dropped, by its name ([`Table::guards`]); none if no row has it.
    #[must_use]
    pub fn without(mut self, guard: &str) -> Option<Self> {
        let (row, guard) = guard.split_once('.')?;
        let has = |table: &Self| {
            table.rows.iter().any(|it| {
                let named = |case: &Case| case.guards.iter().any(|(name, _)| *name == guard);
                it.word() == row && it.cases.iter().any(named)
            })
        };
        if !has(&self) {
            return None;
        }
        self.drop_guard(row, guard);
        self.rows.iter_mut().filter(|it| it.word() == row).for_each(Row::take_the_first);
        Some(self)
    }

    fn rows(&mut self, which: impl Fn(&Row) -> bool) -> impl Iterator<Item = &mut Case> {
        (self.rows.iter_mut()).filter(move |row| which(row)).flat_map(|row| &mut row.cases)
    }

    /// Makes the cases of a row into others.
    fn cases(&mut self, name: &str, change: impl Fn(Case) -> Vec<Case>) {
        for row in self.rows.iter_mut().filter(|row| row.word() == name) {
            row.cases = std::mem::take(&mut row.cases).into_iter().flat_map(&change).collect();
        }
    }

    fn sets(&mut self, name: &str, sets: &[Set]) {
        self.rows(|row| row.word() == name).for_each(|case| case.sets = sets.to_vec());
    }

    fn regard(&mut self, name: &str, guard: &str, change: impl Fn(Is) -> Is) {
        for case in self.rows(|row| row.word() == name) {
            for (of, is) in &mut case.guards {
                if *of == guard {
                    *is = change(is.clone());
                }
            }
        }
    }

    fn drop_guard(&mut self, name: &str, guard: &str) {
        for case in self.rows(|row| row.word() == name) {
            case.guards.retain(|(of, _)| *of != guard);
        }
    }

    /// The call is let through there, too.
    fn lets(&mut self, call: Call, there: Is) {
        for case in self.rows(|row| row.call() == Some(call)) {
            for (name, is) in &mut case.guards {
                if *name == "status" {
                    *is = Is::Either(vec![is.clone(), there.clone()]);
                }
            }
        }
    }

    /// The call is refused there, too.
    fn refuses(&mut self, call: Call, there: Is) {
        for case in self.rows(|row| row.call() == Some(call)) {
            case.guards.push(("refused", there.clone().contrary()));
        }
    }

    fn shows(&mut self, when: Is, status: ClusterStatus) {
        self.shown.push((when, status));
    }
}

impl Row {
    /// Where several cases may be enabled, the first that is: each later one says that none before it is.
    fn take_the_first(&mut self) {
        let mut before: Vec<Is> = Vec::new();
        for case in &mut self.cases {
            let own = Is::All(case.guards.iter().map(|(_, is)| is.clone()).collect());
            case.guards.extend(before.iter().map(|is| ("first", is.clone().contrary())));
            before.push(own);
        }
        let always = self.cases.iter().position(|case| case.guards.is_empty());
        self.cases.truncate(always.map_or(self.cases.len(), |at| at + 1));
    }
}

fn without(phase: Phase) -> impl Fn(Is) -> Is {
    move |is| Is::All(vec![is, Is::In(vec![phase]).contrary()])
}
