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

  STABLE, status=MIXED               the cluster's status
  mode=on, origin=v0, origin=none    upgrade mode, and the recorded version
  served=yes, pending=no             whether the API answers; whether upgrade tasks are pending
  settled=yes                        whether nothing happens by itself any more
  n2=ERROR, n1=ACTIVE v1, n3=v1      how a node is listed, and its installed version; ABSENT when it is not
  n2=StartingOut, n2=joined          a phase that the API does not tell apart; joined, serving, upgraded
  any=OFFLINE, all=ACTIVE, no=ERROR  some node, every node, no node
  count(ERROR) >= 2                  how many nodes look so; = != < <= > >=
  n1.version > origin                versions compared with the origin, with each other, with v1;
  any.version != n2.version            with no origin recorded a comparison with it is no

  not A, A and B, A or B, A implies B, (A)    a comma is an `and` that binds least
  before(A), after(A)                of a transition: the state before it, the state after it
  step=Approve, step=Stop n1         what is taken, by the row of the spec's table (section 3)

`=` may be `!=` everywhere; case does not matter.

Who asks:
  zdu check --invariant \"any=ERROR implies not STABLE\"
  zdu check --reach \"count(OFFLINE) = 3 and mode=on\"
  zdu check --step \"step=Approve implies after(mode=off)\"
  zdu check --leads-to any=TERMINATING no=TERMINATING
  zdu check --all-sizes --invariant \"mode=off implies origin=none\"
  zdu monitor --target cluster.toml --alert any=ERROR
  zdu explore --tui, then: go MIXED; until count(ERROR) >= 2; mark served=no
  zdu path --from MIXED --to \"STABLE, all=ACTIVE\" --avoiding served=no --without-faults
";
