//! Which shipped traces can be replayed, and which cannot for want of what?

use std::collections::BTreeMap;

use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

use super::start::Start;
use super::{Checkup, Weight};
use crate::driver::{CommandDriver, Driver};
use crate::replay::{Permission, Site, fitted, one_way, resets, unfit};
use crate::target::Target;
use crate::verdict::{Command, End, Need};
use crate::words::{Remedy, Words, counted, no_trace};

/// What a run of some traces would come to on a target as it is.
#[derive(Clone, Debug, Default)]
pub struct Prospects {
    /// Those that can be replayed, made for the target.
    pub ready: Vec<Trace>,
    /// Those that cannot, by reason.
    pub skipped: BTreeMap<String, Vec<String>>,
    /// What keeps every one of them from being run with the cluster as it is found, and the likeliest remedy.
    pub obstacle: Option<Remedy>,
}

/// Asks that of traces which this driver would carry out, if so much may be done; `command` makes commands about the target.
pub async fn prospects(
    (target, site): (&Target, &Site),
    (driver, permission): (&dyn Driver, Permission),
    traces: &[Trace],
    command: impl Fn(&[&str]) -> Command,
) -> Prospects {
    let scope = site.scope();
    let names = site.dictionary.names();
    let words = Words::new(&names);
    let start = Start::of(site, permission.disrupt, one_way(site, driver, permission)).await;
    let left = target.versions.len().saturating_sub(start.base.index());
    let has = u8::try_from(left).unwrap_or(u8::MAX);
    let mut found = Prospects::default();
    for trace in traces {
        let fitted = fitted(trace, scope);
        let few = start.base.index() > 0 && fitted.versions > has;
        let need = Need::LaterVersions { needs: fitted.versions, has };
        let unfit = unfit(site, scope, driver, &fitted, permission, target.allow_downgrade);
        match unfit.or_else(|| few.then_some(End::Skipped(need))) {
            None => found.ready.push(fitted),
            Some(end) => {
                let reason = words.why(&end, trace.steps.len()).unwrap_or_default();
                found.skipped.entry(reason).or_default().push(trace.name.clone());
            }
        }
    }
    found.obstacle = start.obstacle(command, site).filter(|_| !found.ready.is_empty());
    found
}

pub(super) async fn check(checkup: &mut Checkup, target: &Target, site: &Site) {
    let driver =
        CommandDriver::new(target, &site.dictionary, target.timing.settle, site.client.redactor());
    let permission = Permission { disrupt: target.allow_disruption, post: true };
    let shipped: Vec<Trace> =
        scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect();
    let command = |words: &[&str]| checkup.command(words);
    let told = prospects((target, site), (&driver, permission), &shipped, command).await;
    let (ready, skipped) = (told.ready.len(), told.skipped.values().map(Vec::len).sum::<usize>());
    checkup.skipped = told.skipped;
    // What is wrong with the file comes first: how the cluster is found may be seen through it.
    let sound = !checkup.findings.iter().any(|one| one.weight == Weight::Problem);
    if let Some(obstacle) = told.obstacle.filter(|_| sound) {
        let Remedy { found, advice } = no_trace(ready, &obstacle);
        return checkup.problem("traces", found, advice);
    }
    checkup.ready = ready;
    checkup.finalizing = told.ready.iter().filter(|trace| trace.approves()).count();
    checkup.resets = if driver.can_reset() { resets(&told.ready) } else { 0 };
    home(checkup, target);
    let found = format!("{ready} traces can be replayed, {skipped} will be skipped");
    if ready == 0 {
        checkup.problem("traces", found, "a run would end with exit code 4; see the reasons below");
    } else {
        checkup.good("traces", found);
    }
}

/// What going home takes: nothing but `reset` leads below a version that was finalized, unless the build lets it.
fn home(checkup: &mut Checkup, target: &Target) {
    let count = checkup.finalizing;
    if !target.allow_disruption {
        return;
    }
    if checkup.resets > 0 {
        let used = format!(
            "by `reset`, which a run of all these traces uses {} times: once to try it, before each trace, and at the end",
            checkup.resets
        );
        checkup.good("going home", used);
        return;
    }
    if count == 0 || target.allow_downgrade {
        return;
    }
    let needed = format!(
        "{} finalize an upgrade, and going home from each needs `reset`",
        counted(count, "trace")
    );
    let later = target.versions.len().saturating_sub(1);
    checkup.note(
        "going home",
        format!(
            "{needed}; there is none. A run goes on from each finalized version with the later ones of `versions` ({later}), as long as there are some",
        ),
        "add `reset` to the target file, or name more versions, or set `allow_downgrade = true` if this build lets a node below the original join",
    );
}
