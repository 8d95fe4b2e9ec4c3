//! Which properties are written down? Those of section 5 that are about a single state, in the words of [`crate::spec::table`].
//!
//! Those about transitions are [`super::steps`], liveness is [`super::staying`]; recovery is left out. Every file that is written
//! says what is.

use crate::spec::cluster::ClusterStatus;
use crate::spec::node::{NodeId, Phase};
use crate::spec::profile::Profile;
use crate::spec::transition::{Call, Transition};

use crate::spec::table::Is;

/// A property: wherever `when` holds, `then` must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The property's name, as `zdu check --list` gives it.
    pub name: &'static str,
    /// Its premise.
    pub when: Is,
    /// What must then be.
    pub then: Is,
}

impl Written {
    /// The name as a word of a program.
    #[must_use]
    pub fn word(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// The properties of a profile that are written down.
#[must_use]
pub fn claims(profile: Profile) -> Vec<Written> {
    use ClusterStatus::{
        Mixed, ReadyToRunUpgradeTasks, ReadyToUpgrade, RunningUpgradeTasks, Stable,
        UpgradeTasksFailed,
    };
    // Of whichever node.
    let any = NodeId::at(0);
    let (on, off) = (|| Is::On, || Is::On.contrary());
    let error = || Is::Some(Phase::Error);
    let calm = || error().contrary();
    let served = || Is::Served;
    let running = || Is::Some(Phase::Finalizing);
    let tasks = || {
        let left = Is::Either(vec![Is::Pending, Is::Some(Phase::FinalizeFailed)]);
        match profile {
            Profile::Documented => Is::Either(Vec::new()),
            Profile::Finalization => Is::Either(vec![running(), Is::All(vec![off(), left])]),
        }
    };
    let failed = || Is::All(vec![tasks(), running().contrary()]);
    let quiet = || Is::All(vec![off(), calm(), tasks().contrary()]);
    let nobody_upgraded = || Is::All(vec![on(), calm(), Is::Upgraded(1).contrary()]);
    let all_upgraded = || {
        Is::All(vec![on(), calm(), Is::Upgraded(1), Is::Old.contrary(), Is::TwoVersions.contrary()])
    };
    let may_approve = || Is::All(vec![served(), all_upgraded()]);
    let shown = Is::Shown;
    let (accepts, refuses) = (Is::Accepts, |call| Is::Accepts(call).contrary());
    let one = |name, when: &[Is], then| Written { name, when: Is::All(when.to_vec()), then };
    let mut all = vec![
        one("api-1-origin-is-recorded-while-mode-is-on", &[on()], Is::Recorded),
        one("api-1-no-origin-is-recorded-while-mode-is-off", &[off()], Is::Recorded.contrary()),
        one(
            "node-5-every-offline-node-is-forgotten-while-mode-is-off",
            &[off(), Is::Some(Phase::Offline)],
            Is::EachCan(Phase::Offline, Transition::Forget(any)),
        ),
        one(
            "node-7-an-errored-node-can-be-stopped",
            &[error()],
            Is::EachCan(Phase::Error, Transition::Stop(any)),
        ),
        one(
            "node-8-an-errored-node-can-be-killed",
            &[error()],
            Is::EachCan(Phase::Error, Transition::Kill(any)),
        ),
        one(
            "node-9-a-removed-node-can-be-booted",
            &[Is::Some(Phase::Absent)],
            Is::EachCan(Phase::Absent, Transition::Boot(any)),
        ),
        one("status-1-stable-with-mode-off-and-no-error", &[quiet()], shown(Stable)),
        one("status-1-not-stable-while-mode-is-on", &[on()], shown(Stable).contrary()),
        one(
            "status-2-ready-to-upgrade-while-nobody-is-upgraded",
            &[nobody_upgraded()],
            shown(ReadyToUpgrade),
        ),
        one(
            "status-2-not-ready-to-upgrade-with-mode-off-or-nobody-old",
            &[calm(), Is::Old.contrary(), nobody_upgraded().contrary()],
            shown(ReadyToUpgrade).contrary(),
        ),
        one(
            "status-3-mixed-once-an-upgraded-node-joins-an-old-one",
            &[on(), calm(), Is::Old, Is::Upgraded(1)],
            shown(Mixed),
        ),
        one("status-4-mixed-with-an-error-while-on", &[on(), error()], shown(Mixed)),
        one(
            "status-5-mixed-with-an-error-while-off",
            &[off(), error(), tasks().contrary()],
            shown(Mixed),
        ),
        one(
            "status-6-mixed-with-two-versions-none-of-them-original",
            &[on(), calm(), Is::Old.contrary(), Is::TwoVersions],
            shown(Mixed),
        ),
        one(
            "status-7-ready-to-run-once-everybody-is-upgraded",
            &[all_upgraded()],
            shown(ReadyToRunUpgradeTasks),
        ),
        one(
            "status-7-not-ready-to-run-with-mode-off-or-nobody-upgraded",
            &[Is::Either(vec![off(), nobody_upgraded()])],
            shown(ReadyToRunUpgradeTasks).contrary(),
        ),
        one("mode-1-start-succeeds-in-stable", &[served(), quiet()], accepts(Call::Start)),
        one(
            "mode-2-start-is-refused-with-an-error",
            &[served(), off(), error(), tasks().contrary()],
            refuses(Call::Start),
        ),
        one(
            "mode-3-cancel-succeeds-until-an-upgraded-node-joins",
            &[served(), nobody_upgraded()],
            accepts(Call::Cancel),
        ),
        one(
            "mode-3-cancel-is-refused-when-mixed",
            &[served(), on(), Is::Either(vec![error(), Is::TwoVersions])],
            refuses(Call::Cancel),
        ),
        one(
            "mode-4-cancel-is-refused-once-all-are-upgraded",
            &[may_approve()],
            refuses(Call::Cancel),
        ),
        one(
            "mode-5-approve-succeeds-once-all-are-upgraded",
            &[may_approve()],
            accepts(Call::Approve),
        ),
        one(
            "mode-5-approve-is-refused-until-all-are-upgraded",
            &[on(), may_approve().contrary()],
            refuses(Call::Approve),
        ),
        one("mode-7-start-is-refused-while-on", &[served(), on()], refuses(Call::Start)),
        one(
            "mode-7-cancel-and-approve-are-refused-while-off",
            &[served(), off()],
            Is::All(vec![refuses(Call::Cancel), refuses(Call::Approve)]),
        ),
        one("mode-8-two-joined-versions-only-while-on", &[off()], Is::TwoVersions.contrary()),
    ];
    if profile == Profile::Finalization {
        all.extend([
            one(
                "fin-1-running-while-some-node-finalizes",
                &[running()],
                shown(RunningUpgradeTasks),
            ),
            one(
                "fin-1-not-running-while-no-node-finalizes",
                &[running().contrary()],
                shown(RunningUpgradeTasks).contrary(),
            ),
            one("fin-3-failed-is-shown", &[failed()], shown(UpgradeTasksFailed)),
            one(
                "fin-3-no-failure-is-shown-without-one",
                &[failed().contrary()],
                shown(UpgradeTasksFailed).contrary(),
            ),
            one("fin-4-retry-succeeds-after-failure", &[served(), failed()], accepts(Call::Retry)),
            one(
                "fin-4-retry-is-refused-without-failure",
                &[Is::All(vec![served(), failed()]).contrary()],
                refuses(Call::Retry),
            ),
            one("fin-5-start-is-refused-with-tasks", &[served(), tasks()], refuses(Call::Start)),
        ]);
    }
    all
}
