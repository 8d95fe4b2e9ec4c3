//! How is a run told in a browser? As one HTML file that needs nothing else: no script, no font, no request.
//!
//! Folding is `<details>`, filtering is CSS over check boxes, so the file reads the same with scripts off, in a mail
//! attachment or out of a CI artefact. Every text goes through the escaping of `maud`; a content security policy forbids
//! scripts and requests should anything slip through all the same.

mod bugs;
mod rules;
mod timeline;
mod traces;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::next::next;
use super::tone::{self, mark};
use crate::verdict::{Report, Verdict};
use crate::words::{counted, seconds, silence};

/// Nothing is loaded and nothing is run; the style stands in the file.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The report as one HTML file.
#[must_use]
pub fn render(report: &Report) -> String {
    let bugs = super::bugs::bugs(report);
    let label = report.label.as_ref().map_or_else(String::new, |label| format!("{label} on "));
    let body = html! {
        (head(report))
        main {
            (bugs::section(report, &bugs))
            (rules::section(report, &bugs))
            (waivers(report))
            (notes(report))
            (not_run(report))
            (traces::section(report, &bugs))
        }
        footer {
            "zdu " (report.tool) " · " (report.schema) " · " (report.environment.os) " " (report.environment.arch)
            " · times in a timeline count from the start of its trace"
        }
    };
    page(&format!("zdu: {} – {label}{}", report.verdict, report.target), &body)
}

/// A page that needs nothing but itself.
pub(super) fn page(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="robots" content="noindex";
                title { (title) }
                // Without an icon of its own a browser asks the server for one.
                link rel="icon" href="data:,";
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body { (body) }
        }
    }
    .into_string()
}

fn head(report: &Report) -> Markup {
    let tone = tone::tone(report.exit_code);
    let versions: Vec<String> = report.names.versions.iter().map(ToString::to_string).collect();
    let facts = [
        ("profile", tone::profile(report)),
        ("layout", report.layout.map_or("unknown", crate::layout::Layout::name).to_owned()),
        ("nodes", report.names.nodes.len().to_string()),
        ("versions", versions.join(" → ")),
        (
            "begun",
            report.resumed.as_ref().map_or_else(
                || report.started.clone(),
                |at| format!("{}, resumed {at}", report.started),
            ),
        ),
        ("took", seconds(report.seconds)),
        ("zdu", report.tool.clone()),
    ];
    html! {
        header class={ "v-" (tone) } {
            div .verdict {
                span .mark aria-hidden="true" { (mark(tone)) }
                h1 { (report.verdict) }
                span .exit { "exit code " (report.exit_code) }
            }
            p .means {
                (counted(report.tried(), "rule")) " of " (report.rules.len()) " tried, "
                (report.ran()) " of " (counted(report.traces.len(), "trace")) " run" (tone::lost(report)) ": "
                (tone::exit_text(report))
            }
            p .target {
                @if let Some(label) = &report.label { (label) " on " }
                (report.target)
            }
            @if let Some(why) = &report.unreachable {
                p .alarm { "The target cannot be reached: " (silence(why)) }
            }
            @if report.interrupted {
                p .alarm { "Interrupted: what follows is a part of the run." }
            }
            dl .facts {
                @for (name, value) in facts {
                    div { dt { (name) } dd { (value) } }
                }
                @if let Some(seed) = report.seed {
                    div { dt { "seed" } dd { (seed) } }
                }
            }
            (bar(report))
            @if let Some(next) = next(report) {
                p .next { "Next, to " (next.why) ":" }
                pre .cmd { (next.command) }
            }
        }
    }
}

/// The share of each verdict, and the same in numbers.
fn bar(report: &Report) -> Markup {
    let counts: Vec<(Verdict, usize)> =
        report.counts().into_iter().filter(|(_, count)| *count > 0).collect();
    html! {
        div .bar aria-hidden="true" {
            @for (verdict, count) in &counts {
                span class={ "v-" (verdict) } style={ "flex-grow:" (count) } {}
            }
        }
        p .counts {
            strong { (counted(report.traces.len(), "trace")) }
            @for (verdict, count) in &counts {
                span class={ "chip v-" (verdict) } {
                    span .mark aria-hidden="true" { (mark(*verdict)) } " " (count) " " (verdict)
                }
            }
            span .faint { (counted(report.steps(), "step")) }
        }
    }
}

fn waivers(report: &Report) -> Markup {
    html! {
        @if !report.waivers.is_empty() {
            section {
                h2 { "Waivers" }
                div .scroll {
                    table .list.waivers {
                        tbody {
                            @for waiver in &report.waivers {
                                tr .stale[waiver.is_stale()] {
                                    td .id { (waiver.rule) }
                                    td { (tone::waiver_words(waiver)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn notes(report: &Report) -> Markup {
    let notes = tone::notes(report);
    html! {
        @if !notes.is_empty() {
            section {
                h2 { "To be known" }
                div .scroll {
                    table .list.waivers {
                        tbody {
                            @for (label, words) in &notes {
                                tr {
                                    td .id { (label) }
                                    td { (words) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn not_run(report: &Report) -> Markup {
    let groups = tone::not_run(report);
    let count: usize = groups.iter().map(|(_, names)| names.len()).sum();
    html! {
        @if count > 0 {
            section {
                h2 { "Not run " span .faint { (counted(count, "trace")) } }
                ul .reasons {
                    @for (reason, names) in &groups {
                        li {
                            strong { (names.len()) } " " (reason)
                            div .faint {
                                @for (at, name) in names.iter().enumerate() {
                                    @if at > 0 { ", " } (name)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A verdict as a badge: mark, word and colour.
fn badge(verdict: Verdict) -> Markup {
    html! {
        span class={ "badge v-" (verdict) } {
            span .mark aria-hidden="true" { (mark(verdict)) } " " (verdict)
        }
    }
}

/// A sentence of ours whose words between backticks are code.
fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
