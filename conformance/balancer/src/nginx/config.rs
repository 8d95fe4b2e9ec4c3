//! Where does an NGINX configuration name the servers of an upstream group, and how is one entry taken out or put back without
//! touching anything else?
//!
//! Reads the syntax alone (words, quotes, comments, blocks), with the place of each entry, so that an edit changes those bytes and
//! no others: comments, parameters, line ends and blanks stay as they are. An entry that is removed stays as a comment in its
//! place, so that whoever puts it back needs nothing but the file.

use std::ops::Range;

/// How an entry is taken out of rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// The entry is removed from the group, as the vendor's page says.
    #[default]
    Remove,
    /// The entry is marked `down`.
    Down,
}

/// What begins the comment that stands for a removed entry; with `+` the line break behind it is ours, too.
const MARK: &str = "#zdu-out: ";
const MARK_BROKEN: &str = "#zdu-out+: ";

/// What an entry of a group says of its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    In,
    Down,
    Removed,
}

/// An entry of the group: `server ADDRESS ...;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) address: String,
    pub(super) backup: bool,
    pub(super) state: State,
    /// The bytes of the directive with its semicolon, or of the comment that stands for it.
    range: Range<usize>,
}

/// What a file holds that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An entry of the group.
    Entry(Entry),
    /// Other files, by their pattern, and in which blocks they stand.
    Include(String, Vec<Vec<String>>),
    /// The group itself, though perhaps empty.
    Group,
    /// The file that holds the number of the master process.
    Pid(String),
}

/// A configuration that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) line: usize,
    pub(super) reason: &'static str,
}

/// Reads a file that is included in these blocks (none: the main file).
pub(super) fn read(
    text: &str,
    group: &str,
    within: &[Vec<String>],
) -> Result<Vec<Found>, Unreadable> {
    let within = within.to_vec();
    let mut reader = Reader { text, at: 0, group, floor: within.len(), within, found: Vec::new() };
    reader.whole()?;
    Ok(reader.found)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    group: &'a str,
    /// The blocks around, each by its words.
    within: Vec<Vec<String>>,
    /// How many of them other files opened.
    floor: usize,
    found: Vec<Found>,
}

impl Reader<'_> {
    fn wrong<T>(&self, reason: &'static str) -> Result<T, Unreadable> {
        let read = &self.text.as_bytes()[..self.at];
        let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
        Err(Unreadable { line, reason })
    }

    fn next(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn whole(&mut self) -> Result<(), Unreadable> {
        let (mut words, mut from) = (Vec::new(), 0);
        while let Some(next) = self.next() {
            match next {
                c if c.is_ascii_whitespace() => self.at += 1,
                '#' => self.comment(words.is_empty()),
                ';' => {
                    self.at += 1;
                    self.directive(&std::mem::take(&mut words), from..self.at);
                }
                '{' => {
                    self.at += 1;
                    self.open(std::mem::take(&mut words))?;
                }
                '}' if !words.is_empty() => return self.wrong("a directive without `;`"),
                '}' if self.within.len() == self.floor => {
                    return self.wrong("a `}` that nothing opened");
                }
                '}' => {
                    self.at += 1;
                    self.within.pop();
                }
                _ => {
                    if words.is_empty() {
                        from = self.at;
                    }
                    words.push(self.word()?);
                }
            }
        }
        match words.is_empty() {
            false => self.wrong("a directive without `;`"),
            true if self.within.len() > self.floor => self.wrong("a `{` that nothing closes"),
            true => Ok(()),
        }
    }

    fn open(&mut self, words: Vec<String>) -> Result<(), Unreadable> {
        if words.first().is_some_and(|name| name.ends_with("_by_lua_block")) {
            return self.skip_code();
        }
        self.within.push(words);
        if self.in_group() {
            self.found.push(Found::Group);
        }
        Ok(())
    }

    /// Skips a block of another language, whose braces are taken to be paired.
    fn skip_code(&mut self) -> Result<(), Unreadable> {
        let mut open = 1;
        while let Some(next) = self.next() {
            self.at += next.len_utf8();
            match next {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Ok(());
            }
        }
        self.wrong("a `{` that nothing closes")
    }

    /// Whether what comes next stands in the group itself: `upstream` within `http`, and not within `stream`.
    fn in_group(&self) -> bool {
        let names = |block: &Vec<String>| {
            block.iter().map(String::as_str).collect::<Vec<_>>() == ["upstream", self.group]
        };
        let stream =
            self.within.iter().any(|block| block.first().is_some_and(|name| name == "stream"));
        self.within.last().is_some_and(names) && !stream
    }

    fn comment(&mut self, between: bool) {
        let rest = &self.text[self.at..];
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = &rest[..length];
        let marked = line.strip_prefix(MARK).or_else(|| line.strip_prefix(MARK_BROKEN));
        if let (true, true, Some(kept)) = (between, self.in_group(), marked) {
            // The line break is ours where we made it.
            let ours = usize::from(line.starts_with(MARK_BROKEN) && length < rest.len());
            let range = self.at..self.at + length + ours;
            let text = unescaped(kept);
            let mut inner = Reader {
                text: &text,
                at: 0,
                found: Vec::new(),
                within: self.within.clone(),
                ..*self
            };
            inner.floor = inner.within.len();
            // A mark that somebody changed into something else is a comment like others.
            if inner.whole().is_ok()
                && let [Found::Entry(entry)] = &inner.found[..]
            {
                self.found.push(Found::Entry(Entry {
                    state: State::Removed,
                    range,
                    ..entry.clone()
                }));
            }
        }
        self.at += length;
    }

    fn directive(&mut self, words: &[String], range: Range<usize>) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["include", pattern] => {
                self.found.push(Found::Include(pattern.to_owned(), self.within.clone()));
            }
            ["pid", file] if self.within.is_empty() => self.found.push(Found::Pid(file.to_owned())),
            ["server", address, ref parameters @ ..] if self.in_group() => {
                let state = if parameters.contains(&"down") { State::Down } else { State::In };
                self.found.push(Found::Entry(Entry {
                    address: address.to_owned(),
                    backup: parameters.contains(&"backup"),
                    state,
                    range,
                }));
            }
            _ => {}
        }
    }

    fn word(&mut self) -> Result<String, Unreadable> {
        let (mut word, mut before) = (String::new(), None);
        let quote = self.next().filter(|c| matches!(c, '"' | '\''));
        if quote.is_some() {
            self.at += 1;
        }
        while let Some(next) = self.next() {
            let ends = match quote {
                Some(quote) => next == quote,
                // `${name}` is part of a word.
                None if before == Some('$') && next == '{' => false,
                None => next.is_ascii_whitespace() || matches!(next, ';' | '{'),
            };
            if ends {
                if quote.is_some() {
                    self.at += 1;
                }
                return Ok(word);
            }
            self.at += next.len_utf8();
            word.push(next);
            before = Some(next);
            if next == '\\'
                && let Some(escaped) = self.next()
            {
                self.at += escaped.len_utf8();
                word.push(escaped);
            }
        }
        if quote.is_some() { self.wrong("a quote that nothing closes") } else { Ok(word) }
    }
}

/// The text with this entry out of rotation, or back in it; byte for byte the same elsewhere.
pub(super) fn changed(text: &str, entry: &Entry, out: Option<How>) -> String {
    let (before, rest) = text.split_at(entry.range.start);
    let (own, after) = rest.split_at(entry.range.len());
    match (entry.state, out) {
        (State::In, Some(How::Down)) => {
            let words = own.strip_suffix(';').unwrap_or(own).trim_end();
            format!("{before}{words} down{}{after}", &own[words.len()..])
        }
        (State::In, Some(How::Remove)) => {
            let line = after.find('\n').unwrap_or(after.len());
            let behind = after[..line].trim_start();
            if behind.is_empty() || behind.starts_with('#') {
                // What follows on the line becomes part of the comment, and comes back with it.
                let (with, after) = after.split_at(line);
                format!("{before}{MARK}{}{}{after}", escaped(own), escaped(with))
            } else {
                format!("{before}{MARK_BROKEN}{}\n{after}", escaped(own))
            }
        }
        (State::Down, None) => {
            // The last such word: the parameters' order does not matter to NGINX.
            let words = own.strip_suffix(';').unwrap_or(own);
            let is_word = |at: &(usize, &str)| {
                let edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
                edge(words[..at.0].chars().next_back()) && edge(words[at.0 + 4..].chars().next())
            };
            let Some((at, _)) = words.rmatch_indices("down").find(is_word) else {
                return text.to_owned();
            };
            format!("{before}{}{}{after}", words[..at].trim_end(), &own[at + 4..])
        }
        (State::Removed, None) => {
            let kept = own.strip_prefix(MARK).or_else(|| own.strip_prefix(MARK_BROKEN));
            let kept = kept.unwrap_or(own);
            let ours = own.starts_with(MARK_BROKEN);
            let kept = if ours { kept.strip_suffix('\n').unwrap_or(kept) } else { kept };
            format!("{before}{}{after}", unescaped(kept))
        }
        (State::In, None) | (State::Down | State::Removed, Some(_)) => text.to_owned(),
    }
}

/// On one line.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('\n', r"\n")
}

fn unescaped(text: &str) -> String {
    let (mut whole, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => whole.push('\n'),
                Some(other) => whole.push(other),
                None => whole.push('\\'),
            },
            (c, false) => whole.push(c),
        }
    }
    whole
}
