//! Which shipped traces can be replayed, and which cannot for want of what?

use zdu_model::traces::scenario;

use super::start::Start;
use super::{Checkup, Weight};
use crate::driver::{CommandDriver, Driver as _};
use crate::replay::{Permission, Port as _, Site, fitted, one_way, resets, unfit};
use crate::target::Target;
use crate::verdict::{End, Need};
use crate::words::{Remedy, Words, counted};

pub(super) async fn check(checkup: &mut Checkup, target: &Target, site: &Site) {
    let driver =
        CommandDriver::new(target, &site.dictionary, target.timing.settle, site.client.redactor());
    let scope = site.scope();
    let names = site.dictionary.names();
    let words = Words::new(&names);
    let permission = Permission { disrupt: target.allow_disruption, post: true };
    let start = Start::of(site, permission.disrupt, one_way(site, &driver, permission)).await;
    let left = target.versions.len().saturating_sub(start.base.index());
    let has = u8::try_from(left).unwrap_or(u8::MAX);
    let mut ready = Vec::new();
    for scenario in scenario::all() {
        let applies = site.runs(scenario.profile);
        let Some(trace) = scenario.trace(scenario.shipped).filter(|_| applies) else {
            continue;
        };
        let fitted = fitted(&trace, scope);
        let can_be = |who| site.can_be(who);
        let few = start.base.index() > 0 && fitted.versions > has;
        let need = Need::LaterVersions { needs: fitted.versions, has };
        let unfit = unfit(scope, &driver, can_be, &fitted, permission, target.allow_downgrade);
        match unfit.or_else(|| few.then_some(End::Skipped(need))) {
            None => {
                checkup.ready += 1;
                checkup.finalizing += usize::from(fitted.approves());
                ready.push(fitted);
            }
            Some(end) => {
                let reason = words.why(&end, trace.steps.len()).unwrap_or_default();
                checkup.skipped.entry(reason).or_default().push(trace.name);
            }
        }
    }
    let skipped: usize = checkup.skipped.values().map(Vec::len).sum();
    let found = format!("{} traces can be replayed, {skipped} will be skipped", checkup.ready);
    // What is wrong with the file comes first: how the cluster is found may be seen through it.
    let sound = !checkup.findings.iter().any(|one| one.weight == Weight::Problem);
    if let Some(Remedy { found, advice }) =
        start.obstacle(checkup, site).filter(|_| sound && checkup.ready > 0)
    {
        let of = counted(checkup.ready, "trace");
        checkup.problem(
            "traces",
            format!("none of {of} can be run with the cluster as it is: {found}"),
            advice,
        );
        (checkup.ready, checkup.finalizing) = (0, 0);
        return;
    }
    checkup.resets = if driver.can_reset() { resets(&ready) } else { 0 };
    home(checkup, target);
    if checkup.ready == 0 {
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
