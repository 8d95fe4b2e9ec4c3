//! Which shipped traces can be replayed, and which cannot for want of what?

use zdu_model::traces::scenario;

use super::Checkup;
use crate::driver::CommandDriver;
use crate::replay::{Permission, Port as _, Site, fitted, unfit};
use crate::target::Target;
use crate::words::Words;

pub(super) async fn check(checkup: &mut Checkup, target: &Target, site: &Site) {
    let driver =
        CommandDriver::new(target, &site.dictionary, target.timing.settle, site.client.redactor());
    let scope = site.scope();
    let names = site.dictionary.names();
    let words = Words::new(&names);
    let permission = Permission { disrupt: target.allow_disruption, post: true };
    for scenario in scenario::all() {
        let applies = site.runs(scenario.profile);
        let Some(trace) = scenario.trace(scenario.shipped).filter(|_| applies) else {
            continue;
        };
        match unfit(scope, &driver, |who| site.can_be(who), &fitted(&trace, scope), permission) {
            None => checkup.ready += 1,
            Some(end) => {
                let reason = words.why(&end, trace.steps.len()).unwrap_or_default();
                checkup.skipped.entry(reason).or_default().push(trace.name);
            }
        }
    }
    let skipped: usize = checkup.skipped.values().map(Vec::len).sum();
    let found = format!("{} traces can be replayed, {skipped} will be skipped", checkup.ready);
    if checkup.ready == 0 {
        checkup.problem("traces", found, "a run would end with exit code 4; see the reasons below");
    } else {
        checkup.good("traces", found);
    }
}
