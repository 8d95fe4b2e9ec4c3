//! How much does the explorer look at for one answer?

/// How many states are looked at for the way back.
pub(in crate::cli::explore) const STATES_MAX: usize = 100_000;
