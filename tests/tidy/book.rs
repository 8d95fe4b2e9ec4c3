//! Is what is cited there? Sections and rules that code, traces and pages cite, in `model/SPEC.md` and `conformance/INTERFACE.md`;
//! and is the registry of rules what the specification says?
//!
//! A citation is read by its words (`section 7`, `sections 2 to 6`, `section 4, LB`, `the interface's "Traces"`), since people write
//! it for people. That the cited place says what the citer claims is left to the reader.

use std::collections::BTreeMap;

use zdu_model::spec::rule::{Basis, Rule};

use crate::source::{Source, files, none, planted, root};

const SPEC: &str = "model/SPEC.md";
const INTERFACE: &str = "conformance/INTERFACE.md";

/// Ids that tests ask for because they do not exist.
const UNKNOWN: [&str; 2] = ["MODE-44", "PROC-9"];

fn page(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("the page")
}

/// The text below each `## ` heading, by the heading.
fn chapters(page: &str) -> BTreeMap<&str, &str> {
    let chapters = page.split("\n## ").skip(1).filter_map(|chapter| {
        let (heading, text) = chapter.split_once('\n')?;
        // What stands in brackets after a heading is no part of it.
        Some((heading.split(" (").next()?, text))
    });
    chapters.collect()
}

/// The text of each numbered section.
fn sections(spec: &str) -> BTreeMap<u32, &str> {
    let numbered =
        |(heading, text): (&str, _)| Some((heading.split_once('.')?.0.parse().ok()?, text));
    chapters(spec).into_iter().filter_map(numbered).collect()
}

/// The words of a text with the number of their line; marks of comments and quotations are no words.
fn words(text: &str) -> Vec<(usize, &str)> {
    let words_of = |(index, line): (usize, _)| {
        let line: &str = line;
        let line = line.trim_start();
        let mark = ["//!", "///", "//", "#"].into_iter().find(|mark| line.starts_with(mark));
        let line = &line[mark.map_or(0, str::len)..];
        line.split_whitespace().map(move |word| (index + 1, word)).collect::<Vec<_>>()
    };
    text.lines().enumerate().flat_map(words_of).collect()
}

/// What is quoted at the beginning of these words, if anything is.
fn quoted(words: &[(usize, &str)]) -> Option<String> {
    let rest: Vec<&str> = words.iter().take(12).map(|(_, word)| *word).collect();
    let rest = rest.join(" ");
    let rest = rest.strip_prefix('"').or_else(|| rest.strip_prefix("\\\""))?;
    Some(rest.split(['"', '\\']).next()?.trim_end_matches(['.', ',']).to_owned())
}

/// Sections of the specification that a file cites and that are not there, or lack what is quoted from them.
fn lost_sections(source: &Source, spec: &str) -> Vec<String> {
    let sections = sections(spec);
    let words = words(&source.text);
    let mut complaints = Vec::new();
    for (at, (line, word)) in words.iter().enumerate() {
        let word = word.trim_start_matches(['(', '"', '`', '[']).to_lowercase();
        if word != "section" && word != "sections" {
            continue;
        }
        let mut complain = |what: String| {
            complaints.push(format!("{}:{line}: {what}", source.path));
        };
        let mut next = at + 1;
        let mut last = None;
        while let Some((_, word)) = words.get(next) {
            let digits = word.chars().take_while(char::is_ascii_digit).count();
            if let Ok(number) = word[..digits].parse::<u32>() {
                if !sections.contains_key(&number) {
                    complain(format!("there is no section {number}"));
                }
                last = Some((number, &word[digits..]));
            } else if !matches!(*word, "and" | "or" | "to") {
                break;
            }
            next += 1;
        }
        let Some((number, ",")) = last else { continue };
        let text = sections.get(&number).copied().unwrap_or_default();
        if let Some(quoted) = quoted(&words[next..])
            && !text.to_lowercase().contains(&quoted.to_lowercase())
        {
            complain(format!("section {number} does not say \"{quoted}\""));
        }
        // A family of rules: `section 4, LB`.
        let family = words.get(next).map_or("", |(_, word)| word);
        let family = family.trim_end_matches(|c: char| !c.is_ascii_uppercase());
        if family.len() > 1
            && family.chars().all(|c| c.is_ascii_uppercase())
            && !text.contains(&format!("| {family}-"))
        {
            complain(format!("section {number} has no rules {family}"));
        }
    }
    complaints
}

/// Chapters of the interface that a file cites and that are not there.
fn lost_chapters(source: &Source, interface: &str) -> Vec<String> {
    let words = words(&source.text);
    let cited = words.iter().enumerate().filter(|(_, (_, word))| word.ends_with("interface's"));
    cited
        .filter_map(|(at, (line, _))| Some((line, quoted(&words[at + 1..])?)))
        .filter(|(_, heading)| !chapters(interface).contains_key(heading.as_str()))
        .map(|(line, heading)| {
            format!("{}:{line}: the interface has no \"{heading}\"", source.path)
        })
        .collect()
}

/// What looks like the id of a rule and is none.
fn lost_rules(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let tokens = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        for token in tokens {
            let Some((family, number)) = token.split_once('-') else { continue };
            let known = Rule::ALL.iter().any(|rule| rule.id().split('-').next() == Some(family));
            let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            if known && numbered && token.parse::<Rule>().is_err() && !UNKNOWN.contains(&token) {
                complaints.push(format!("{}:{}: there is no rule {token}", source.path, index + 1));
            }
        }
    }
    complaints
}

fn readable() -> Vec<Source> {
    let mut files = files(&[".rs", ".md", ".toml", ".json", ".html", ".yml"]);
    // Bad citations stand here, to be seen.
    files.retain(|source| source.path != "tests/tidy/book.rs");
    files
}

// Proves that whoever follows a citation finds something.
#[test]
fn what_is_cited_is_there() {
    let (spec, interface) = (page(SPEC), page(INTERFACE));
    assert_eq!(sections(&spec).len(), 8);
    let complaints = |source: &Source| {
        [lost_sections(source, &spec), lost_chapters(source, &interface), lost_rules(source)]
            .concat()
    };
    let sources = readable();
    none(&sources.iter().flat_map(complaints).collect::<Vec<_>>());
    // As the files do it, each part of a citation is seen to be wrong, also where the line breaks.
    for (good, bad, complaint) in [
        ("(section 8)", "(section 9)", "there is no section 9"),
        ("sections 2 to 6", "sections 2, 3 and 12", "there is no section 12"),
        ("the spec's\n//! section 1", "section\n//! 31.", "there is no section 31"),
        ("section 4, LB", "section 6, LB", "section 6 has no rules LB"),
        ("section 5, \"Liveness\"", "section 5, \"Joy\"", "section 5 does not say \"Joy\""),
        ("interface's \"Traces\"", "interface's \"Tracks\"", "the interface has no \"Tracks\""),
        ("MODE-8", "MODE-9", "there is no rule MODE-9"),
    ] {
        none(&complaints(&planted("a.rs", format!("//! See {good}"))));
        let found = complaints(&planted("a.rs", format!("//! See {bad}")));
        assert!(found.len() == 1 && found[0].ends_with(complaint), "{bad}: {found:?}");
    }
    let citing = sources.iter().filter(|source| source.text.contains("section ")).count();
    assert!(citing > 40, "only {citing} files cite a section");
}

/// `API-7`, `LB-1..4` and `FIN-1 to FIN-5` are ids.
fn ids(words: &str) -> Vec<String> {
    let words: Vec<&str> =
        words.split([' ', ',', '.', ';']).filter(|word| !word.is_empty()).collect();
    let mut ids = Vec::new();
    let span = |from: &str, to: &str| {
        let (family, first) = from.split_once('-').expect("an id");
        let last = to.rsplit('-').next().expect("a number");
        let (first, last): (u8, u8) =
            (first.parse().expect("a number"), last.parse().expect("a number"));
        (first..=last).map(|number| format!("{family}-{number}")).collect::<Vec<_>>()
    };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word.contains('-') {
            // The dots of `LB-1..4` are gone: a bare number goes on from the id before it.
            match (words.get(at + 1), words.get(at + 2)) {
                (Some(&"to"), Some(last)) => {
                    ids.extend(span(word, last));
                    at += 2;
                }
                (Some(last), _) if last.parse::<u8>().is_ok() => {
                    ids.extend(span(word, last));
                    at += 1;
                }
                _ => ids.push((*word).to_owned()),
            }
        }
        at += 1;
    }
    ids
}

/// Every rule of the specification's tables with its basis, in their order.
fn rules_of(spec: &str) -> Vec<(String, Basis)> {
    let sections = sections(spec);
    let text = [sections[&4], sections[&6]].concat();
    let bases = text.lines().find_map(|line| line.strip_prefix("Basis: ")).expect("the bases");
    let mut basis = BTreeMap::new();
    for part in bases.split(';') {
        let of = if part.contains("`assumed`") { Basis::Assumed } else { Basis::Reference };
        basis.extend(ids(part).into_iter().map(|id| (id, of)));
    }
    text.lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
        .filter(|(id, _)| id.contains('-') && id.starts_with(|c: char| c.is_ascii_uppercase()))
        .flat_map(|(id, _)| ids(id))
        .map(|id| {
            let of = basis.get(&id).copied().unwrap_or(Basis::Page);
            (id, of)
        })
        .collect()
}

fn registry() -> Vec<(String, Basis)> {
    Rule::ALL.iter().map(|rule| (rule.id().to_owned(), rule.basis())).collect()
}

// Proves that the registry has the specification's rules, no other ones, in its order and with its bases.
#[test]
fn the_registry_is_the_specifications_table() {
    let spec = page(SPEC);
    assert_eq!(rules_of(&spec), registry());
    for (from, to) in [("| API-7 |", "| API-17 |"), ("for API-8, ", "for "), ("LB-1..4", "LB-1..3")]
    {
        assert!(spec.contains(from), "{from}");
        assert_ne!(rules_of(&spec.replace(from, to)), registry(), "{to}");
    }
}

/// Files that a page names, in backticks or as a link, and that are not there.
fn lost_files(page: &Source) -> Vec<String> {
    let rooms = ["model/", "conformance/", "tests/", "traces/", ".ci/", ".github/"];
    // Blocks of code speak of other people's files.
    let text: String = page.text.split("```").step_by(2).collect();
    let named = text.split(['`', '(', ')', ' ', ',', ';', ':', '\n']);
    let paths = named.map(|path| path.trim_start_matches("../")).filter(|path| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        rooms.iter().any(|room| path.starts_with(room)) && path.chars().all(plain)
    });
    paths
        .map(|path| path.trim_end_matches('.'))
        .filter(|path| !root().join(path).exists())
        .map(|path| format!("{}: there is no {path}", page.path))
        .collect()
}

// Proves that the pages lead somewhere: the files that they name are there.
#[test]
fn the_files_that_a_page_names_are_there() {
    let pages = files(&[".md"]);
    assert!(pages.len() >= 5, "{}", pages.len());
    none(&pages.iter().flat_map(lost_files).collect::<Vec<_>>());
    let bad = planted("README.md", "See `model/src/nowhere.rs`, [here](../model/SPEC.md).");
    assert_eq!(lost_files(&bad), ["README.md: there is no model/src/nowhere.rs"]);
}

// Proves that a release is not cut without saying what changed.
#[test]
fn the_changelog_knows_the_version() {
    let changes = page("conformance/CHANGELOG.md");
    let version = chapters(&changes).contains_key(env!("CARGO_PKG_VERSION"));
    assert!(version, "{} has no chapter", env!("CARGO_PKG_VERSION"));
}
