//! Does a search fit the memory that it may take? Known before it starts; what does not fit is refused with what does.

use zdu_model::check::abstraction::needs as views_need;
use zdu_model::check::space::Explicit;
use zdu_model::check::symmetry::Classes;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::semantics::{Scope, Semantics as _, System};

use super::args::{Args, EngineArg};
use super::asked::Asked;
use crate::cli::Failure;
use crate::cli::limits::amount;
use crate::cli::scope::states_expected;
use crate::exit::Exit;

/// What stateright keeps of each state, in bytes, about: measured at N = 4 and N = 5.
const STATERIGHT_STATE_BYTES: f64 = 300.0;

/// The explicit engine with as many threads as asked for, or as the memory allows.
pub(super) fn engine(args: &Args, system: &System<Mutants>) -> Result<Explicit, Failure> {
    let memory = args.limits.memory();
    let most = args
        .threads
        .map_or_else(Explicit::default, |threads| Explicit { threads: usize::from(threads) });
    let fits = |engine: &Explicit, system: &System<Mutants>| {
        engine.needs(system).is_some_and(|needs| needs <= memory)
    };
    let fewer = (1..=most.threads.max(1)).rev().map(|threads| Explicit { threads });
    if let Some(engine) = fewer.into_iter().find(|engine| fits(engine, system)) {
        return Ok(engine);
    }
    let one = Explicit { threads: 1 };
    let needs = one.needs(system);
    let classes = classes_need(args, system).is_some_and(|needs| needs <= memory);
    // A question of one's own may name a node.
    let by_classes = (classes && args.own.none() && system.semantics.symmetric()).then(|| {
        let depth = args.depth.map_or_else(String::new, |depth| format!(" --depth {depth}"));
        let flags = args.scope.flags();
        format!("up to a renaming of the nodes it fits: zdu check{flags} --symmetry{depth}")
    });
    // Who names no engine has the classes looked at where the states do not fit.
    let either = args.engine == EngineArg::Auto && system.semantics.symmetric();
    let by_class = |system: &System<Mutants>| {
        either && classes_need(args, system).is_some_and(|needs| needs <= memory)
    };
    let fits = |system: &System<Mutants>| fits(&one, system) || by_class(system);
    Err(does_not_fit(args, system, "a bit for each of", needs, fits, by_classes))
}

/// What a search takes at the least that is not made by itself, where one up to a renaming of the nodes tells the same.
const LARGE_BYTES: u64 = 1 << 30;

/// A class takes far longer to look at than a state, so that it must stand for many: by so many times the classes take less.
const WORTH: u64 = 10;

/// What a bit for each state would take, where states that differ by a renaming of the nodes are taken as one in its place: it is too
/// much or a lot, nobody wants it, and nothing that is asked tells the nodes apart.
pub(super) fn folded(args: &Args, asked: &Asked, system: &System<Mutants>) -> Option<u64> {
    let named = args.engine != EngineArg::Auto || args.threads.is_some() || args.symmetry;
    let apart = asked.own.iter().any(|own| own.names_a_node() || own.leads());
    if named || apart || !system.semantics.symmetric() {
        return None;
    }
    let memory = args.limits.memory();
    let classes = classes_need(args, system).filter(|needs| *needs <= memory)?;
    let all = Explicit { threads: 1 }.needs(system).unwrap_or(u64::MAX);
    (all > memory || (all > LARGE_BYTES && classes < all / WORTH)).then_some(all)
}

/// What the classes take that are looked at: within a depth no more than there are runs of that length.
fn classes_need(args: &Args, system: &System<Mutants>) -> Option<u64> {
    let all = Classes::needs(system)?;
    let within = args.depth.and_then(|depth| Classes::needs_within(system, depth));
    Some(within.map_or(all, |within| within.min(all)))
}

/// Whether the views of two nodes fit the memory.
pub(super) fn fits_views(args: &Args, system: &System<Mutants>) -> Result<(), Failure> {
    let (needs, memory) = (views_need(&system.semantics, system.scope), args.limits.memory());
    if needs <= memory {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Inconclusive,
        format!(
            "nothing was looked at: the views take {}, and {} may be taken; give them more with --memory",
            amount(needs),
            amount(memory)
        ),
    ))
}

/// Whether the classes fit the memory.
pub(super) fn fits_classes(args: &Args, system: &System<Mutants>) -> Result<(), Failure> {
    let memory = args.limits.memory();
    let fits = |system: &System<Mutants>| classes_need(args, system).is_some_and(|it| it <= memory);
    if fits(system) {
        return Ok(());
    }
    Err(does_not_fit(
        args,
        system,
        "a class of renamed states for",
        classes_need(args, system),
        fits,
        None,
    ))
}

/// Nothing was looked at, since what is kept takes too much; what fits instead.
fn does_not_fit(
    args: &Args,
    system: &System<Mutants>,
    kept: &str,
    needs: Option<u64>,
    fits: impl Fn(&System<Mutants>) -> bool,
    instead: Option<String>,
) -> Failure {
    let needs = needs.map_or_else(|| "more than any machine has".to_owned(), amount);
    let smaller =
        |nodes: &usize| fits(&System { scope: Scope { nodes: *nodes, ..system.scope }, ..*system });
    let nearest = (1..system.scope.nodes).rev().find(smaller).map(|nodes| {
        let mut there = args.scope.clone();
        there.nodes = u8::try_from(nodes).unwrap_or(1);
        let symmetry = if args.symmetry { " --symmetry" } else { "" };
        format!("the nearest size that fits: zdu check{}{symmetry}", there.flags())
    });
    let mut next: Vec<String> = instead.into_iter().chain(nearest).collect();
    if next.is_empty() {
        next.push("give it more memory with --memory".to_owned());
    }
    Failure::new(
        Exit::Inconclusive,
        format!(
            "nothing was looked at: {kept} about {:.0e} states takes {needs}, and {} may be taken; {}; every size at once: \
             zdu check --all-sizes",
            states_expected(system.scope),
            amount(args.limits.memory()),
            next.join("; "),
        ),
    )
}

/// Stateright keeps every state with its path, which is not known beforehand to the byte.
pub(super) fn fits_stateright(args: &Args, system: &System<Mutants>) -> Result<(), Failure> {
    let needs = states_expected(system.scope) * STATERIGHT_STATE_BYTES;
    if needs <= args.limits.memory() as f64 {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Inconclusive,
        format!(
            "nothing was looked at: stateright would take about {:.0e} bytes, and {} may be taken; search with: zdu \
             check{} --engine explicit",
            needs,
            amount(args.limits.memory()),
            args.scope.flags()
        ),
    ))
}
