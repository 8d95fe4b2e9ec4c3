use std::time::Instant;
use zdu_model::semantics::{Scope, System};
use zdu_model::space::Explicit;
fn main() {
    for threads in [1, 2] {
        for nodes in 1..=6 {
            let at = Instant::now();
            let (found, foot) = Explicit { threads }.measure(
                System::spec(Scope::documented(nodes, 2)),
                &[],
                &[],
                &mut |_| {},
            );
            let s = at.elapsed().as_secs_f64();
            println!(
                "T={threads} N={nodes} {} {} depth {} {s:.4}s {:.1}M/s {:?}",
                found.states,
                found.transitions,
                found.depth,
                found.states as f64 / s / 1e6,
                foot
            );
        }
    }
}
