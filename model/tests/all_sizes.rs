//! x
use std::time::Instant;
use zdu_model::abstraction::{Verdict, prove};
use zdu_model::profile::Profile;
use zdu_model::property::Property;
use zdu_model::semantics::Spec;
use zdu_model::slip::Slip;
#[test]
fn spec() {
    for (p, v) in [
        (Profile::Documented, 2),
        (Profile::Finalization, 2),
        (Profile::Documented, 3),
        (Profile::Finalization, 3),
    ] {
        let t = Instant::now();
        let properties = Property::<Spec>::all(p);
        let proof = prove(&Spec, p, v, &properties);
        println!(
            "{p} V={v}: {} views, {} planes, {} clusters, {:?}",
            proof.views.count(),
            proof.views.planes().len(),
            proof.clusters,
            t.elapsed()
        );
        for (q, x) in properties.iter().zip(&proof.verdicts) {
            if *x != Verdict::Holds {
                println!("{} {x}", q.name);
            }
        }
    }
}
#[test]
fn slips() {
    let t = Instant::now();
    for s in Slip::ALL {
        let p = if s.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let properties = Property::<Slip>::all(p);
        let proof = prove(s, p, s.versions_min(), &properties);
        for (q, x) in properties.iter().zip(&proof.verdicts) {
            match x {
                Verdict::Holds => {}
                Verdict::Violated { nodes, .. } => {
                    println!("{s} {} {} fails at {nodes}", q.rule, q.name)
                }
                Verdict::Undecided(_) => println!("{s} {} {x}", q.name),
            }
        }
    }
    println!("{:?}", t.elapsed());
}
