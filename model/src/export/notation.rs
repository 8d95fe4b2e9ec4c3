//! How is a formula written? Each notation gives its words; how they are put together is the same in all.

use super::steps::{Fact, Over};
use crate::spec::table::Is;

/// The words of a notation.
pub(super) struct Notation {
    /// What is no connective.
    pub(super) atom: fn(&Is) -> String,
    /// What negates the formula in its parentheses.
    pub(super) not: &'static str,
    /// What joins formulas that must all hold, and of which one must.
    pub(super) and: &'static str,
    pub(super) or: &'static str,
    /// What always holds, and what never does.
    pub(super) always: &'static str,
    pub(super) never: &'static str,
}

impl Notation {
    /// A formula that can stand beside others.
    pub(super) fn part(&self, is: &Is) -> String {
        if let Is::All(parts) = is {
            self.join(parts, self.and, self.always)
        } else if let Is::Either(parts) = is {
            self.join(parts, self.or, self.never)
        } else if let Is::Not(inner) = is {
            let inner = self.part(inner);
            // What was joined stands in parentheses already.
            let closed = inner.starts_with('(');
            if closed { format!("{}{inner}", self.not) } else { format!("{}({inner})", self.not) }
        } else {
            (self.atom)(is)
        }
    }

    fn join(&self, parts: &[Is], with: &str, without: &str) -> String {
        match parts {
            [] => without.to_owned(),
            [one] => self.part(one),
            _ => {
                let parts: Vec<String> = parts.iter().map(|part| self.part(part)).collect();
                format!("({})", parts.join(with))
            }
        }
    }

    /// What must all hold, side by side.
    pub(super) fn all(&self, parts: impl IntoIterator<Item = Is>) -> Vec<String> {
        parts.into_iter().map(|part| self.part(&part)).collect()
    }
}

/// What every file says of itself: what it is, and what it leaves out.
pub(super) fn head(model: &super::Model, left_out: &str) -> Vec<String> {
    let planted = model.planted.as_ref().map(|name| format!("with this planted: {name}"));
    let mut lines = vec![
        format!(
            "Confluence rolling upgrades through the ZDU REST API: profile {}, {} nodes, {} versions.",
            model.table.profile, model.nodes, model.versions
        ),
        "Written by `zdu export`. Sections are those of model/SPEC.md; each action is a row of its section 3 or 6.".to_owned(),
        format!("Left out: {left_out}."),
    ];
    lines.extend(planted);
    lines
}

/// What no notation carries; but for TLA+ also liveness.
pub(super) const LEFT_OUT: &str = "recovery (PROC-4), and what a refused call must not do (API-9)";

/// What is written of a node, by its name.
type OfNode<'a> = &'a dyn Fn(&str) -> String;

/// How a notation writes what must be over a transition.
pub(super) struct OverNotation<'a> {
    pub(super) words: &'a Notation,
    /// What is so, of the node with this name.
    pub(super) fact: &'a dyn Fn(&Fact, &str) -> String,
    /// That something is so of each node, or else of some; it is written for a node by its name.
    pub(super) nodes: &'a dyn Fn(bool, OfNode<'_>) -> String,
}

impl OverNotation<'_> {
    /// A formula that can stand beside others, about the node with this name.
    pub(super) fn part(&self, over: &Over, node: &str) -> String {
        let join = |parts: &[Over], with: &str| {
            let parts: Vec<String> = parts.iter().map(|part| self.part(part, node)).collect();
            format!("({})", parts.join(with))
        };
        match over {
            Over::All(parts) => join(parts, self.words.and),
            Over::Either(parts) => join(parts, self.words.or),
            Over::Not(inner) => format!("{}({})", self.words.not, self.part(inner, node)),
            Over::Each(inner) => (self.nodes)(true, &|node| self.part(inner, node)),
            Over::Any(inner) => (self.nodes)(false, &|node| self.part(inner, node)),
            Over::Is(fact) => (self.fact)(fact, node),
        }
    }
}
