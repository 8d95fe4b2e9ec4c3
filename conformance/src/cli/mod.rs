//! The command line: one room a command, and what they share.

mod advise;
mod aim;
mod balancer;
mod check;
mod demo;
mod doctor;
mod explain;
mod explore;
mod export;
mod graph;
mod itf;
mod limits;
mod load;
mod mock;
mod monitor;
mod onlook;
mod output;
mod path;
mod race;
mod replay;
mod report;
mod resume;
mod saved;
mod scope;
mod select;
mod send;
mod signals;
mod steps;
mod suite;
mod typed;
mod validate;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Parser, Subcommand};

use crate::exit::Exit;
use crate::printing;
use crate::secret::Credentials;

/// Model checker and conformance suite for Confluence Data Center rolling upgrades.
#[derive(Debug, Parser)]
#[command(
    name = "zdu",
    term_width = 100,
    version,
    about,
    after_help = "Without a command `zdu` does the main job: it checks the model and replays every shipped trace over HTTP \
                  against an embedded mock cluster.\n\nExample: zdu replay --target cluster.toml --report-dir report"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The main job on embedded defaults: check the model, replay every shipped trace against a mock cluster
    Demo,
    /// Model-check: every property, with its rule, over every reachable state
    Check(check::Args),
    /// The shortest way between two situations, with the rules used
    Path(path::Args),
    /// Browse the model: in the browser, or step by step in the terminal
    Explore(explore::Args),
    /// The model in TLA+, Promela or Quint, to be checked by somebody else's engine
    Export(export::Args),
    /// The cluster statuses, or every state, as DOT, Mermaid or SVG
    Graph(graph::Args),
    /// Replay traces against a target, a URL or the embedded mock
    Replay(Box<replay::Args>),
    /// Generate the traces: list them, show one, write the files
    Suite(suite::Args),
    /// Serve a mock cluster
    Mock(mock::Args),
    /// Compare the reports of runs, or make one from a journal
    Report(report::Args),
    /// Watch a live cluster without touching it, and judge every change against the model
    Monitor(monitor::Args),
    /// Judge a recorded run after the fact
    Validate(validate::Args),
    /// Read a live cluster: what to do, one step after the other by the documented procedure, and which calls are allowed now
    Advise(advise::Args),
    /// Send the same call several times at once, and judge the answers (API-12)
    Race(race::Args),
    /// The load balancer of the target file: who is in rotation, one node out of it, one into it
    Balancer(balancer::Args),
    /// Read a page again and again while somebody upgrades: answers a second by node, the longest gap
    Load(load::Args),
    /// Check a target file and the target before a run, touching nothing
    Doctor(doctor::Args),
    /// A rule: what it says, where it comes from, what exercises it
    Explain(explain::Args),
    /// One request to a mock on this machine
    #[command(hide = true)]
    Send(send::Args),
}

/// Something that ends a command early, with the exit code and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// The same after something that ended like this, which the exit code still tells unless it was fine.
    pub(crate) fn after(self, exit: Exit) -> Self {
        Self { exit: if exit == Exit::Fine { self.exit } else { exit }, ..self }
    }
}

/// How a command ends.
pub(crate) type Ended = Result<Exit, Failure>;

/// Reads the command line and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors, and clap prints them on stdout.
            printing::written(error.print());
            return ExitCode::from(if error.use_stderr() { Exit::Usage.code() } else { 0 });
        }
    };
    keep_secrets_out_of_panics();
    let ended = match cli.command {
        None | Some(Command::Demo) => demo::run(),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Path(args)) => path::run(&args),
        Some(Command::Explore(args)) => explore::run(&args),
        Some(Command::Export(args)) => export::run(&args),
        Some(Command::Graph(args)) => graph::run(&args),
        Some(Command::Replay(args)) => replay::run(*args),
        Some(Command::Suite(args)) => suite::run(&args),
        Some(Command::Mock(args)) => mock::run(args),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Monitor(args)) => monitor::run(&args),
        Some(Command::Validate(args)) => validate::run(&args),
        Some(Command::Advise(args)) => advise::run(&args),
        Some(Command::Race(args)) => race::run(&args),
        Some(Command::Balancer(args)) => balancer::run(&args),
        Some(Command::Load(args)) => load::run(&args),
        Some(Command::Doctor(args)) => doctor::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Send(args)) => send::run(&args),
    };
    match ended {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            let redactor = Credentials::from_environment(|name| std::env::var(name).ok())
                .unwrap_or_default()
                .redactor();
            eprintln!("zdu: {}", redactor.clean(&failure.message));
            ExitCode::from(failure.exit.code())
        }
    }
}

/// A panic is our bug; even then no secret is shown.
fn keep_secrets_out_of_panics() {
    let redactor = Credentials::from_environment(|name| std::env::var(name).ok())
        .unwrap_or_default()
        .redactor();
    std::panic::set_hook(Box::new(move |info| {
        printing::note(&format!(
            "zdu has a bug, please report it: {}",
            redactor.clean(&info.to_string())
        ));
    }));
}

/// A runtime for everything that waits for the network.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("cannot start threads for the network: {error}")))
}

/// A flag that Ctrl-C sets, and TERM and HUP; who asks again ends the process at once.
pub(crate) fn stop_on_ctrl_c(runtime: &tokio::runtime::Runtime) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = "interrupted; finishing the current call (press Ctrl-C again to end at once)";
    runtime.spawn(signals::raise(Arc::clone(&stop), told));
    stop
}

/// Whether stdout shows colours.
pub(crate) fn colour() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A progress bar on stderr, shown on a terminal only.
pub(crate) fn progress(length: u64, what: &str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(length);
    if let Ok(style) =
        indicatif::ProgressStyle::with_template("{spinner} {msg} [{bar:30}] {pos}/{len} {elapsed}")
    {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    const README: &str = include_str!("../../../README.md");

    /// The words of a command line: quotes keep words together; a comment or what is for the shell ends it.
    fn words(line: &str) -> Vec<String> {
        let end = [" #", " >", " |"].iter().filter_map(|end| line.find(end)).min();
        let line = &line[..end.unwrap_or(line.len())];
        let mut words = Vec::new();
        for (index, part) in line.split('"').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words
    }

    /// What the README says to type: what stands in backticks or on a line of its own.
    fn written() -> Vec<Vec<String>> {
        let inline = README.split('`').skip(1).step_by(2);
        let lines = README.lines().map(str::trim);
        inline
            .chain(lines)
            .filter(|text| text.starts_with("zdu ") && !text.contains('\n'))
            .map(words)
            .collect()
    }

    /// What the help of each command shows as an example; a description stands behind two spaces.
    fn shown() -> Vec<Vec<String>> {
        Cli::command()
            .get_subcommands()
            .filter_map(|command| command.get_after_help().map(ToString::to_string))
            .flat_map(|help| help.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter_map(|line| {
                let line = line.trim().trim_start_matches("Example: ").to_owned();
                let line = line.split("  ").next().unwrap_or_default();
                line.starts_with("zdu ").then(|| words(line))
            })
            .collect()
    }

    // Proves that whoever types what the README or a help page says is understood.
    #[test]
    fn every_command_that_is_written_down_is_understood() {
        let (written, shown) = (written(), shown());
        assert!(written.len() > 15 && shown.len() > 10, "{written:?} {shown:?}");
        for line in written.iter().chain(&shown) {
            if let Err(error) = Cli::try_parse_from(line) {
                panic!("{}: {error}", line.join(" "));
            }
        }
    }

    const INTERFACE: &str = include_str!("../../INTERFACE.md");

    /// The line without what it says is planned, and that.
    fn parted(line: &str) -> (String, String) {
        let Some((before, rest)) = line.split_once("planned") else {
            return (line.to_owned(), String::new());
        };
        let (planned, after) = rest.split_once(')').unwrap_or((rest, ""));
        (format!("{before}{after}"), planned.to_owned())
    }

    /// The options that a text names.
    fn options(text: &str) -> Vec<&str> {
        let named = |c: char| c.is_ascii_lowercase() || c == '-';
        text.split(|c| !named(c))
            .filter_map(|word| {
                word.strip_prefix("--").filter(|word| !word.starts_with('-') && !word.is_empty())
            })
            .collect()
    }

    /// What is wrong with the interface page, given the program.
    fn faults(page: &str) -> Vec<String> {
        let mut cli = Cli::command();
        cli.build();
        let commands: Vec<&clap::Command> =
            cli.get_subcommands().filter(|command| !command.is_hide_set()).collect();
        let has = |command: &clap::Command, option: &str| {
            let deeper = command.get_subcommands().flat_map(clap::Command::get_arguments);
            command.get_arguments().chain(deeper).any(|arg| arg.get_long() == Some(option))
        };
        let mut faults = Vec::new();
        let mut rows = Vec::new();
        for line in page.lines() {
            let row = line.strip_prefix("| `zdu ").and_then(|row| row.split([' ', '`']).next());
            let command = row.and_then(|name| commands.iter().find(|c| c.get_name() == name));
            rows.extend(row);
            let (built, planned) = parted(line);
            let whole_row = row.is_some() && line.contains("` (planned) |");
            if whole_row && command.is_some() {
                faults.push(format!("is built, not planned: {line}"));
            }
            if whole_row {
                continue;
            }
            if row.is_some_and(|name| !name.is_empty()) && command.is_none() {
                faults.push(format!("there is no such command: {line}"));
            }
            let there = |option: &str| match command {
                Some(command) => has(command, option),
                None => commands.iter().any(|command| has(command, option)),
            };
            let missing = options(&built).into_iter().filter(|option| !there(option));
            faults.extend(missing.map(|option| format!("there is no --{option}: {line}")));
            let stale = options(&planned).into_iter().filter(|option| there(option));
            faults.extend(stale.map(|option| format!("--{option} is built, not planned: {line}")));
        }
        let told =
            |name: &str| rows.contains(&name) || page.contains(&format!("also `zdu {name}`"));
        let untold = commands.iter().map(|command| command.get_name()).filter(|name| !told(name));
        faults
            .extend(untold.filter(|name| *name != "help").map(|name| format!("{name} has no row")));
        faults
    }

    // Proves that the contract promises what is there, and calls planned what is not.
    #[test]
    fn the_interface_names_the_commands_and_options_that_there_are() {
        assert_eq!(faults(INTERFACE), Vec::<String>::new());
        for (from, to) in [
            ("| `zdu race`", "| `zdu races`"),
            ("`--resume`", "`--resumes`"),
            ("`--certificate FILE`", "`--certificates FILE`"),
        ] {
            let changed = INTERFACE.replacen(from, to, 1);
            assert!(changed != INTERFACE && !faults(&changed).is_empty(), "{to}");
        }
    }
}
