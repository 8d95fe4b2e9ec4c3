//! How is a run told in a browser? As one HTML file that needs nothing else: no script, no font, no request.
//!
//! Folding is `<details>`, filtering is CSS over check boxes, so the file reads the same with scripts off, in a mail
//! attachment or out of a CI artefact. Every text goes through the escaping of `maud` after [`clean`]; a content security
//! policy forbids scripts and requests should anything mutant through all the same.

mod findings;
mod rules;
mod timeline;
mod traces;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::next::next;
use super::words::{self, clean, clean_line, counted, mark};
use crate::told::{Report, Verdict};

/// Nothing is loaded and nothing is run; the style stands in the file.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The report as one HTML file.
#[must_use]
pub fn render(report: &Report) -> String {
    let title = format!("zdu: {} – {}", report.verdict, report.target);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="robots" content="noindex";
                title { (clean_line(&title)) }
                // Without an icon of its own a browser asks the server for one.
                link rel="icon" href="data:,";
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                (head(report))
                main {
                    (rules::section(report))
                    (waivers(report))
                    (not_run(report))
                    (traces::section(report))
                }
                footer {
                    "zdu " (env!("CARGO_PKG_VERSION")) " · " (clean_line(&report.schema))
                    " · times in a timeline count from the start of its trace"
                }
            }
        }
    }
    .into_string()
}

/// The run's verdict as one of a trace's, for mark and colour.
const fn tone(report: &Report) -> Verdict {
    match report.exit_code {
        0 => Verdict::Pass,
        1 => Verdict::Deviates,
        _ => Verdict::Timeout,
    }
}

fn head(report: &Report) -> Markup {
    let tone = tone(report);
    let facts = [
        ("profile", report.profile.to_string()),
        ("layout", report.layout.map_or("unknown", crate::layout::Layout::name).to_owned()),
        ("nodes", report.nodes.to_string()),
        ("versions", report.versions.join(" → ")),
        ("begun", report.started.clone()),
        ("took", words::seconds(report.seconds)),
    ];
    html! {
        header class={ "v-" (tone) } {
            div .verdict {
                span .mark aria-hidden="true" { (mark(tone)) }
                h1 { (clean_line(&report.verdict)) }
                span .exit { "exit code " (report.exit_code) }
            }
            p .means { (words::exit_text(report)) }
            p .target { (clean_line(&report.target)) }
            @if let Some(reason) = &report.unreachable {
                p .alarm { "The target cannot be reached: " (clean_line(reason)) }
            }
            @if report.interrupted {
                p .alarm { "Interrupted: what follows is a part of the run." }
            }
            dl .facts {
                @for (name, value) in facts {
                    div { dt { (name) } dd { (clean_line(&value)) } }
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
                                tr .stale[words::is_stale(waiver)] {
                                    td .id { (waiver.rule) }
                                    td { (words::waiver_words(waiver)) }
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
    html! {
        @if !report.skipped.is_empty() {
            section {
                h2 { "Not run " span .faint { (counted(report.skipped.len(), "trace")) } }
                ul .reasons {
                    @for (reason, names) in words::skips_by_reason(report) {
                        li {
                            strong { (names.len()) } " " (clean(reason))
                            div .faint { (clean_line(&names.join(", "))) }
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

/// A sentence whose words between backticks are code.
fn prose(text: &str) -> Markup {
    let text = clean(text);
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
