//! Which traces does an expression mean? `rule(STATUS-*) and not needs(break)`: what a name or a single rule cannot say.

use std::fmt;

use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::{Action, Trace};

use super::{Pattern, nearest};

/// The language, for help texts.
pub const LANGUAGE: &str = "name(PATTERN), rule(PATTERN), needs(STEP), profile(NAME), all(); with and, or, not and parentheses";

/// What a trace may need: the steps that a driver is asked for, and what stands in front of a call.
const STEPS: [&str; 9] =
    ["stop", "kill", "install", "boot", "break", "repair", "fail_tasks", "approve", "race"];

/// An expression over traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Every trace.
    All,
    /// Whose name fits.
    Name(Pattern),
    /// That exercises a rule whose id fits.
    Rule(Pattern),
    /// That has a step of this name.
    Needs(String),
    /// That is about this family of builds.
    Profile(Profile),
    /// All but these.
    Not(Box<Self>),
    /// Those of both.
    And(Box<Self>, Box<Self>),
    /// Those of either.
    Or(Box<Self>, Box<Self>),
}

/// An expression that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`, at `{rest}`: {reason}; the language: {LANGUAGE}")]
pub struct FilterError {
    /// The expression.
    text: String,
    /// What is left of it where it cannot be read.
    rest: String,
    /// Why not.
    reason: String,
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`FilterError`] with the place.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut reader = Reader { text, rest: text };
        let filter = reader.either()?;
        if reader.peek().is_empty() {
            Ok(filter)
        } else {
            Err(reader.fault("nothing more is expected"))
        }
    }

    /// Whether it means this trace.
    #[must_use]
    pub fn keeps(&self, trace: &Trace) -> bool {
        match self {
            Self::All => true,
            Self::Name(pattern) => pattern.fits(&trace.name),
            Self::Rule(pattern) => trace.rules.iter().any(|rule| pattern.fits(rule.id())),
            Self::Needs(step) => needs(trace, step),
            Self::Profile(profile) => trace.profile == *profile,
            Self::Not(one) => !one.keeps(trace),
            Self::And(one, other) => one.keeps(trace) && other.keeps(trace),
            Self::Or(one, other) => one.keeps(trace) || other.keeps(trace),
        }
    }
}

fn needs(trace: &Trace, name: &str) -> bool {
    let is = |action| match action {
        Action::Request(_, request) => request.name() == name,
        Action::Call(call) => call.to_string() == name,
        Action::Race(call, _) => name == "race" || call.to_string() == name,
        Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => false,
    };
    trace.steps.iter().any(|step| step.action(trace.scope()).is_ok_and(is))
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all()"),
            Self::Name(pattern) => write!(f, "name({pattern})"),
            Self::Rule(pattern) => write!(f, "rule({pattern})"),
            Self::Needs(step) => write!(f, "needs({step})"),
            Self::Profile(profile) => write!(f, "profile({profile})"),
            Self::Not(one) => write!(f, "not {one}"),
            Self::And(one, other) => write!(f, "({one} and {other})"),
            Self::Or(one, other) => write!(f, "({one} or {other})"),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Reader<'_> {
    fn fault(&self, reason: impl Into<String>) -> FilterError {
        let rest = self.rest.trim_start();
        let rest = if rest.is_empty() { "its end" } else { rest };
        FilterError { text: self.text.to_owned(), rest: rest.to_owned(), reason: reason.into() }
    }

    fn peek(&self) -> &str {
        let rest = self.rest.trim_start();
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*');
        let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
        let first = rest.chars().next().map_or(0, char::len_utf8);
        &rest[..end.max(first)]
    }

    /// Takes the next word if it is one of these.
    fn takes(&mut self, words: &[&str]) -> bool {
        let next = self.peek().len();
        let found = words.contains(&self.peek());
        if found {
            self.rest = &self.rest.trim_start()[next..];
        }
        found
    }

    fn either(&mut self) -> Result<Filter, FilterError> {
        let mut filter = self.both()?;
        while self.takes(&["or", "|"]) {
            filter = Filter::Or(Box::new(filter), Box::new(self.both()?));
        }
        Ok(filter)
    }

    fn both(&mut self) -> Result<Filter, FilterError> {
        let mut filter = self.one()?;
        while self.takes(&["and", "&"]) {
            filter = Filter::And(Box::new(filter), Box::new(self.one()?));
        }
        Ok(filter)
    }

    fn one(&mut self) -> Result<Filter, FilterError> {
        if self.takes(&["not", "!"]) {
            return Ok(Filter::Not(Box::new(self.one()?)));
        }
        if self.takes(&["("]) {
            let filter = self.either()?;
            return if self.takes(&[")"]) {
                Ok(filter)
            } else {
                Err(self.fault("a `)` is missing"))
            };
        }
        let name = self.peek().to_owned();
        let known = ["all", "name", "rule", "needs", "profile"];
        if !known.contains(&name.as_str()) {
            let near = nearest(&name, known)
                .map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
            return Err(self.fault(format!("this is none of {}{near}", known.join(", "))));
        }
        self.takes(&[&name]);
        if !self.takes(&["("]) {
            return Err(self.fault(format!("`{name}` wants its argument in parentheses")));
        }
        let rest = self.rest;
        let end = rest.find(')').ok_or_else(|| self.fault("a `)` is missing"))?;
        let filter = self.meaning(&name, rest[..end].trim())?;
        self.rest = &rest[end + 1..];
        Ok(filter)
    }

    fn meaning(&self, name: &str, argument: &str) -> Result<Filter, FilterError> {
        match name {
            "all" if argument.is_empty() => Ok(Filter::All),
            "name" if !argument.is_empty() => Ok(Filter::Name(Pattern::new(argument))),
            "rule" => {
                let pattern = Pattern::new(argument);
                let any = Rule::ALL.iter().any(|rule| pattern.fits(rule.id()));
                let fault = || self.fault("no rule has such an id; see zdu explain --list");
                any.then_some(Filter::Rule(pattern)).ok_or_else(fault)
            }
            "needs" if STEPS.contains(&argument) => Ok(Filter::Needs(argument.to_owned())),
            "needs" => Err(self.fault(format!("a trace may need {}", STEPS.join(", ")))),
            "profile" => {
                let found = Profile::ALL.into_iter().find(|profile| profile.name() == argument);
                found
                    .map(Filter::Profile)
                    .ok_or_else(|| self.fault("a profile is documented or finalization"))
            }
            _ => Err(self.fault(format!("`{name}` does not take `{argument}`"))),
        }
    }
}
