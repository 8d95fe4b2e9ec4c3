//! Do all formats tell the same, of everything, and safely?

mod reports;

use zdu_conformance::report::{json, text};

#[test]
fn text_of_a_mixed_run() {
    insta::assert_snapshot!(text::render(&reports::mixed(), false));
}

#[test]
fn text_of_a_run_that_conforms() {
    insta::assert_snapshot!(text::render(&reports::fine(), false));
}

#[test]
fn json_of_a_mixed_run() {
    insta::assert_snapshot!(json::render(&reports::mixed()));
}
