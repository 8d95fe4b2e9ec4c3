//! How do the statuses look on one page? A drawing laid out by hand: the upgrade goes clockwise, each arrow has a number,
//! and the numbers are explained beneath. Hand-laid because it is six boxes at most, and a reader should find each status
//! in the same place every time.

use std::fmt::Write as _;

use zdu_model::spec::cluster::ClusterStatus;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Kind;
use zdu_model::ways::statuses::{Cause, Statuses};

use crate::cli::steps::by;

const BOX_WIDTH: f64 = 256.0;
const BOX_HEIGHT: f64 = 58.0;
const WIDTH: f64 = 1180.0;
/// How far the two arrows between a pair of boxes are apart.
const APART: f64 = 15.0;
const BADGE: f64 = 11.0;
const LINE: f64 = 25.0;

/// Where a status stands: the centre of its box.
const fn place(status: ClusterStatus, six: bool) -> (f64, f64) {
    let right = 1012.0;
    let left = if six { 590.0 } else { 168.0 };
    match status {
        ClusterStatus::Stable => (left, 130.0),
        ClusterStatus::ReadyToUpgrade => (right, 130.0),
        ClusterStatus::Mixed => (right, 400.0),
        ClusterStatus::ReadyToRunUpgradeTasks => (left, 400.0),
        ClusterStatus::RunningUpgradeTasks => (168.0, 400.0),
        ClusterStatus::UpgradeTasksFailed => (168.0, 130.0),
    }
}

const fn class(status: ClusterStatus) -> &'static str {
    match status {
        ClusterStatus::Stable => "stable",
        ClusterStatus::ReadyToUpgrade => "ready",
        ClusterStatus::Mixed => "mixed",
        ClusterStatus::ReadyToRunUpgradeTasks => "done",
        ClusterStatus::RunningUpgradeTasks => "running",
        ClusterStatus::UpgradeTasksFailed => "failed",
    }
}

const STYLE: &str = "
  .page { fill: #ffffff; } text { font-family: system-ui, sans-serif; fill: #1c2430; }
  .title { font-size: 20px; font-weight: 600; } .small { font-size: 13px; fill: #5a6675; } .legend { font-size: 13px; }
  .name { font-size: 13px; font-weight: 600; text-anchor: middle; } .count { font-size: 12px; fill: #5a6675; text-anchor: middle; }
  .box { stroke-width: 1.5; } .stable { fill: #d3f0dc; stroke: #2f8f57; } .ready { fill: #d6e6fb; stroke: #3069b8; }
  .mixed { fill: #fde7c3; stroke: #b97a12; } .done { fill: #e4dcf8; stroke: #6b4fc0; } .running { fill: #d2eff2; stroke: #1f7f8c; }
  .failed { fill: #fbd9d7; stroke: #b8403a; }
  .edge { fill: none; stroke: #8390a0; stroke-width: 1.4; } .call { stroke: #1c2430; stroke-width: 2.4; } .head { fill: #8390a0; } .head.call { fill: #1c2430; stroke: none; }
  .badge { fill: #ffffff; stroke: #8390a0; stroke-width: 1.2; } .badge.call { fill: #1c2430; stroke: #1c2430; }
  .number { font-size: 11.5px; text-anchor: middle; } .number.call { fill: #ffffff; stroke: none; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #151a21; } text { fill: #e6ebf2; } .small, .count { fill: #9aa7b7; }
    .stable { fill: #17402a; stroke: #4bbf7d; } .ready { fill: #17325a; stroke: #6ba4f0; } .mixed { fill: #4a3510; stroke: #e0a63c; }
    .done { fill: #33266a; stroke: #a68df0; } .running { fill: #10414a; stroke: #4dbfce; } .failed { fill: #55211f; stroke: #ee7a73; }
    .edge { stroke: #7f8c9c; } .call { stroke: #e6ebf2; } .head { fill: #7f8c9c; } .head.call { fill: #e6ebf2; }
    .badge { fill: #151a21; } .badge.call { fill: #e6ebf2; stroke: #e6ebf2; } .number.call { fill: #151a21; }
  }";

/// An arrow: its corners, the tip last, and where its number stands.
struct Arrow {
    corners: Vec<(f64, f64)>,
    badge: (f64, f64),
}

/// Where a line leaves a box: from a point in the box, in a direction.
fn rim(centre: (f64, f64), from: (f64, f64), (dx, dy): (f64, f64)) -> (f64, f64) {
    let until = |half: f64, offset: f64, along: f64| {
        if along.abs() < 1e-9 { f64::INFINITY } else { (half * along.signum() - offset) / along }
    };
    let scale = until(BOX_WIDTH / 2.0 + 3.0, from.0 - centre.0, dx).min(until(
        BOX_HEIGHT / 2.0 + 3.0,
        from.1 - centre.1,
        dy,
    ));
    (from.0 + dx * scale, from.1 + dy * scale)
}

fn arrow(from: ClusterStatus, to: ClusterStatus, six: bool) -> Arrow {
    let (a, b) = (place(from, six), place(to, six));
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    if dy.abs() < 1.0 && dx.abs() > WIDTH / 2.0 && six {
        return around(a, b);
    }
    let length = dx.hypot(dy);
    // To the right of the way, so that the arrow back has a side of its own.
    let (sx, sy) = (-dy / length * APART, dx / length * APART);
    let start = rim(a, (a.0 + sx, a.1 + sy), (dx, dy));
    let end = rim(b, (b.0 + sx, b.1 + sy), (-dx, -dy));
    let diagonal = dx.abs() > 1.0 && dy.abs() > 1.0;
    // The numbers of crossing diagonals keep away from the middle.
    let at = if diagonal { 0.3 } else { 0.5 };
    Arrow {
        badge: (start.0 + (end.0 - start.0) * at, start.1 + (end.1 - start.1) * at),
        corners: vec![start, end],
    }
}

/// Past the box in the middle: under the lower row, over the upper one.
fn around(a: (f64, f64), b: (f64, f64)) -> Arrow {
    let side = if a.1 > 265.0 { 1.0 } else { -1.0 };
    // Those to the right and to the left have lanes of their own.
    let lane = if b.0 > a.0 { 20.0 } else { 34.0 };
    let (rim, far) =
        (a.1 + side * (BOX_HEIGHT / 2.0 + 3.0), a.1 + side * (BOX_HEIGHT / 2.0 + lane));
    Arrow {
        corners: vec![(a.0, rim), (a.0, far), (b.0, far), (b.0, rim)],
        badge: (f64::midpoint(a.0, b.0), far),
    }
}

/// Draws the statuses.
pub(super) fn draw(statuses: &Statuses, scope: Scope) -> String {
    let six = (statuses.states.keys()).any(|status| {
        matches!(status, ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed)
    });
    let legend_at = 492.0;
    let rows: usize = (statuses.edges.values()).map(|causes| explain(causes.iter()).len()).sum();
    let height = legend_at + 26.0 + rows as f64 * LINE + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Cluster statuses and what leads from one to the other\">\n<style>{STYLE}\n</style>\n<rect class=\"page\" \
         width=\"{WIDTH}\" height=\"{height}\"/>\n<text class=\"title\" x=\"40\" y=\"44\">Cluster status, and what changes it</text>\n\
         <text class=\"small\" x=\"40\" y=\"66\">{} nodes, {} versions, profile {}. Heavy arrows are API calls. An arrow means that some \
         state of that status has such a transition.</text>\n",
        scope.nodes,
        scope.versions,
        scope.profile.name()
    );
    for (index, ((from, to), causes)) in statuses.edges.iter().enumerate() {
        let call = causes.iter().any(|cause| cause.kind == Kind::Api);
        edge(&mut svg, &arrow(*from, *to, six), index + 1, call);
    }
    for (status, states) in &statuses.states {
        let (x, y) = place(*status, six);
        let _ = write!(
            svg,
            "<rect class=\"box {}\" x=\"{}\" y=\"{}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"10\"/>\n<text class=\"name\" \
             x=\"{x}\" y=\"{}\">{}</text>\n<text class=\"count\" x=\"{x}\" y=\"{}\">{states} states</text>\n",
            class(*status),
            x - BOX_WIDTH / 2.0,
            y - BOX_HEIGHT / 2.0,
            y - 2.0,
            status.word(),
            y + 17.0,
        );
    }
    let mut y = legend_at + 26.0;
    for (index, ((from, to), causes)) in statuses.edges.iter().enumerate() {
        let call = causes.iter().any(|cause| cause.kind == Kind::Api);
        badge(&mut svg, (54.0, y), index + 1, call);
        let _ =
            writeln!(svg, "<text class=\"legend\" x=\"78\" y=\"{}\">{from} → {to}</text>", y + 4.5);
        for line in explain(causes.iter()) {
            let _ =
                writeln!(svg, "<text class=\"small\" x=\"580\" y=\"{}\">{line}</text>", y + 4.5);
            y += LINE;
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// `operator: Stop, Kill (NODE-7, NODE-8)`: a line for each who does it.
fn explain<'a>(causes: impl Iterator<Item = &'a Cause>) -> Vec<String> {
    let mut groups: Vec<(Kind, Vec<&str>, Vec<&str>)> = Vec::new();
    for cause in causes {
        let at = match groups.iter().position(|(kind, ..)| *kind == cause.kind) {
            Some(at) => at,
            None => {
                groups.push((cause.kind, Vec::new(), Vec::new()));
                groups.len() - 1
            }
        };
        let (_, names, rules) = &mut groups[at];
        if !names.contains(&cause.name) {
            names.push(cause.name);
        }
        if !rules.contains(&cause.rule.id()) {
            rules.push(cause.rule.id());
        }
    }
    (groups.iter())
        .map(|(kind, names, rules)| {
            format!("{}: {} ({})", by(*kind), names.join(", "), rules.join(", "))
        })
        .collect()
}

fn edge(svg: &mut String, arrow: &Arrow, number: usize, call: bool) {
    const HEAD: f64 = 9.0;
    let class = if call { " call" } else { "" };
    let [.., (x1, y1), (x2, y2)] = arrow.corners[..] else {
        return;
    };
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = dx.hypot(dy);
    let (ux, uy) = (dx / length, dy / length);
    let (bx, by) = (x2 - ux * HEAD, y2 - uy * HEAD);
    let before = &arrow.corners[..arrow.corners.len() - 1];
    let points: String =
        (before.iter().chain([&(bx, by)])).map(|(x, y)| format!("{x:.1},{y:.1} ")).collect();
    let _ = write!(
        svg,
        "<polyline class=\"edge{class}\" points=\"{}\"/>\n<polygon class=\"head{class}\" points=\"{x2:.1},{y2:.1} {:.1},{:.1} \
         {:.1},{:.1}\"/>\n",
        points.trim_end(),
        bx - uy * 4.5,
        by + ux * 4.5,
        bx + uy * 4.5,
        by - ux * 4.5,
    );
    badge(svg, arrow.badge, number, call);
}

fn badge(svg: &mut String, (x, y): (f64, f64), number: usize, call: bool) {
    let class = if call { " call" } else { "" };
    let _ = writeln!(
        svg,
        "<circle class=\"badge{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{BADGE}\"/><text class=\"number{class}\" x=\"{x:.1}\" \
         y=\"{:.1}\">{number}</text>",
        y + 4.0
    );
}
