//! The ready-made target files: each is read, and each command is one that a shell accepts with every placeholder filled in.

use std::path::PathBuf;
use std::process::Command;

use zdu_conformance::doctor::dry_run;
use zdu_conformance::target::Target;

fn examples() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/targets");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the examples are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

#[test]
fn there_is_an_example_for_each_kind_of_installation() {
    let names: Vec<String> = examples()
        .iter()
        .filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    assert_eq!(names, ["docker-compose", "kubernetes", "mock", "systemd-over-ssh"]);
}

// What a user copies must work up to the host names: no placeholder is left, and `sh -n` finds no fault.
#[test]
fn each_command_of_each_example_is_filled_in_and_fit_for_a_shell() {
    for file in examples() {
        let target = Target::read(&file).expect("a target file");
        assert!(target.nodes.len() > 1, "{}", file.display());
        let lines = dry_run(&target, &[]);
        let commands: Vec<_> = lines.iter().filter_map(|line| line.line.as_deref()).collect();
        assert!(commands.len() >= 4 * target.nodes.len(), "{}", file.display());
        for command in commands {
            for placeholder in ["{id}", "{name}", "{version}", "{url}"] {
                assert!(!command.contains(placeholder), "{command}");
            }
            let checked = Command::new("sh").args(["-n", "-c", command]).status().expect("sh runs");
            assert!(checked.success(), "{}: {command}", file.display());
        }
        let installs = lines.iter().filter(|line| line.name == "install");
        for install in installs {
            let line = install.line.as_deref().expect("every example can install");
            assert!(line.contains(&target.versions[target.versions.len() - 1]), "{line}");
        }
    }
}

// An example that is no longer right must not pass because nothing is checked.
#[test]
fn a_shell_refuses_what_is_no_command() {
    let checked = Command::new("sh").args(["-n", "-c", "echo 'open"]).output().expect("sh runs");
    assert!(!checked.status.success());
}

// The dry run prints what would be run, for each node, and what there is no command for.
#[test]
fn doctor_prints_each_command_without_running_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/targets");
    let output = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["doctor", "--dry-run", "--target"])
        .arg(format!("{folder}/systemd-over-ssh.toml"))
        .output()
        .expect("zdu runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("ssh -o BatchMode=yes confluence-2.example.org sudo systemctl stop --no-block confluence"), "{text}");
    assert!(text.contains("/opt/atlassian/confluence-9.2.4 /opt/confluence"), "{text}");
    assert!(text.contains("(no command: cannot do)"), "{text}");
}
