//! How is a situation read? Words and signs, one after the other, with the place of whatever cannot be read and the word
//! that comes nearest. What can be written is the table of [`super::situation`].

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::{NodeId, NodeStatus, Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::transition::Transition;

use super::situation::{Against, Condition, Expr, Look, Order, Shown, Side, Situation, Who};

/// Words that are no situation: which, where, what comes nearest, and what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct BadSituation {
    /// Where the wrong word stands.
    pub place: Option<Box<Place>>,
    /// What was written.
    pub given: String,
    /// What it should have been.
    pub kind: &'static str,
    /// The nearest word that is one, if any is near.
    pub nearest: Option<String>,
    /// What can be written in its place.
    pub choices: Vec<String>,
}

/// A place in what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// All that was written.
    pub line: String,
    /// From where to where, in bytes.
    pub span: Range<usize>,
}

impl fmt::Display for BadSituation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.given.is_empty() {
            write!(f, "{} is missing", self.kind)?;
        } else {
            write!(f, "`{}` is no {}", self.given, self.kind)?;
        }
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?")?,
            None => f.write_str(".")?,
        }
        write!(f, " Write {}", self.choices.join(", "))?;
        let Some(place) = &self.place else { return Ok(()) };
        let width = |text: &str| text.chars().count();
        let before = width(&place.line[..place.span.start]);
        let long = width(&place.line[place.span.clone()]).max(1);
        write!(f, "\n    {}\n    {}{}", place.line, " ".repeat(before), "^".repeat(long))
    }
}

const KEYS: [&str; 14] = [
    "status", "mode", "origin", "served", "pending", "settled", "n1", "any", "all", "no", "count",
    "before", "after", "step",
];

/// How many levels deep an expression may be.
const LEVELS_MAX: usize = 64;

/// Words that join others, and so are never part of a value.
const JOINS: [&str; 4] = ["and", "or", "implies", "not"];

impl FromStr for Situation {
    type Err = BadSituation;

    /// Reads a situation; see the table at the head of [`super::situation`].
    ///
    /// # Errors
    /// [`BadSituation`] for the first word that is none.
    fn from_str(given: &str) -> Result<Self, BadSituation> {
        let mut reader = Reader { line: given, tokens: tokens(given), at: 0, deep: 0 };
        let mut all = vec![reader.implication()?];
        while reader.sign(",") {
            all.push(reader.implication()?);
        }
        reader.end()?;
        Ok(Self { all })
    }
}

/// A word or a sign, and where it stands.
#[derive(Clone, Debug)]
struct Token {
    text: String,
    span: Range<usize>,
    word: bool,
}

fn tokens(line: &str) -> Vec<Token> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut tokens: Vec<Token> = Vec::new();
    for (start, c) in line.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        let end = start + c.len_utf8();
        let word = part(c);
        let goes_on = tokens.last().is_some_and(|last| {
            let sign = last.text.as_str();
            last.span.end == start
                && last.word == word
                && (word || c == '=' && matches!(sign, "!" | "<" | ">"))
        });
        match tokens.last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.text.push(c);
                last.span.end = end;
            }
            None => tokens.push(Token { text: c.to_string(), span: start..end, word }),
        }
    }
    tokens
}

struct Reader<'a> {
    line: &'a str,
    tokens: Vec<Token>,
    at: usize,
    /// How many parts stand around the one that is read.
    deep: usize,
}

type Read<T> = Result<T, BadSituation>;

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Takes this sign, if it comes next.
    fn sign(&mut self, sign: &str) -> bool {
        let is = self.peek().is_some_and(|token| !token.word && token.text == sign);
        self.at += usize::from(is);
        is
    }

    /// Takes this word, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let is = |token: &Token| token.word && token.text.eq_ignore_ascii_case(word);
        let is = self.peek().is_some_and(is);
        self.at += usize::from(is);
        is
    }

    /// One level further in, so far as people write: whoever walks an expression does so level by level.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.deep == LEVELS_MAX {
            let given = self.peek().map_or_else(String::new, |token| token.text.clone());
            let error = bad(&given, "thing that is read so many levels deep", &["it flatter"]);
            return Err(self.placed(error, self.span(self.at)));
        }
        self.deep += 1;
        let read = read(self);
        self.deep -= 1;
        read
    }

    fn implication(&mut self) -> Read<Expr> {
        let when = self.some()?;
        if self.word("implies") {
            let then = self.deeper(Self::implication)?;
            return Ok(Expr::Implies(Box::new(when), Box::new(then)));
        }
        Ok(when)
    }

    fn some(&mut self) -> Read<Expr> {
        let mut some = vec![self.all()?];
        while self.word("or") {
            some.push(self.all()?);
        }
        Ok(if some.len() == 1 { some.remove(0) } else { Expr::Or(some) })
    }

    fn all(&mut self) -> Read<Expr> {
        let mut all = vec![self.one()?];
        while self.word("and") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::And(all) })
    }

    fn one(&mut self) -> Read<Expr> {
        if self.word("not") {
            return Ok(Expr::Not(Box::new(self.deeper(Self::one)?)));
        }
        if self.sign("(") {
            return self.deeper(Self::closed);
        }
        let begin = self.at;
        let key = self.run();
        let key_span = self.span(begin);
        let single = self.at == begin + 1;
        if single && self.sign("(") {
            let side = match key.as_str() {
                "count" => return self.count().map(Expr::Is),
                "before" => Side::Before,
                "after" => Side::After,
                _ => {
                    return Err(
                        self.placed(bad(&key, "thing that can be asked about", &KEYS), key_span)
                    );
                }
            };
            return Ok(Expr::At(side, Box::new(self.deeper(Self::closed)?)));
        }
        let Some(order) = self.order() else {
            let condition = bare(&key).map_err(|error| self.placed(error, key_span))?;
            return Ok(Expr::Is(condition));
        };
        let value_at = self.at;
        if let Some(who) = key.strip_suffix(".version") {
            let who = versioned(who).map_err(|error| self.placed(error, key_span))?;
            let given = self.run();
            let against =
                against(&given).map_err(|error| self.placed(error, self.span(value_at)))?;
            return Ok(Expr::Is(Condition::Version(who, order, against)));
        }
        let given = self.run();
        let is = match order {
            Order::Is => true,
            Order::IsNot => false,
            Order::Less | Order::AtMost | Order::More | Order::AtLeast => {
                let error = bad(order.sign(), "sign between these", &["=", "!="]);
                return Err(self.placed(error, self.tokens[value_at - 1].span.clone()));
            }
        };
        let expr = condition(&key, &given).map_err(|error| {
            let span = if KEYS.contains(&key.as_str()) || who_of(&key).is_ok() {
                self.span(value_at)
            } else {
                key_span
            };
            self.placed(error, span)
        })?;
        Ok(if is { expr } else { Expr::Not(Box::new(expr)) })
    }

    /// What stands within parentheses, of which the first was taken.
    fn closed(&mut self) -> Read<Expr> {
        let mut all = vec![self.implication()?];
        while self.sign(",") {
            all.push(self.implication()?);
        }
        self.close()?;
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::And(all) })
    }

    fn close(&mut self) -> Read<()> {
        if self.sign(")") {
            return Ok(());
        }
        let given = self.peek().map_or_else(String::new, |token| token.text.clone());
        let error = bad(&given, "end of what stands in parentheses", &[")"]);
        Err(self.placed(error, self.span(self.at)))
    }

    /// `ERROR) >= 2`, after `count(`.
    fn count(&mut self) -> Read<Condition> {
        let begin = self.at;
        let given = self.run();
        let look = look(&given).map_err(|error| self.placed(error, self.span(begin)))?;
        self.close()?;
        let signs = Order::ALL.map(Order::sign);
        let at = self.at;
        let Some(order) = self.order() else {
            let given = self.peek().map_or_else(String::new, |token| token.text.clone());
            return Err(self.placed(bad(&given, "comparison", &signs), self.span(at)));
        };
        let at = self.at;
        let given = self.run();
        let number = given
            .parse()
            .map_err(|_| self.placed(bad(&given, "number", &["0", "1", "2"]), self.span(at)))?;
        Ok(Condition::Count(look, order, number))
    }

    fn order(&mut self) -> Option<Order> {
        Order::ALL.into_iter().find(|order| self.sign(order.sign()))
    }

    /// Words that stand together and join nothing, in small letters but for the value that they are.
    fn run(&mut self) -> String {
        let mut words = Vec::new();
        while let Some(token) = self.peek() {
            let joins = JOINS.iter().any(|join| token.text.eq_ignore_ascii_case(join));
            if !token.word || joins {
                break;
            }
            words.push(token.text.clone());
            self.at += 1;
        }
        let all = words.join(" ");
        // A key is read in small letters, a value in any.
        if self.peek().is_some_and(|next| !next.word && !matches!(next.text.as_str(), ")" | ",")) {
            all.to_lowercase()
        } else {
            all
        }
    }

    /// From the token at this place to the last that was taken; at the end of the line behind it.
    fn span(&self, begin: usize) -> Range<usize> {
        let first = self.tokens.get(begin).map(|token| token.span.clone());
        let Some(first) = first else { return self.line.len()..self.line.len() };
        let last = self.tokens.get(self.at.saturating_sub(1).max(begin));
        first.start..last.map_or(first.end, |token| token.span.end)
    }

    fn placed(&self, error: BadSituation, span: Range<usize>) -> BadSituation {
        let place = Place { line: self.line.to_owned(), span };
        BadSituation { place: Some(Box::new(place)), ..error }
    }

    fn end(&self) -> Read<()> {
        let Some(token) = self.peek() else { return Ok(()) };
        let choices = ["and", "or", "implies", "a comma"];
        Err(self.placed(
            bad(&token.text, "word that joins two conditions", &choices),
            token.span.clone(),
        ))
    }
}

/// What is asked of a key.
fn condition(key: &str, value: &str) -> Result<Expr, BadSituation> {
    let yes_or_no = || {
        let words = [("yes", true), ("no", false)];
        one_of(value, "answer", words.map(|(word, is)| (word.into(), is)))
    };
    let is = match key {
        "status" => Condition::Status(status(value)?),
        "mode" => {
            let words = [Mode::On, Mode::Off].map(|mode| (mode.to_string(), mode));
            Condition::Mode(one_of(value, "mode", words)?)
        }
        "origin" if value.eq_ignore_ascii_case("none") => Condition::Origin(None),
        "origin" => {
            let none = || bad(value, "version", &["none", "v0", "v1"]);
            Condition::Origin(Some(version(value).ok_or_else(none)?))
        }
        "served" => Condition::Served(yes_or_no()?),
        "pending" => Condition::Pending(yes_or_no()?),
        "settled" => Condition::Settled(yes_or_no()?),
        "step" => return takes(value),
        _ => Condition::Node(who_of(key)?, look(value)?),
    };
    Ok(Expr::Is(is))
}

/// `Approve`, `Stop n1`: a row of the table, and of which node.
fn takes(given: &str) -> Result<Expr, BadSituation> {
    let (row, id) = match given.rsplit_once(' ') {
        Some((row, last)) if node(&last.to_lowercase()).is_some() => {
            (row, node(&last.to_lowercase()))
        }
        _ => (given, None),
    };
    let mut rows = Transition::every(Profile::Finalization, 1, 2);
    rows.dedup_by_key(|row| row.name());
    // As guards have it: `ApproveWithTasks.status`.
    let known = rows.iter().find(|it| it.word().eq_ignore_ascii_case(row)).copied();
    let rows = rows.into_iter().map(|row| (row.name().replace(' ', "_"), row));
    known.map_or_else(|| one_of(row, "transition", rows), Ok).map(|row| Expr::Takes(row, id))
}

/// Whose version is compared: a node's.
fn versioned(who: &str) -> Result<Who, BadSituation> {
    who_of(who).map_err(|_| {
        let nodes = ["n1.version", "any.version", "all.version", "no.version"];
        let error = bad(&format!("{who}.version"), "version of a node", &nodes);
        // The origin is a version itself.
        let origin = (who == "origin").then(|| "origin=v0".to_owned());
        BadSituation { nearest: origin.or(error.nearest), ..error }
    })
}

fn who_of(key: &str) -> Result<Who, BadSituation> {
    match key {
        "any" => Ok(Who::Any),
        "all" => Ok(Who::All),
        "no" => Ok(Who::No),
        _ => {
            node(key).map(Who::One).ok_or_else(|| bad(key, "thing that can be asked about", &KEYS))
        }
    }
}

/// `v1`, `origin` or `n2.version`.
fn against(given: &str) -> Result<Against, BadSituation> {
    let small = given.to_lowercase();
    let other = small.strip_suffix(".version").and_then(node).map(Against::Node);
    match version(given).map(Against::Version).or(other) {
        Some(against) => Ok(against),
        None if small == "origin" => Ok(Against::Origin),
        None => Err(bad(given, "version", &["origin", "v0", "v1", "n2.version"])),
    }
}

/// A word alone is the cluster's status; the message shows the other forms too.
fn bare(given: &str) -> Result<Condition, BadSituation> {
    status(given).map(Condition::Status).map_err(|mut error| {
        error.kind = "situation";
        error.choices.extend([
            "or conditions such as `mode=on`".into(),
            "`n2=ERROR`".into(),
            "`any=OFFLINE v1`".into(),
            "`count(ERROR) >= 2`".into(),
        ]);
        error
    })
}

fn status(given: &str) -> Result<ClusterStatus, BadSituation> {
    let words = ClusterStatus::ALL.map(|status| (status.to_string(), status));
    one_of(given, "cluster status", words)
}

/// `n2` or `node2`.
fn node(key: &str) -> Option<NodeId> {
    let number = key.strip_prefix("node").or_else(|| key.strip_prefix('n'))?;
    let number: u8 = number.parse().ok()?;
    (number > 0).then(|| NodeId::new(number))
}

/// `v1`.
fn version(given: &str) -> Option<Version> {
    let number = given.strip_prefix(['v', 'V'])?;
    number.parse().ok().map(Version)
}

/// `ACTIVE`, `v1`, `ACTIVE v1` or `StartingOut v1`.
fn look(given: &str) -> Result<Look, BadSituation> {
    let mut look = Look::default();
    for word in given.split_whitespace() {
        if let (Some(version), None) = (version(word), look.version) {
            look.version = Some(version);
        } else if look.shown.is_none() {
            look.shown = Some(shown(word)?);
        } else {
            return Err(bad(given, "node", &["one status", "one version", "or both"]));
        }
    }
    if look == Look::default() {
        return shown("").map(|_| look);
    }
    Ok(look)
}

fn shown(given: &str) -> Result<Shown, BadSituation> {
    // No phase is listed as DRAINING, so no state could be meant by it.
    let listed = (NodeStatus::ALL.into_iter())
        .filter(|status| !Phase::of(Some(*status)).is_empty())
        .map(|status| (status.to_string(), Shown::Listed(status)));
    let phases = (Phase::ALL.into_iter())
        // Of a word that is both, the one that the API shows is meant.
        .filter(|phase| {
            let listed = phase.listed().map(|status| status.to_string());
            listed.is_none_or(|listed| !listed.eq_ignore_ascii_case(&phase.to_string()))
        })
        .map(|phase| (phase.to_string(), Shown::In(phase)));
    let others =
        [Shown::Joined, Shown::Serving, Shown::Upgraded].map(|shown| (shown.to_string(), shown));
    one_of(given, "node status", listed.chain(phases).chain(others))
}

fn one_of<T: Copy>(
    given: &str,
    kind: &'static str,
    words: impl IntoIterator<Item = (String, T)>,
) -> Result<T, BadSituation> {
    let words: Vec<(String, T)> = words.into_iter().collect();
    let folded = given.replace([' ', '-'], "_");
    let found = (words.iter()).find(|(word, _)| word.eq_ignore_ascii_case(&folded));
    found.map(|(_, is)| *is).ok_or_else(|| {
        let names: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
        bad(given, kind, &names)
    })
}

fn bad(given: &str, kind: &'static str, choices: &[&str]) -> BadSituation {
    // What is less like the word than this was hardly meant.
    const LIKE_ENOUGH: f64 = 0.5;
    let likeness = |word: &str| {
        strsim::normalized_damerau_levenshtein(&given.to_lowercase(), &word.to_lowercase())
    };
    let nearest = (choices.iter())
        .map(|word| (likeness(word), *word))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        // The first of several that are equally near: `max_by` would take the last.
        .rev()
        .max_by(|one, other| one.0.total_cmp(&other.0));
    BadSituation {
        place: None,
        given: given.to_owned(),
        kind,
        nearest: nearest.map(|(_, word)| word.to_owned()),
        choices: choices.iter().map(|word| (*word).to_owned()).collect(),
    }
}
