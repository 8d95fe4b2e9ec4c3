//! The picture of a load: a bar a second, a colour a node, failures in red; one file that needs nothing else.

use maud::{DOCTYPE, Markup, html};

use super::{Load, Second};

/// How wide a second is, and how high the highest bar.
const WIDTH: usize = 8;
const HEIGHT: usize = 160;

/// The nodes' colours, told apart also by who sees few colours; failures have one of their own.
const COLOURS: [&str; 6] = ["#4477aa", "#66ccee", "#228833", "#ccbb44", "#aa3377", "#bbbbbb"];
const FAILED: &str = "#cc3311";

/// The page.
#[must_use]
pub fn page(load: &Load) -> String {
    let nodes: Vec<&String> = load.total.answers.keys().collect();
    let colour = |node: &String| {
        let at = nodes.iter().position(|one| *one == node).unwrap_or(0);
        COLOURS[at % COLOURS.len()]
    };
    let failed = format!("{} of {} requests failed", load.failed, load.requests);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "zdu load: " (failed) }
                style { "body{font:15px system-ui,sans-serif;margin:2em}svg{background:#f7f7f7}td{padding-right:2em}i{display:inline-block;width:1em;height:1em;margin-right:.5em}" }
            }
            body {
                h1 { (failed) }
                p { (load.url) }
                p {
                    "The longest time without an answer: " (load.longest_gap_ms) " ms, from second "
                    (load.longest_gap_at_ms / 1000) " on. The slowest answer took " (load.slowest_ms) " ms."
                }
                div style="overflow-x:auto" { (bars(load, colour)) }
                p { "A bar is a second." }
                table {
                    @for (node, count) in &load.total.answers {
                        tr { td { i style={ "background:" (colour(node)) } {} (node) } td { (count) } }
                    }
                    @for (what, count) in &load.total.failures {
                        tr { td { i style={ "background:" (FAILED) } {} "failed: " (what) } td { (count) } }
                    }
                }
            }
        }
    }
    .into_string()
}

fn bars(load: &Load, colour: impl Fn(&String) -> &'static str) -> Markup {
    let sum =
        |second: &Second| second.answers.values().chain(second.failures.values()).sum::<usize>();
    let most = load.seconds.iter().map(sum).max().unwrap_or(0).max(1);
    let width = load.seconds.len().max(1) * WIDTH;
    let mut rects = Vec::new();
    for (at, second) in load.seconds.iter().enumerate() {
        let failures = second.failures.iter().map(|(what, count)| (what, *count, FAILED));
        let answers = second.answers.iter().map(|(node, count)| (node, *count, colour(node)));
        let mut below = 0;
        for (what, count, colour) in failures.chain(answers) {
            let height = count * HEIGHT / most;
            below += height;
            let title = format!("{what}: {count} in second {at}");
            rects.push((at * WIDTH, HEIGHT.saturating_sub(below), height.max(1), colour, title));
        }
    }
    html! {
        svg width=(width) height=(HEIGHT) role="img" aria-label="answers a second, by node and outcome" {
            @for (x, y, height, colour, title) in rects {
                rect x=(x) y=(y) width=(WIDTH - 1) height=(height) fill=(colour) { title { (title) } }
            }
        }
    }
}
