//! How does the cost grow with the number of nodes? (`cargo run --release -p zdu-model --example growth [FILE]`)
//!
//! Explores N = 1..6 at two versions with the explicit engine, and N = 1..5 with stateright, prints time and peak memory,
//! and draws both as SVG, to `model/growth.svg` unless a file is named. Peak memory is the system's own count for the
//! whole process (`VmHWM`), where it keeps one. It never falls, so each size is larger than what ran before it, and
//! stateright, which needs more, comes last.

use std::fmt::Write as _;
use std::time::Instant;

use zdu_model::checker::Stateright;
use zdu_model::engine::Engine;
use zdu_model::semantics::{Scope, Spec, System};
use zdu_model::space::Explicit;

/// One exploration.
struct Sample {
    nodes: usize,
    states: u64,
    seconds: f64,
    megabytes: Option<f64>,
}

fn main() -> std::io::Result<()> {
    let file = std::env::args().nth(1);
    let file = file.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/growth.svg").into());
    let explicit = series("explicit, 1 thread", &Explicit { threads: 1 }, 6);
    let both = series("explicit, 2 threads", &Explicit { threads: 2 }, 6);
    let stateright = series("stateright, 1 thread", &Stateright, 5);
    let svg = draw(&[
        ("explicit, 1 thread", "#0a6", &explicit),
        ("explicit, 2 threads", "#06c", &both),
        ("stateright, 1 thread", "#c40", &stateright),
    ]);
    std::fs::write(&file, svg)?;
    println!("drawn to {file}");
    Ok(())
}

fn series(name: &str, engine: &impl Engine<Spec>, nodes_max: usize) -> Vec<Sample> {
    println!("{name}");
    (1..=nodes_max)
        .map(|nodes| {
            let start = Instant::now();
            let system = System::spec(Scope::documented(nodes, 2));
            let found = engine.explore(system, &[], &[], &mut |_| {});
            let sample = Sample {
                nodes,
                states: found.states,
                seconds: start.elapsed().as_secs_f64(),
                megabytes: peak_megabytes(),
            };
            println!(
                "  N={nodes} {:>11} states {:>12} transitions {:>9.4} s  peak {}",
                found.states,
                found.transitions,
                sample.seconds,
                sample
                    .megabytes
                    .map_or_else(|| "unknown".to_owned(), |mb| format!("{mb:.1} MB")),
            );
            sample
        })
        .collect()
}

/// The most memory that this process ever held, where the system tells.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

type Series<'a> = (&'a str, &'a str, &'a [Sample]);

/// A panel of the drawing: values over the number of nodes, both scales by powers of ten.
struct Panel {
    left: f64,
    title: &'static str,
    least: f64,
    decades: f64,
    value: fn(&Sample) -> Option<f64>,
}

const TOP: f64 = 50.0;
const HEIGHT: f64 = 260.0;
const WIDTH: f64 = 300.0;

impl Panel {
    fn x(&self, nodes: usize) -> f64 {
        self.left + (nodes as f64 - 0.5) / 6.0 * WIDTH
    }

    fn y(&self, value: f64) -> f64 {
        TOP + HEIGHT * (1.0 - (value / self.least).log10() / self.decades)
    }
}

fn draw(all: &[Series<'_>]) -> String {
    let panels = [
        Panel {
            left: 70.0,
            title: "seconds",
            least: 1e-5,
            decades: 7.0,
            value: |sample| Some(sample.seconds),
        },
        Panel {
            left: 460.0,
            title: "peak memory of the process, MB",
            least: 1.0,
            decades: 4.0,
            value: |sample| sample.megabytes,
        },
    ];
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 400\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"800\" height=\"400\" fill=\"#fff\"/>\n\
         <text x=\"20\" y=\"22\" font-size=\"15\">All reachable states, two versions, by number of nodes</text>\n",
    );
    for panel in &panels {
        svg += &frame(panel);
        for (_, colour, samples) in all {
            svg += &line(panel, colour, samples);
        }
    }
    for (place, (name, colour, _)) in all.iter().enumerate() {
        let x = 70.0 + 200.0 * place as f64;
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"381\" r=\"4\" fill=\"{colour}\"/><text x=\"{}\" y=\"385\">{name}</text>",
            x + 10.0
        );
    }
    svg + "</svg>\n"
}

fn frame(panel: &Panel) -> String {
    let (left, right, bottom) = (panel.left, panel.left + WIDTH, TOP + HEIGHT);
    let mut svg = format!(
        "<text x=\"{left}\" y=\"{}\">{}</text>\n",
        TOP - 8.0,
        panel.title
    );
    for decade in 0..=panel.decades as i32 {
        let value = panel.least * 10_f64.powi(decade);
        let y = panel.y(value);
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 6.0,
            y + 4.0,
            (value * 1e5).round() / 1e5
        );
    }
    for (nodes, states) in [
        (1, "44"),
        (2, "742"),
        (3, "11.6 k"),
        (4, "178 k"),
        (5, "2.74 M"),
        (6, "42.2 M"),
    ] {
        let x = panel.x(nodes);
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">N={nodes}</text>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#777\">{states}</text>",
            bottom + 18.0,
            bottom + 34.0
        );
    }
    svg
}

fn line(panel: &Panel, colour: &str, samples: &[Sample]) -> String {
    let points: Vec<_> = samples
        .iter()
        .filter_map(|sample| {
            let value = (panel.value)(sample)?;
            Some((panel.x(sample.nodes), panel.y(value), value, sample.states))
        })
        .collect();
    let mut svg = String::new();
    let path: Vec<_> = points
        .iter()
        .map(|(x, y, ..)| format!("{x:.1},{y:.1}"))
        .collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        path.join(" ")
    );
    for (x, y, value, states) in points {
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\">\
             <title>{states} states: {value:.4} {}</title></circle>",
            panel.title
        );
    }
    svg
}
