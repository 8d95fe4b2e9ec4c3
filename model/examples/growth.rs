//! How does the cost grow with the number of nodes? (`cargo run --release -p zdu-model --example growth [FILE]`)
//!
//! Explores N = 1..6 at two versions with the explicit engine, and N = 1..5 with stateright, prints time and peak memory,
//! and draws both as SVG, to `model/growth.svg` unless a file is named. Peak memory is the system's own count for a whole
//! process (`VmHWM`), where it keeps one; since that never falls, each exploration is a process of its own: this program
//! again, with an engine's name and a number of nodes.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Instant;

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::Engine;
use zdu_model::check::space::Explicit;
use zdu_model::spec::semantics::{Scope, Spec, System};

/// Each engine's name, its colour, and how many nodes it is asked for.
const ENGINES: [(&str, &str, usize); 3] = [
    ("explicit, 1 thread", "#0a6", 6),
    ("explicit, 2 threads", "#06c", 6),
    ("stateright, 1 thread", "#c40", 5),
];

/// One exploration.
struct Sample {
    nodes: usize,
    states: u64,
    seconds: f64,
    megabytes: Option<f64>,
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [name, nodes] = arguments.as_slice() {
        explore(name, nodes.parse().unwrap_or(1));
        return Ok(());
    }
    let file = arguments.into_iter().next();
    let file = file.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/growth.svg").into());
    let mut all = Vec::new();
    for (name, colour, nodes_max) in ENGINES {
        println!("{name}");
        let samples: std::io::Result<Vec<_>> = (1..=nodes_max).map(|n| sample(name, n)).collect();
        all.push((name, colour, samples?));
    }
    std::fs::write(&file, draw(&all))?;
    println!("drawn to {file}");
    Ok(())
}

/// Explores, and prints what [`sample`] reads.
fn explore(name: &str, nodes: usize) {
    let engine: &dyn Engine<Spec> = match name {
        "explicit, 1 thread" => &Explicit { threads: 1 },
        "explicit, 2 threads" => &Explicit { threads: 2 },
        _ => &Stateright,
    };
    let start = Instant::now();
    let system = System::spec(Scope::documented(nodes, 2));
    let found = engine.explore(system, &[], &[], &mut |_| {});
    let seconds = start.elapsed().as_secs_f64();
    let peak = peak_megabytes().unwrap_or(f64::NAN);
    println!("{} {} {seconds} {peak}", found.states, found.transitions);
}

/// Explores in a process of its own.
fn sample(name: &str, nodes: usize) -> std::io::Result<Sample> {
    let this = std::env::current_exe()?;
    let output = Command::new(this).args([name, &nodes.to_string()]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let values: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [states, transitions, seconds, peak] = values[..] else {
        return Err(std::io::Error::other(format!("{name} at N={nodes} says {text:?}")));
    };
    println!(
        "  N={nodes} {states:>11} states {transitions:>12} transitions {seconds:>9.4} s  peak {peak:>6.1} MB"
    );
    Ok(Sample {
        nodes,
        states: states as u64,
        seconds,
        megabytes: (!peak.is_nan()).then_some(peak),
    })
}

/// The most memory that this process ever held, where the system tells.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

type Series = (&'static str, &'static str, Vec<Sample>);

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

fn draw(all: &[Series]) -> String {
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
    let mut svg = format!("<text x=\"{left}\" y=\"{}\">{}</text>\n", TOP - 8.0, panel.title);
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
    for (nodes, states) in
        [(1, "44"), (2, "742"), (3, "11.6 k"), (4, "178 k"), (5, "2.74 M"), (6, "42.2 M")]
    {
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
    let path: Vec<_> = points.iter().map(|(x, y, ..)| format!("{x:.1},{y:.1}")).collect();
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
