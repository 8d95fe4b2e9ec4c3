//! `zdu export`: the model in another notation, to be checked by somebody else's engine.

use std::path::PathBuf;

use zdu_model::export::{
    Model, difference, promela, quint, tla, tla_configuration, tla_liveness_configuration,
};
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::table::{NotWritten, Table};

use super::scope::{Planted, ScopeArgs, deliver};
use super::{Ended, Failure};
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  zdu export --promela --nodes 2 --out zdu.pml     for Spin: spin -a zdu.pml
  zdu export --tla --out Zdu.tla                   for TLC; writes Zdu.cfg and Zdu.liveness.cfg beside it
  zdu export --quint --profile finalization
  zdu export --promela --mutant start-despite-error --mutant errored-cannot-stop

Each action is a row of the spec's sections 3 and 6. Written with it are the properties about single
states and about transitions, in TLA+ those of liveness too (TLC: -config Zdu.liveness.cfg); the head of the
file says what is left out.")]
pub(super) struct Args {
    #[command(flatten)]
    notation: Notation,
    /// The file to write; stdout by default
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    scope: ScopeArgs,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Notation {
    /// In TLA+, for TLC
    #[arg(long)]
    tla: bool,
    /// In Promela, for Spin
    #[arg(long)]
    promela: bool,
    /// In Quint
    #[arg(long)]
    quint: bool,
}

pub(super) fn run(args: &Args) -> Ended {
    args.scope.without_operator()?;
    let model = model(&args.scope)?;
    let module = args.out.as_deref().and_then(std::path::Path::file_stem);
    let module = module.map_or_else(|| "Zdu".into(), std::ffi::OsStr::to_string_lossy);
    if args.notation.promela {
        deliver(&promela(&model), args.out.as_deref())?;
    } else if args.notation.quint {
        deliver(&quint(&model), args.out.as_deref())?;
    } else {
        deliver(&tla(&model, &module), args.out.as_deref())?;
        if let Some(out) = &args.out {
            deliver(&tla_configuration(&model), Some(&out.with_extension("cfg")))?;
            let live = out.with_extension("liveness.cfg");
            deliver(&tla_liveness_configuration(&model), Some(&live))?;
        }
    }
    Ok(Exit::Fine)
}

/// The table at the size that is asked for, with what is planted in it.
fn model(scope: &ScopeArgs) -> Result<Model, Failure> {
    let mut table = Table::of(scope.scope().profile);
    for planted in &scope.mutant {
        let Planted::Cluster(mutant) = planted else { continue };
        table = table.with(*mutant).map_err(|why| {
            let why = match why {
                NotWritten::NoTransition => "what it does is no transition of the table",
                NotWritten::Neighbours => "it asks which node is next to which",
            };
            Failure::usage(format!(
                "{} cannot be written: {why}; check it here: zdu check{}",
                planted.name(),
                scope.flags()
            ))
        })?;
    }
    for guard in &scope.without {
        table = table.without(guard.name()).ok_or_else(|| {
            Failure::usage(format!(
                "profile {} has no guard {guard}; ask: zdu export --profile finalization",
                scope.scope().profile
            ))
        })?;
    }
    if scope.mutant.len() > 1 {
        comes_to_the_model(&table, scope)?;
    }
    Ok(Model {
        table,
        nodes: usize::from(scope.nodes),
        versions: scope.versions,
        planted: scope.planted(),
    })
}

/// Several mutants may change the same row; then the table is held against the model, with as few nodes as all show with.
fn comes_to_the_model(table: &Table, scope: &ScopeArgs) -> Result<(), Failure> {
    let system = scope.system();
    let least = scope.mutant.iter().map(|planted| planted.least().nodes).max().unwrap_or(2).max(2);
    let nodes = least.min(system.scope.nodes);
    let few = System { scope: Scope { nodes, ..system.scope }, ..system };
    match difference(table, &few) {
        None => Ok(()),
        Some((state, transition)) => {
            let what = transition.map_or_else(|| "the status".to_owned(), |it| it.to_string());
            Err(Failure::usage(format!(
                "these mutants meet in one row, and the table has no form for them together ({what} in `{state}`); write \
                 one at a time, or check them here: zdu check{}",
                scope.flags()
            )))
        }
    }
}
