//! Which options do not go together? What would be ignored is refused, with what to ask instead.

use zdu_model::check::procedure::Habit;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::semantics::{Semantics as _, System};

use super::args::{Args, EngineArg};
use super::asked::Asked;
use super::own::Own;
use crate::cli::Failure;
use crate::cli::typed::Typed;
use crate::exit::Exit;

/// What is refused whatever the properties are.
pub(super) fn without_asking(
    args: &Args,
    system: &System<Mutants>,
    own: &[Own],
) -> Result<(), Failure> {
    let refuse = |why: String| Err(Failure::usage(why));
    if args.threads.is_some() && args.engine == EngineArg::Stateright {
        return refuse(format!(
            "stateright finds shortest counterexamples on one thread only; search on more with: {}",
            Typed::now().with("--engine", "explicit")
        ));
    }
    // It counts the last states that a depth lets it come to without judging them.
    let bounded = args.depth.is_some() || args.limits.time.is_some();
    if bounded && args.stateright() {
        return refuse(format!(
            "stateright does not judge the last states that it comes to within --depth or --time; search within them with: {}",
            Typed::now().with("--engine", "explicit")
        ));
    }
    if args.all_sizes && args.scope.habit() != Habit::Follows {
        return refuse(format!(
            "the proof for every size looks at no operator, so it would miss this mutant; ask at one size: {}",
            Typed::now().without("--all-sizes")
        ));
    }
    if args.symmetry && !system.semantics.symmetric() {
        return refuse(format!(
            "nobody knows that this model does not tell the nodes apart, as symmetry needs; search without it: {}",
            Typed::now().without("--symmetry")
        ));
    }
    if args.symmetry && own.iter().any(Own::names_a_node) {
        return refuse(format!(
            "with --symmetry nodes have no names, and a question names one; ask without it: {}",
            Typed::now().without("--symmetry")
        ));
    }
    if args.certificate.is_some() && system.semantics != Mutants::NONE {
        return refuse(
            "a certificate is of the spec: whoever checks it knows no mutant and no dropped guard; write one without: zdu check \
             --all-sizes --certificate FILE"
                .to_owned(),
        );
    }
    if args.certificate.is_some() && !own.is_empty() {
        return refuse(
            "a certificate carries the spec's safety properties, and no question of one's own; ask that without --certificate"
                .to_owned(),
        );
    }
    Ok(())
}

/// Why nothing is asked: there is no such property, or none that can be asked so.
pub(super) fn nothing_asked(args: &Args, system: &System<Mutants>) -> Failure {
    let flags = args.scope.flags();
    let words = args.property.join(", ");
    let otherwise = Asked::choose(system.scope, &args.property, false, false);
    let message = if args.property.is_empty() {
        format!("nothing is asked; see the names: zdu check --list{flags}")
    } else if otherwise.is_empty() {
        format!("no property matches {words}; see the names: zdu check --list{flags}")
    } else {
        let how =
            if args.all_sizes { "for every number of nodes" } else { "of the procedure alone" };
        let properties: String =
            args.property.iter().map(|it| format!(" --property {it}")).collect();
        format!("{words} cannot be asked {how}; ask it at one size: zdu check{flags}{properties}")
    };
    Failure::new(Exit::Nothing, message)
}

/// What bounds or chooses a search, where nothing is searched so.
pub(super) fn not_obeyed(args: &Args, asked: &Asked) -> Result<(), Failure> {
    if args.certificate.is_some() && asked.safety.is_empty() {
        return Err(Failure::usage(
            "a certificate carries safety properties, and none is asked; ask for them with: zdu check --all-sizes --property \
             safety --certificate FILE",
        ));
    }
    let given = [
        (args.depth.is_some(), "--depth"),
        (args.engine != EngineArg::Auto, "--engine"),
        (args.threads.is_some(), "--threads"),
        (args.symmetry, "--symmetry"),
    ];
    let given: Vec<&str> =
        given.iter().filter(|(given, _)| *given).map(|(_, flag)| *flag).collect();
    if !asked.states() && !given.is_empty() {
        return Err(Failure::usage(format!(
            "only the procedure is asked, whose operator and cluster are looked at whole, on one thread, by a search of their own; \
             leave out {}",
            given.join(", ")
        )));
    }
    if asked.toggling && args.depth.is_some() {
        return Err(Failure::usage(
            "toggling is looked for among all states and transitions; leave out --depth",
        ));
    }
    Ok(())
}
