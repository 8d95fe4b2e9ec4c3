//! What do users of a cluster of N live through? The procedure with rotation with up to `f` faults, for each N, as a table.

use std::fmt;

use super::{Balancer, Rotation, Way, rotation};
use crate::check::procedure::{Habit, Operator, Remedy};
use crate::check::sought::Bound;
use crate::spec::semantics::{Scope, Semantics, System};

/// What holds on every run of the procedure with rotation at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lived {
    /// Some node serves and gets requests at every moment.
    pub reached: bool,
    /// No request goes to a node that is down.
    pub kept: bool,
}

impl fmt::Display for Lived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match (self.reached, self.kept) {
            (true, true) => "reached, no request lost",
            (true, false) => "reached, requests lost",
            (false, true) => "outage, no request lost",
            (false, false) => "outage, requests lost",
        })
    }
}

/// The table: for each number of faults the sizes from one node on, whatever is done about a node in trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// For each number of faults, from none on, what holds for N = 1, 2, and so on.
    pub rows: Vec<Vec<Lived>>,
}

/// Runs the procedure with rotation at every size up to that of the system, with up to so many faults and whatever remedy.
///
/// # Errors
/// The bound by which the search was ended.
pub fn survival<S: Semantics>(
    system: &System<S>,
    habit: Habit,
    faults_max: u8,
    stop: &dyn Fn(usize) -> Option<Bound>,
) -> Result<Table, Bound> {
    let cell = |nodes, faults| {
        let scope = Scope { nodes, ..system.scope };
        let system = System { scope, semantics: system.semantics.clone() };
        let mut lived = Lived { reached: true, kept: true };
        for remedy in Remedy::ALL {
            let operator = Operator { remedy, habit };
            let of = Rotation::new(&system, operator, (Way::Around, Balancer::Lags), faults);
            let outcome = rotation(&of, stop)?;
            lived.reached &= outcome.unreached.is_none();
            lived.kept &= outcome.lost.is_none();
        }
        Ok(lived)
    };
    let row = |faults| (1..=system.scope.nodes).map(|nodes| cell(nodes, faults)).collect();
    Ok(Table { rows: (0..=faults_max).map(row).collect::<Result<_, Bound>>()? })
}

/// Markdown.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.rows.first().map_or(0, Vec::len);
        write!(f, "| faults |")?;
        for nodes in 1..=sizes {
            write!(f, " N = {nodes} |")?;
        }
        write!(f, "\n| --- |{}", " --- |".repeat(sizes))?;
        for (faults, row) in self.rows.iter().enumerate() {
            write!(f, "\n| {faults} |")?;
            for cell in row {
                write!(f, " {cell} |")?;
            }
        }
        Ok(())
    }
}
