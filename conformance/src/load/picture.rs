//! The picture of a load: a bar a second, a colour a node, failures in red, and below them who was out of rotation; one file that needs
//! nothing else.

use maud::{DOCTYPE, Markup, html};

use super::{Load, Second};
use crate::words;

/// How wide a second is, and how high the highest bar.
const WIDTH: usize = 8;
const HEIGHT: usize = 160;

/// How high a line is: of numbers, or of a member's times out of rotation.
const LINE: usize = 14;

/// How many seconds lie between two numbers.
const TICK: usize = 10;

/// What the beginning is set off by, so that the highest bar's number has room.
const LEFT: usize = 40;

/// Room for who was out of rotation.
const RIGHT: usize = 300;

/// The nodes' colours, told apart also by who sees few colours; failures have one of their own.
const COLOURS: [&str; 6] = ["#4477aa", "#66ccee", "#228833", "#ccbb44", "#aa3377", "#bbbbbb"];
const FAILED: &str = "#cc3311";
const OUT: &str = "#555555";

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
                style { "body{font:15px system-ui,sans-serif;margin:2em}svg{background:#f7f7f7;padding:.5em}svg text{font-size:11px}td{padding-right:2em}i{display:inline-block;width:1em;height:1em;margin-right:.5em}" }
            }
            body {
                h1 { (failed) }
                p { (load.url) }
                p { (words::slowest(load)) }
                div style="overflow-x:auto" { (bars(load, colour)) }
                p { "A bar is a second; a grey line, a node out of rotation." }
                @for line in words::turns(load) { p { (line) } }
                table {
                    @for (node, count) in &load.total.answers {
                        tr { td { i style={ "background:" (colour(node)) } {} (node) } td { (count) } }
                    }
                    @for (what, count) in &load.total.failures {
                        tr { td { i style={ "background:" (FAILED) } {} (words::failure(what)) } td { (count) } }
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
    let mut members: Vec<&String> = Vec::new();
    for turn in &load.turns {
        if !members.contains(&&turn.member) {
            members.push(&turn.member);
        }
    }
    let right = if members.is_empty() { LEFT } else { RIGHT };
    let strip = |at: usize| HEIGHT + LINE * (at + 2);
    let place = |ms: u64| LEFT + usize::try_from(ms).unwrap_or(usize::MAX / WIDTH) * WIDTH / 1000;
    let end = u64::try_from(load.seconds.len()).unwrap_or(0) * 1000;
    let whole = strip(members.len());
    html! {
        svg width=(LEFT + width + right) height=(whole) role="img" aria-label="answers a second, by node and outcome" {
            text x="0" y=(LINE) { (most) "/s" }
            @for (x, y, height, colour, title) in rects {
                rect x=(LEFT + x) y=(y) width=(WIDTH - 1) height=(height) fill=(colour) { title { (title) } }
            }
            @for second in (0..=load.seconds.len()).step_by(TICK) {
                text x=(LEFT + second * WIDTH) y=(HEIGHT + LINE) { (second) " s" }
            }
            @for (at, member) in members.iter().enumerate() {
                @for turn in load.turns.iter().filter(|turn| turn.member == **member) {
                    @let (from, until) = (place(turn.from_ms), place(turn.back_ms.unwrap_or(end)));
                    rect x=(from) y=(strip(at) - LINE + 4) width=(until.saturating_sub(from).max(2)) height=(LINE - 4) fill=(OUT) {
                        title { (turn.member) " out of rotation" }
                    }
                    text x=(until + 4) y=(strip(at)) { (turn.member) " out of rotation" }
                }
            }
        }
    }
}
