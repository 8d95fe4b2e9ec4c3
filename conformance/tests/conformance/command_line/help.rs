//! `--help` of every command, and what the program tells of rules and properties.

use super::zdu;

/// The commands that the top-level help names.
fn commands() -> Vec<String> {
    let help = zdu(&["--help"]).stdout;
    let listed = help.split_once("Commands:").expect("a list of commands").1;
    listed
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        // A description that goes on in the next line is indented further.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn help_of_the_program() {
    let ran = zdu(&["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("help", ran.stdout);
}

// Proves that each command has a help of its own, with one real example in it, and pins them all.
#[test]
fn help_of_each_command_shows_an_example() {
    let commands = commands();
    assert!(commands.len() > 5, "{commands:?}");
    let mut pages = String::new();
    for command in &commands {
        let ran = zdu(&[command, "--help"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}");
        let example = format!("zdu {command}");
        let plain = command == "demo";
        assert!(
            plain || ran.stdout.contains("Example") && ran.stdout.contains(&example),
            "{command} shows no example: {}",
            ran.stdout
        );
        pages.push_str(&format!("$ zdu {command} --help\n{}\n", ran.stdout));
    }
    insta::assert_snapshot!("help_of_each_command", pages);
}

#[test]
fn a_rule_is_explained() {
    let ran = zdu(&["explain", "MODE-4"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("explain_mode_4", ran.stdout);
}

// Proves that the id is taken in any case.
#[test]
fn a_rule_is_found_in_lower_case() {
    let (upper, lower) = (zdu(&["explain", "MODE-4"]), zdu(&["explain", "mode-4"]));
    assert_eq!(upper.stdout, lower.stdout);
}

#[test]
fn the_properties_are_listed() {
    let ran = zdu(&["check", "--list"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("check_list", ran.stdout);
}
