//! `zdu explain RULE`: what the rule says, where it comes from, what exercises it; `zdu explain target`: the target file.

use zdu_endpoint::{BalancerDefect, Defect};
use zdu_model::check::fairness::Liveness;
use zdu_model::check::goal::Goal;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Property;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Spec;
use zdu_model::traces::scenario;

use super::{Ended, Failure};
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  zdu explain STATUS-5
  zdu explain target         every key of the target file
  zdu explain expressions    how to ask a question of one's own")]
pub(super) struct Args {
    /// The rule's id, such as MODE-4; or `target`, or `expressions`
    #[arg(required_unless_present = "list")]
    rule: Option<String>,
    /// List every rule
    #[arg(long)]
    list: bool,
}

pub(super) fn run(args: &Args) -> Ended {
    let Some(given) = args.rule.as_deref().filter(|_| !args.list) else {
        for rule in Rule::ALL {
            println!("{:<10} {:<9}  {}", rule.id(), rule.basis(), rule.text());
        }
        return Ok(Exit::Fine);
    };
    if given.eq_ignore_ascii_case("expressions") {
        print!("{EXPRESSIONS}");
        return Ok(Exit::Fine);
    }
    if given.eq_ignore_ascii_case("target") {
        print!("{}", crate::target::REFERENCE);
        return Ok(Exit::Fine);
    }
    let rule: Rule = given
        .parse()
        .map_err(|error: zdu_model::spec::rule::UnknownRule| Failure::usage(error.to_string()))?;
    println!("{}  {}", rule.id(), rule.text());
    println!("basis: {} ({})", rule.basis(), rule.source());
    if !rule.in_profile(Profile::Documented) {
        println!("profile: finalization only");
    }
    section(
        "properties of the model",
        Property::<Spec>::all(Profile::Finalization)
            .iter()
            .filter(|property| property.rule == rule)
            .map(|property| property.name.to_owned()),
    );
    section(
        "goals that must be reachable",
        Goal::all(Profile::Finalization)
            .iter()
            .filter(|goal| goal.rule() == rule)
            .map(ToString::to_string),
    );
    section(
        "traces",
        scenario::all()
            .filter(|scenario| scenario.rules.contains(&rule))
            .map(|scenario| format!("{:<44} {}", scenario.name, scenario.why)),
    );
    section(
        "defects that break it (zdu mock --defect NAME)",
        Defect::ALL
            .iter()
            .filter(|defect| defect.row().rules[0] == rule.id())
            .map(|defect| format!("{:<42} {}", defect.name(), defect.row().text)),
    );
    section(
        "defects of a load balancer that break it (zdu mock --defect NAME)",
        BalancerDefect::ALL
            .iter()
            .filter(|defect| defect.row().rules.contains(&rule.id()))
            .map(|defect| format!("{:<42} {}", defect.name(), defect.row().text)),
    );
    // A command that selects nothing helps nobody.
    let replayed = scenario::all().any(|scenario| scenario.rules.contains(&rule));
    let checked = Property::<Spec>::all(Profile::Documented).iter().any(|it| it.rule == rule)
        || Liveness::all(Profile::Documented).iter().any(|it| it.rule == rule);
    let tasks = Property::<Spec>::all(Profile::Finalization).iter().any(|it| it.rule == rule);
    println!();
    if checked {
        println!("ask the model: zdu check --property {}", rule.id());
    } else if tasks {
        println!("ask the model: zdu check --profile finalization --property {}", rule.id());
    } else if matches!(rule, Rule::Proc1 | Rule::Proc2 | Rule::Proc3 | Rule::Proc4 | Rule::Lb6) {
        println!("ask the model: zdu check --property {}", rule.id());
    }
    if replayed {
        println!("replay its traces: zdu replay --rule {}", rule.id());
    }
    let file = "with [balancer] in the target file";
    if matches!(rule, Rule::Lb5 | Rule::Lb6) {
        println!(
            "looked at while somebody upgrades, {file}: zdu load --target cluster.toml --page /index.action"
        );
    } else if rule.is_of_balancers() {
        println!(
            "looked at by each run that stops or starts a node, {file}: zdu replay --target cluster.toml"
        );
        println!("try it by hand: zdu balancer list --target cluster.toml");
    }
    Ok(Exit::Fine)
}

fn section(title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    println!("\n{title}:");
    for line in lines {
        println!("  {line}");
    }
}

/// How a question is written; the table of the model's own room, for people.
const EXPRESSIONS: &str = "\
A question about a cluster, or about a transition, is made of conditions:

  STABLE, status=MIXED               the cluster's status: STABLE, READY_TO_UPGRADE, MIXED, READY_TO_RUN_UPGRADE_TASKS; in
                                       profile finalization also RUNNING_UPGRADE_TASKS, UPGRADE_TASKS_FAILED
  mode=on, origin=v0, origin=none    upgrade mode, and the recorded version
  served=yes, pending=no             whether the API answers; whether upgrade tasks are pending
  settled=yes                        whether nothing happens by itself any more
  n2=ERROR, n1=ACTIVE v1, n3=v1      how a node is listed, and its installed version: ACTIVE, STARTING, TERMINATING, OFFLINE,
                                       ERROR, ABSENT (not listed); in profile finalization also
                                       RUNNING_FINALIZE_UPGRADE_TASKS, UPGRADE_TASKS_FAILED
  n2=StartingOut                     a phase, as runs print it: StartingOut and StartingIn are both listed STARTING,
                                       TerminatingIn and TerminatingOut both TERMINATING; -In has joined; in profile
                                       finalization also Finalizing and FinalizeFailed
  n2=joined, any=serving v1          joined: counts for the status; serving: answers calls; upgraded: runs another version
                                       than the origin (with none recorded, no)
  any=OFFLINE, all=ACTIVE, no=ERROR  some node, every node, no node
  count(ERROR) >= 2                  how many nodes look so, compared with a number that there can be; = != < <= > >=
  n1.version > origin                versions compared with the origin, with each other, with v1; = != < <= > >=
  any.version != n2.version            (the origin is a version itself: origin=v0, never origin.version); with no origin
                                       recorded a comparison with it is no

  not A, A and B, A or B, A implies B, (A)    a comma is an `and` that binds least
  before(A), after(A)                of a transition: the state before it, the state after it
  step=Approve, step=Stop n1         what is taken, by the row of the spec's table (section 3), of any node or of one:
                                       Start, Cancel, Approve, Stop, Kill, Install, Boot, Break, Repair, Join, Ready, Reject,
                                       Leave, Halt, Forget; in profile finalization also
                                       Approve_with_tasks (or ApproveWithTasks), Retry, FinalizeOk, FinalizeFail

`=` may be `!=` everywhere; case does not matter. A condition with `!=` is the whole condition denied: any!=ERROR is
`not any=ERROR`, so that no node is in ERROR, and all!=ACTIVE says that some node is not ACTIVE. Only versions and counts are
compared: any.version != v0 says that some node's version differs from v0, all.version != v0 that every node's does.

Who asks:
  zdu check --invariant \"any=ERROR implies not STABLE\"
  zdu check --reach \"count(OFFLINE) = 3 and mode=on\"
  zdu check --step \"step=Approve implies after(mode=off)\"
  zdu check --leads-to any=TERMINATING no=TERMINATING
  zdu check --all-sizes --invariant \"mode=off implies origin=none\"
  zdu monitor --target cluster.toml --alert any=ERROR
  zdu replay --target cluster.toml --stop-when \"status=MIXED and count(OFFLINE) = 1\"
  zdu explore --tui, then: go MIXED; until count(ERROR) >= 2; mark served=no
  zdu path --from MIXED --to \"STABLE, all=ACTIVE\" --avoiding served=no --without-faults

Of a live cluster only answers are known. There v0 is the first of the versions, and an expression holds where it holds in
every state that explains what was seen: in --alert what one reading of the overview can mean, in --stop-when what the whole run
can mean; while something may still happen, only states that are as the overview lists them count. What answers leave open
(n1=StartingIn while n1 is listed STARTING) raises nothing and stops nothing.
";

#[cfg(test)]
mod tests {
    use zdu_model::spec::cluster::ClusterStatus;
    use zdu_model::spec::node::Phase;
    use zdu_model::spec::profile::Profile;
    use zdu_model::spec::transition::Transition;
    use zdu_model::ways::situation::Situation;

    use super::EXPRESSIONS;

    /// Every word that the tables have can be asked about, and is explained; what stands here in both profiles is all there is.
    #[test]
    fn every_word_is_explained_and_can_be_read() {
        let rows = Transition::every(Profile::Finalization, 1, 2);
        let rows = rows.iter().map(|row| format!("step={}", row.name().replace(' ', "_")));
        let phases = Phase::ALL.iter().flat_map(|phase| {
            let listed = phase.listed().map_or("ABSENT", |status| status.word());
            let own = (!phase.to_string().eq_ignore_ascii_case(listed)).then(|| phase.to_string());
            [Some(listed.to_owned()), own].into_iter().flatten()
        });
        let statuses = ClusterStatus::ALL.iter().map(|status| format!("status={status}"));
        let words = rows.chain(statuses).chain(phases.map(|word| format!("any={word}")));
        for word in words {
            assert!(word.parse::<Situation>().is_ok(), "{word}");
            let alone = word.split_once('=').map_or(word.as_str(), |(_, alone)| alone);
            let explained = EXPRESSIONS.split(|c: char| !c.is_alphanumeric() && c != '_');
            assert!(explained.into_iter().any(|it| it == alone), "{alone} is not explained");
        }
    }

    /// Each line of `Who asks` that is about the model says something that can be read.
    #[test]
    fn each_example_can_be_read() {
        let quoted = EXPRESSIONS.lines().filter(|line| line.starts_with("  zdu "));
        let mut read = 0;
        for expression in quoted.flat_map(|line| line.split('"').skip(1).step_by(2)) {
            assert!(expression.parse::<Situation>().is_ok(), "{expression}");
            read += 1;
        }
        assert!(read >= 5, "{read}");
    }
}
