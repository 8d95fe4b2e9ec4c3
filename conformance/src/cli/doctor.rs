//! `zdu doctor`: is a target ready for a run? Touches nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::aim::credentials;
use super::scope::Format;
use super::{Ended, Failure, runtime};
use crate::doctor::{self, Checkup, Weight};
use crate::exit::Exit;
use crate::target::Target;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu doctor --target cluster.toml\n\nSends only reads. With --dry-run nothing is sent at all: each command is \
                        printed as it would be run."
)]
pub(super) struct Args {
    /// The target file
    #[arg(long, value_name = "FILE", required_unless_present = "url")]
    target: Option<PathBuf>,
    /// A target without a file
    #[arg(long, conflicts_with = "target")]
    url: Option<String>,
    /// Print every command for every node with the placeholders filled in, and run none
    #[arg(long)]
    dry_run: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Ended {
    let aim = super::aim::Aim {
        target: args.target.clone(),
        url: args.url.clone(),
        profile: None,
        versions: Vec::new(),
    };
    let mut target = aim.read()?;
    if args.dry_run {
        return dry_run(&target, args.format);
    }
    let credentials = credentials()?;
    let checkup = runtime()?.block_on(async {
        if args.target.is_none()
            && let Some(versions) = crate::advise::versions_of(&target, &credentials).await
        {
            target.versions = versions;
        }
        doctor::examine(&target, &credentials, aim.arguments().into_iter().collect()).await
    });
    let redactor = credentials.redactor();
    match args.format {
        Format::Text => print!("{}", redactor.clean(&text(&checkup, &aim.words()))),
        Format::Json => {
            let mut json = serde_json::json!(checkup);
            json["exit_code"] = checkup.exit().code().into();
            println!("{}", redactor.clean(&format!("{json:#}")));
        }
    }
    Ok(checkup.exit())
}

fn dry_run(target: &Target, format: Format) -> Ended {
    let lines = doctor::dry_run(target, &[]);
    if format == Format::Json {
        let lines: Vec<_> = lines
            .iter()
            .map(|line| serde_json::json!({ "node": line.node, "command": line.name, "line": line.line }))
            .collect();
        println!("{:#}", serde_json::json!(lines));
        return Ok(Exit::Fine);
    }
    let mut any = false;
    for line in &lines {
        let node = line.node.as_deref().unwrap_or("all");
        let filled = line.line.as_deref().unwrap_or("(no command: cannot do)");
        any |= line.line.is_some();
        println!("{node:<10} {:<10} {filled}", line.name);
    }
    if any {
        Ok(Exit::Fine)
    } else {
        Err(Failure::usage("the target file names no command; add some under [commands]"))
    }
}

/// The traces that cannot be run, by reason.
pub(super) fn skipped(by_reason: &BTreeMap<String, Vec<String>>) -> String {
    let lines = by_reason.iter().map(|(reason, names)| {
        format!("\nskipped ({}): {reason}\n  {}\n", names.len(), names.join(", "))
    });
    lines.collect()
}

fn text(checkup: &Checkup, aim: &str) -> String {
    let mut text = String::new();
    for finding in &checkup.findings {
        let mark = match finding.weight {
            Weight::Good => "ok  ",
            Weight::Note => "note",
            Weight::Problem => "BAD ",
            Weight::Unreachable => "GONE",
        };
        let _ = writeln!(text, "{mark} {:<14} {}", finding.about, finding.found);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "     {:<14} -> {advice}", "");
        }
    }
    text += &skipped(&checkup.skipped);
    let _ = if checkup.exit() == Exit::Fine {
        writeln!(text, "\nready; go on with: zdu replay{aim} --report-dir report")
    } else {
        writeln!(text, "\nnot ready; mend what is marked and ask again: zdu doctor{aim}")
    };
    text
}
