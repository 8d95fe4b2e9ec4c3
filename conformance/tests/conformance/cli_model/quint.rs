//! What does Quint, which we did not write, make of the model that is written for it? Properties and runs by its simulator, which is
//! the part of it that needs no network. It is npm's `@informalsystems/quint`; where it is missing the test says so, and fails with
//! `ZDU_REQUIRE_QUINT=1`, as in CI where it could be installed.

use std::path::Path;
use std::process::Command;

use super::{code, folder, says, text, zdu};

const INSTALL: &str = "npm install --global @informalsystems/quint@0.33.1 antlr4ts@0.5.0-alpha.4";

/// Whether Quint is there; its absence is told, and where it is required no excuse.
fn there() -> bool {
    let there = Command::new("quint").arg("--version").output().is_ok();
    let required = std::env::var_os("ZDU_REQUIRE_QUINT").is_some_and(|it| !it.is_empty());
    assert!(there || !required, "there is no `quint`; install it with: {INSTALL}");
    if !there {
        eprintln!("SKIPPED: there is no `quint`; install it with: {INSTALL}");
    }
    there
}

/// Whether Quint is content, and what it says.
fn quint(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("quint").current_dir(folder).args(arguments).output();
    let output = output.expect("quint runs");
    (output.status.success(), text(&output) + &says(&output))
}

/// A random walk with these further arguments, the same each time.
fn walks(folder: &Path, further: &[&str]) -> (bool, String) {
    let same = ["run", "zdu.qnt", "--backend=typescript", "--seed=1", "--max-steps=20"];
    quint(folder, &[&same[..], further].concat())
}

const STEPS: [&str; 3] = ["--main=zduSteps", "--init=initStep", "--step=nextStep"];

/// Proves that what is written is Quint (it checks the types before it runs), that its runs are ways of the model and its properties
/// hold over them, and that a mutant is found: in a state, and over a transition on a way that the model lacks.
#[test]
fn quint_walks_the_model_and_finds_mutants() {
    if !there() {
        return;
    }
    let folder = folder("quint");
    let write = |planted: &[&str]| {
        let file = folder.join("zdu.qnt").display().to_string();
        let export = ["export", "--quint", "--nodes", "2", "--out", &file];
        let written = zdu(&[&export[..], planted].concat());
        assert_eq!(code(&written), 0, "{}", says(&written));
    };
    let loads = |run: &str, planted: &[&str]| {
        let file = folder.join(run).display().to_string();
        let load = ["explore", "--tui", "--nodes", "2", "--load", &file];
        code(&zdu(&[&load[..], planted].concat())) == 0
    };
    write(&[]);
    let status = "--invariant=status_5_mixed_with_an_error_while_off";
    let version = "--invariant=node_10_version_changes_only_while_down";
    let both = "--invariants=status_5_mixed_with_an_error_while_off";
    let right = ["--max-samples=20", both, version, "--out-itf=right.itf.json"];
    let (holds, told) = walks(&folder, &[&STEPS[..], &right].concat());
    assert!(holds && loads("right.itf.json", &[]), "{told}");

    write(&["--mutant", "stable-despite-error"]);
    let (holds, told) = walks(&folder, &["--max-samples=1000", status]);
    assert!(!holds && told.contains("violation"), "{told}");

    let planted = ["--mutant", "version-changes-while-up"];
    write(&planted);
    let steps = [&STEPS[..], &["--max-samples=1000", version, "--out-itf=up.itf.json"]].concat();
    let (holds, told) = walks(&folder, &steps);
    assert!(!holds && told.contains("violation"), "{told}");
    assert!(loads("up.itf.json", &planted) && !loads("up.itf.json", &[]), "{told}");
    let _ = std::fs::remove_dir_all(folder);
}
