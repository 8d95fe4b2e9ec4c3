//! Does somebody who shares nothing with us believe the proof for all sizes? `model/certificate.py` accepts what is written,
//! and rejects it once a view is taken away, invented, or the property is none.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use zdu_model::check::abstraction::certificate;
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Property;
use zdu_model::spec::semantics::{Semantics, Spec};

fn written<S: Semantics>(semantics: &S, profile: Profile) -> Value {
    let holds = Property::<Spec>::all(profile).iter().map(|it| it.name.to_owned()).collect();
    json!(certificate(semantics, profile, 2, holds, &|| None).expect("nothing ends it"))
}

/// Whether the checker accepts it, and what it says.
fn judged(name: &str, certificate: &Value) -> (bool, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("certificate-{name}.json"));
    std::fs::write(&file, certificate.to_string()).expect("a file");
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("certificate.py");
    let output = Command::new("python3").arg(checker).arg(&file).output().expect("python3 runs");
    let _ = std::fs::remove_file(file);
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A missing interpreter is told, and in CI no excuse.
fn python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    assert!(there || std::env::var_os("CI").is_none_or(|it| it.is_empty()), "there is no python3");
    if !there {
        eprintln!("SKIPPED: there is no python3, so nobody else looks at the certificate");
    }
    there
}

// Proves that the proof is closed and well-founded for a checker that was written from the page alone.
#[test]
fn a_stranger_accepts_the_proof_of_each_profile() {
    if !python() {
        return;
    }
    for profile in [Profile::Documented, Profile::Finalization] {
        let (accepted, told) = judged(profile.name(), &written(&Spec, profile));
        assert!(accepted, "{told}");
        // It names what it judges, and what it does not: a refused call is no transition, and two versions are too few for
        // STATUS-6.
        let named = |line: usize| {
            let line = told.lines().nth(line).unwrap_or_default();
            line.rsplit(": ").next().unwrap_or_default().split(", ").collect::<Vec<_>>()
        };
        let left = [
            "api-9-refused-calls-change-nothing",
            "status-6-mixed-with-two-versions-none-of-them-original",
        ];
        assert_eq!(named(2), left);
        assert_eq!(named(1).len() + left.len(), Property::<Spec>::all(profile).len());
    }
}

// Proves that none of what it judges holds of everything: clusters made up by hand break each.
#[test]
fn a_stranger_can_find_each_property_broken() {
    if !python() {
        return;
    }
    let model = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = model.join("tests/model/certificate_cases.py");
    let output = Command::new("python3").arg(cases).arg(model).output().expect("python3 runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(told.trim(), "cannot fail: []", "{}", String::from_utf8_lossy(&output.stderr));
}

// Proves that the stranger does not accept everything.
#[test]
fn a_stranger_rejects_a_proof_that_was_tampered_with() {
    if !python() {
        return;
    }
    let good = written(&Spec, Profile::Documented);
    let views = |it: &Value| it["views"].as_array().expect("views").clone();
    let mut cases: Vec<(&str, Value, &str)> = Vec::new();
    let mut shorter = good.clone();
    let mut left = views(&good);
    let _ = left.pop();
    shorter["views"] = left.into();
    cases.push(("shorter", shorter, "not closed"));
    let mut headless = good.clone();
    headless["views"] = views(&good).split_off(1).into();
    cases.push(("headless", headless, "rejected"));
    let mut invented = good.clone();
    let mut more = views(&good);
    more[40]["nodes"][0]["phase"] = "Error".into();
    more[40]["from"] = Value::Null;
    invented["views"] = more.into();
    cases.push(("invented", invented, "without reason"));
    let mutant: Mutants = [Mutant::JoinsWithOtherVersion].into_iter().collect();
    cases.push(("mutant", written(&mutant, Profile::Documented), "without reason"));
    let mut elsewhere = good.clone();
    let mut more = views(&good);
    more[40]["step"] = "Reject(n1)".into();
    elsewhere["views"] = more.into();
    cases.push(("elsewhere", elsewhere, "without reason"));
    let mut narrow = good.clone();
    narrow["window"] = 1.into();
    cases.push(("narrow", narrow, "clusters of 1 nodes"));
    let mut unknown = good.clone();
    unknown["holds"] = json!(["node-2-starting-becomes-active", "all-is-well"]);
    cases.push(("unknown", unknown, "all-is-well"));
    let mut silent = good;
    silent["holds"] = json!(["api-9-refused-calls-change-nothing"]);
    cases.push(("silent", silent, "none of the properties"));
    for (name, certificate, why) in cases {
        let (accepted, told) = judged(name, &certificate);
        assert!(!accepted && told.contains(why), "{name}: {told}");
    }
}
