//! Zero downtime, seen from outside (LB-1 to LB-6): a cluster of three nodes whose listeners really close, a real load balancer in
//! front, a steady load with sessions through it, and the whole upgrade by `zdu replay`.
//!
//! With rotation no request fails. Without it some do, so that the check can fail. A server that is not installed is named, and its
//! tests are skipped by name; with `CI=true` they fail.

mod azure;
#[expect(dead_code, reason = "the balancer's own tests plant what is not planted here")]
#[path = "../../balancer/tests/real/emulator.rs"]
mod emulator;
mod front;
mod load;
#[path = "../../balancer/tests/servers/mod.rs"]
mod servers;
mod upgrade;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use zdu_endpoint::BalancerDefect;

/// How many tests run at once: they wait most of the time.
const AT_ONCE: usize = 6;

fn main() -> ExitCode {
    let mut args = Arguments::from_args();
    args.test_threads = args.test_threads.or(Some(AT_ONCE));
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let trials = front::ALL.iter().flat_map(|front| {
        let missing = servers::missing(front.needs());
        upgrade::TESTS.iter().map(move |(name, test)| {
            let name = format!("{}_{name}", front.name());
            if let Some(missing) = missing {
                println!("{missing} is not installed: {name} is skipped");
            }
            Trial::test(name, move || match missing {
                None => {
                    test(*front);
                    Ok(())
                }
                Some(missing) => {
                    Err(format!("{missing} is not installed; apt-get install {missing}").into())
                }
            })
            .with_ignored_flag(missing.is_some() && !strict)
        })
    });
    let planted = std::iter::once(None).chain(BalancerDefect::ALL.iter().copied().map(Some));
    let staged = planted.map(|defect| {
        let what = defect.map_or("none", BalancerDefect::name);
        Trial::test(format!("staged_defect_{what}_is_blamed_on_its_rule"), move || {
            upgrade::blamed_on_its_rule(defect);
            Ok(())
        })
    });
    let about = |defect: &BalancerDefect| defect.row().rules.contains(&"LB-5");
    let planted = BalancerDefect::ALL.iter().copied().filter(about).map(Some);
    let moved = std::iter::once(None).chain(planted).map(|defect| {
        let what = defect.map_or("none", BalancerDefect::name);
        Trial::test(format!("staged_defect_{what}_is_found_by_lb_5"), move || {
            upgrade::found_by_lb_5(defect);
            Ok(())
        })
    });
    let planted = std::iter::once(None).chain(upgrade::SEEN_BY_USERS.iter().copied().map(Some));
    let seen = planted.map(|defect| {
        let what = defect.map_or("none", BalancerDefect::name);
        Trial::test(format!("staged_defect_{what}_is_seen_by_zdu_load"), move || {
            upgrade::seen_by_zdu_load(defect);
            Ok(())
        })
    });
    let azure: [(&str, fn()); 2] = [
        ("azure_the_example_is_driven_by_hand", azure::the_example_is_driven_by_hand),
        ("azure_a_run_holds_lb_4", azure::a_run_holds_lb_4),
    ];
    let azure = azure.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    let no_nginx = servers::missing("nginx").is_some();
    let killed = Trial::test("nginx_a_change_that_is_killed_is_taken_back", move || {
        if no_nginx {
            return Err("nginx is not installed; apt-get install nginx".into());
        }
        upgrade::a_change_that_is_killed_is_taken_back();
        Ok(())
    });
    let killed = killed.with_ignored_flag(no_nginx && !strict);
    libtest_mimic::run(
        &args,
        trials.chain(staged).chain(seen).chain(moved).chain([killed]).chain(azure).collect(),
    )
    .exit_code()
}
