//! `zdu explain RULE`: what the rule says, where it comes from, what exercises it; `zdu explain target`: the target file.

use zdu_endpoint::Defect;
use zdu_model::check::goal::Goal;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Property;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Spec;
use zdu_model::traces::scenario;

use super::{Ended, Failure};
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu explain STATUS-5\n\n`zdu explain target` explains every key of the target file."
)]
pub(super) struct Args {
    /// The rule's id, such as MODE-4; or `target`
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
    println!("\nreplay its traces: zdu replay --rule {}", rule.id());
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
