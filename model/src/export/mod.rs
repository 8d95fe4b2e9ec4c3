//! How would somebody else's engine be asked? The table as data, in three notations.
//!
//! `claims` are the properties that are written with it, `notation` writes a formula, and `tla`, `promela` and `quint` the whole in a
//! language each.

mod claims;
mod notation;
mod promela;
mod quint;
mod tla;

use crate::spec::table::Table;

pub use claims::{Written, claims};
pub use promela::promela;
pub use quint::quint;
pub use tla::{tla, tla_configuration};

/// What is written: a table at a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The rows.
    pub table: Table,
    /// The number of nodes.
    pub nodes: usize,
    /// The number of versions.
    pub versions: u8,
    /// What is planted in it, by name.
    pub planted: Option<String>,
}
