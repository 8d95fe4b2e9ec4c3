//! What does a cluster of N survive? The procedure with up to `f` faults, for each N, as a table (spec, section 5,
//! "Procedure"). The README's copy of the table is this one.

use std::fmt;

use crate::check::procedure::{Habit, Operator, Remedy, procedure};
use crate::check::sought::Bound;
use crate::spec::semantics::{Scope, Semantics, System};

/// What holds on every run of the procedure at one size, with one remedy and number of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Survival {
    /// Some node serves at every moment.
    pub serves: bool,
    /// Whatever happened, the operator gets to the end: STABLE, every node ACTIVE at the later version.
    pub finishes: bool,
}

impl fmt::Display for Survival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match (self.serves, self.finishes) {
            (true, true) => "serves, finishes",
            (true, false) => "serves, gets stuck",
            (false, true) => "outage, finishes",
            (false, false) => "outage, gets stuck",
        })
    }
}

/// The table: for each number of faults and each remedy, the sizes from one node on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// One row for each number of faults and remedy, in that order.
    pub rows: Vec<Row>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How many faults may strike.
    pub faults: u8,
    /// What the operator does about a node in trouble.
    pub remedy: Remedy,
    /// What holds for N = 1, 2, and so on.
    pub cells: Vec<Survival>,
}

/// Runs the procedure at every size up to that of the system, with up to so many faults.
///
/// # Errors
/// The bound by which [`procedure`] was ended.
pub fn survival<S: Semantics>(
    system: &System<S>,
    habit: Habit,
    faults_max: u8,
    stop: &dyn Fn(usize) -> Option<Bound>,
) -> Result<Table, Bound> {
    let nodes_max = system.scope.nodes;
    let cell = |nodes, remedy, faults| {
        let scope = Scope { nodes, ..system.scope };
        let system = System { scope, semantics: system.semantics.clone() };
        let outcome = procedure(&system, Operator { remedy, habit }, faults, stop)?;
        Ok(Survival { serves: outcome.always_served(), finishes: outcome.always_finishes() })
    };
    let row = |(faults, remedy)| {
        let cells = (1..=nodes_max).map(|nodes| cell(nodes, remedy, faults));
        Ok(Row { faults, remedy, cells: cells.collect::<Result<_, Bound>>()? })
    };
    let rows = (0..=faults_max).flat_map(|faults| Remedy::ALL.map(|remedy| (faults, remedy)));
    Ok(Table { rows: rows.map(row).collect::<Result<_, Bound>>()? })
}

/// Markdown. Answers that come to the same for a number of faults share a line.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.rows.first().map_or(0, |row| row.cells.len());
        write!(f, "| faults | a node in trouble |")?;
        for nodes in 1..=sizes {
            write!(f, " N = {nodes} |")?;
        }
        write!(f, "\n| --- | --- |{}", " --- |".repeat(sizes))?;
        let mut rest = self.rows.iter().collect::<Vec<_>>();
        while !rest.is_empty() {
            let first = rest[0];
            let same = |row: &&Row| row.faults == first.faults && row.cells == first.cells;
            let (shared, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(same);
            let remedy = if shared.len() == Remedy::ALL.len() {
                "whatever the remedy".to_owned()
            } else {
                let texts: Vec<_> = shared.iter().map(|row| row.remedy.text()).collect();
                texts.join("; or ")
            };
            write!(f, "\n| {} | {remedy} |", first.faults)?;
            for cell in &first.cells {
                write!(f, " {cell} |")?;
            }
            rest = others;
        }
        Ok(())
    }
}
