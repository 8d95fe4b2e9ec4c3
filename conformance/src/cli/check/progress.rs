//! What does one see while a check runs? A line on stderr, on a terminal only.

/// A line on stderr, on a terminal only, that says what is going on.
pub(super) fn spinner(what: &str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner();
    bar.set_message(what.to_owned());
    bar.tick();
    bar
}
