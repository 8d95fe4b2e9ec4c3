//! What may be asked of `zdu check`, and how?

use std::path::PathBuf;

use clap::ValueEnum;

use super::own::OwnArgs;
use crate::cli::limits::LimitArgs;
use crate::cli::scope::{ProfileArg, RunFormat, ScopeArgs};

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  zdu check --nodes 3 --property mode-4        the properties of one rule
  zdu check --all-sizes                        the safety properties for every number of nodes at once
  zdu check --property toggling                why liveness needs the words \"no further API step\"
  zdu check --faults 1 --nodes 2               what becomes of an upgrade when something breaks
  zdu check --nodes 6 --time 1m                42 million states, as far as a minute allows
  zdu check --invariant \"count(joined) = 0 implies served=no\"
  zdu check --nodes 2 --leads-to any=STARTING settled=yes
  zdu check --all-sizes --step \"step=Approve implies after(mode=off)\"
  zdu check --engine both                      two engines that share no search, which must agree

Kinds of properties: safety, reachability, liveness, recovery (PROC-4), procedure (PROC-1 to PROC-3), vacuity.
Exit codes: 0 all holds, 1 something is violated, 2 wrong usage, 3 something could not be decided, 4 nothing matches.
`fails as it must` is no violation: with one node nobody serves while it is upgraded, and the run shows why.")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    /// Which engine searches
    #[arg(long, value_enum, default_value_t = EngineArg::Auto)]
    pub(super) engine: EngineArg,
    /// How many threads the explicit engine searches on; all cores by default
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) threads: Option<u8>,
    /// Take states that differ by a renaming of the nodes as one
    #[arg(long, conflicts_with_all = ["engine", "threads"])]
    pub(super) symmetry: bool,
    /// Look at no longer runs than this, and say what is known
    #[arg(long, value_name = "STEPS")]
    pub(super) depth: Option<u64>,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
    /// Only properties whose name contains this, or of this rule or kind; may be given several times
    #[arg(long, value_name = "NAME, RULE or KIND")]
    pub(super) property: Vec<String>,
    /// Prove the safety and liveness properties for every number of nodes at once
    #[arg(long, conflicts_with_all = ["nodes", "engine", "threads", "symmetry", "depth", "procedure", "faults", "survival"])]
    pub(super) all_sizes: bool,
    /// Write the proof for every number of nodes into this file: its views, and why each is there; checked by
    /// model/certificate.py
    #[arg(long, value_name = "FILE", requires = "all_sizes")]
    pub(super) certificate: Option<PathBuf>,
    /// Write the first counterexample, or else the first run that was asked for with --reach, as a trace for zdu replay
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// Only the page's procedure: PROC-1 to PROC-3
    #[arg(long)]
    pub(super) procedure: bool,
    /// How many faults may strike during the procedure; asks for nothing else
    #[arg(long, value_name = "F", value_parser = clap::value_parser!(u8).range(0..=3))]
    pub(super) faults: Option<u8>,
    /// Print what a cluster of 1 to N nodes survives while it follows the procedure, with up to F faults
    #[arg(long)]
    pub(super) survival: bool,
    #[command(flatten)]
    pub(super) own: OwnArgs,
    /// List what would be asked instead of asking it
    #[arg(long)]
    pub(super) list: bool,
    /// List the mutants that can be planted (name, rule, the smallest model in which each shows) and the guards that can be dropped
    #[arg(long)]
    pub(super) mutants: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = RunFormat::Text)]
    pub(super) format: RunFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineArg {
    /// Explicit; where that would take more than 1 GiB and nothing tells the nodes apart, as with --symmetry
    Auto,
    /// Numbered states, a bit each
    Explicit,
    /// stateright's breadth-first search, on one thread: its counterexamples are shortest only then
    Stateright,
    /// Both, one after the other, and they must agree
    Both,
}

impl Args {
    /// Whether nothing but the procedure is asked for.
    pub(super) const fn procedure_alone(&self) -> bool {
        self.procedure || self.survival || self.faults.is_some()
    }

    /// Whether stateright searches, alone or beside another engine.
    pub(super) const fn stateright(&self) -> bool {
        matches!(self.engine, EngineArg::Stateright | EngineArg::Both)
    }

    /// What is planted, by name.
    pub(super) fn planted(&self) -> Option<String> {
        self.scope.planted()
    }
}

/// The default size, and everything that is asked of it.
impl Default for Args {
    fn default() -> Self {
        Self {
            scope: ScopeArgs {
                nodes: 3,
                versions: 2,
                profile: ProfileArg::Documented,
                mutant: Vec::new(),
                without: Vec::new(),
            },
            engine: EngineArg::Auto,
            threads: None,
            symmetry: false,
            depth: None,
            limits: LimitArgs::default(),
            property: Vec::new(),
            all_sizes: false,
            certificate: None,
            save: None,
            own: OwnArgs::default(),
            procedure: false,
            faults: None,
            survival: false,
            list: false,
            mutants: false,
            format: RunFormat::Text,
        }
    }
}
