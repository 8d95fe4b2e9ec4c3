//! Which traces are run? By name, by rule, by an expression, in parts; all of them together narrow.

mod filter;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Trace;

pub use filter::{Filter, FilterError, LANGUAGE};

/// An exact name, or one with `*` for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern as typed.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether a name fits as a whole.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let (first, mut rest) = (parts.next().unwrap_or_default(), name);
        let Some(after) = rest.strip_prefix(first) else { return false };
        rest = after;
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Pattern {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

/// One part of several: `1/3` is the first of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    part: usize,
    of: usize,
}

impl Partition {
    /// Whether the trace at this place, counted from 0, belongs to it.
    #[must_use]
    pub const fn has(self, place: usize) -> bool {
        place % self.of == self.part - 1
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text
            .split_once('/')
            .and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            Some(_) | None => {
                Err(format!("`{text}` is no part of several; write 1/3 for the first of three"))
            }
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// What is asked for; nothing asks for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of which one must fit.
    pub only: Vec<Pattern>,
    /// Names of which none may fit.
    pub not: Vec<Pattern>,
    /// Rules of which one must be exercised.
    pub rules: Vec<Rule>,
    /// What must be meant.
    pub filter: Option<Filter>,
    /// The part of what is left.
    pub partition: Option<Partition>,
}

/// A name that no trace has, with the nearest that one has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no trace is called `{name}`{}; see the names: zdu suite --list", near.as_ref().map_or_else(String::new, |near| format!(", did you mean `{near}`?")))]
pub struct NoSuchTrace {
    /// As typed.
    pub name: String,
    /// The nearest.
    pub near: Option<String>,
}

impl Selection {
    /// What is selected of these traces, in their order.
    #[must_use]
    pub fn of(&self, traces: Vec<Trace>) -> Vec<Trace> {
        let fits =
            |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.fits(name));
        let kept = traces.into_iter().filter(|trace| {
            (self.only.is_empty() || fits(&self.only, &trace.name))
                && !fits(&self.not, &trace.name)
                && (self.rules.is_empty()
                    || self.rules.iter().any(|rule| trace.rules.contains(rule)))
                && self.filter.as_ref().is_none_or(|filter| filter.keeps(trace))
        });
        let part = |place: usize| self.partition.is_none_or(|partition| partition.has(place));
        kept.enumerate().filter(|(place, _)| part(*place)).map(|(_, trace)| trace).collect()
    }

    /// The first name that no trace has: most likely mistyped.
    ///
    /// # Errors
    /// [`NoSuchTrace`] for it.
    pub fn check(&self, traces: &[Trace]) -> Result<(), NoSuchTrace> {
        let fits = |pattern: &Pattern| traces.iter().any(|trace| pattern.fits(&trace.name));
        let names = self.only.iter().chain(&self.not);
        names.filter(|pattern| !fits(pattern)).try_for_each(|pattern| {
            let near = nearest(&pattern.0, traces.iter().map(|trace| trace.name.as_str()));
            Err(NoSuchTrace { name: pattern.0.clone(), near: near.map(str::to_owned) })
        })
    }
}

/// The most similar of several words, if one is similar.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let like = |one: &&str| strsim::jaro_winkler(one, word);
    known
        .into_iter()
        .filter(|one| like(one) > 0.7)
        .max_by(|one, other| like(one).total_cmp(&like(other)))
}
