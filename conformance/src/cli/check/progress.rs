//! What does one see while a check runs? A line on stderr, on a terminal only.

use std::time::Instant;

use zdu_model::check::sought::Progress;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;

/// A line on stderr, on a terminal only, that says what is going on.
pub(super) fn spinner(what: &str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner();
    bar.set_message(what.to_owned());
    bar.tick();
    bar
}

/// How far a search is: of how many states, and how long the rest takes at this pace, where the total is known.
pub(super) fn so_far(progress: Progress, total: Option<f64>, began: Instant) -> String {
    let Progress { states, transitions, depth } = progress;
    let part = total.map(|total| states as f64 / total).filter(|part| *part > 0.0 && *part <= 1.0);
    let part = part.map_or_else(String::new, |part| {
        let left = began.elapsed().as_secs_f64() * (1.0 / part - 1.0);
        format!(" ({:.0}%, about {left:.0} s left)", part * 100.0)
    });
    format!("{states} states{part}, {transitions} transitions, depth {depth}")
}

/// How many states are reachable: the closed form of the spec's section 3, for profile `documented`.
pub(super) fn states(scope: Scope) -> Option<f64> {
    let (n, v) = (i32::try_from(scope.nodes).ok()?, f64::from(scope.versions));
    let off = v * ((5.0 * v + 3.0).powi(n) - (5.0 * v).powi(n)) + (5.0 * v).powi(n);
    let on = v * ((8.0 * v).powi(n) - v.powi(n));
    (scope.profile == Profile::Documented).then_some(on + off)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves that the total is that of the spec's table, and that there is none where the spec gives none.
    #[test]
    fn the_total_is_known() {
        for ((nodes, versions), total) in
            [((1, 2), 44.0), ((5, 2), 2_739_674.0), ((3, 3), 52_137.0)]
        {
            assert_eq!(states(Scope::documented(nodes, versions)), Some(total));
        }
        assert_eq!(states(Scope::documented(2, 2).with_profile(Profile::Finalization)), None);
        let half = Progress { states: 22, transitions: 60, depth: 3 };
        assert!(so_far(half, Some(44.0), Instant::now()).contains("(50%"));
        assert!(!so_far(half, None, Instant::now()).contains('%'));
    }
}
