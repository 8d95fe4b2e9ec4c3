//! `zdu load`: what users live through while somebody upgrades.

use std::path::PathBuf;
use std::time::Duration;

use zdu_balancer::Rotation;

use super::aim::{Aim, credentials};
use super::mock::duration;
use super::scope::Format;
use super::{Ended, Failure, runtime, stop_on_ctrl_c};
use crate::client::{Client, Settings};
use crate::exit::Exit;
use crate::load::{self, Load, NoPage, Plan, Watched};
use crate::words;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: zdu load --target cluster.toml --page /display/DOC/Home --for 2h --report-dir load

Reads one page again and again, and sends nothing else. Each user has a session; the account is that of ZDU_PLAIN_USERNAME with \
ZDU_PLAIN_PASSWORD, or none; one request in five is somebody new's. With [balancer] in the target file it is looked at which node is out, \
and LB-6 is judged; with --node-after LB-5, too. Ends with 1 where a request failed, or a rule is broken, and with 2 where the page is on no node.")]
pub(super) struct Args {
    #[command(flatten)]
    aim: Aim,
    /// The page, below the target's URL
    #[arg(long, value_name = "PATH")]
    page: String,
    /// How many requests a second, all users together
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=200))]
    rate: u16,
    /// How many users there are
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=500))]
    users: u16,
    /// How long; until Ctrl-C by default
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    limit: Option<Duration>,
    /// What stands before the node's name in an answer, in a header or in the page, such as `NodeID: `
    #[arg(long, value_name = "TEXT")]
    node_after: Option<String>,
    /// Where to write load.json and load.html
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Ended {
    let target = args.aim.read()?;
    if let Some(folder) = &args.report_dir {
        crate::report::make(folder).map_err(|error| Failure::usage(error.to_string()))?;
    }
    let credentials = credentials()?;
    let settings =
        Settings { request: target.timing.request, tls: target.trust(), credentials: &credentials };
    let client = Client::new(&settings).map_err(|error| Failure::usage(error.to_string()))?;
    let base = target.url.trim_end_matches('/');
    let plan = Plan {
        url: format!("{base}/{}", args.page.trim_start_matches('/')),
        users: usize::from(args.users),
        rate: args.rate,
        limit: args.limit,
        node_after: args.node_after.clone(),
    };
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let rotation = target.balancer.as_ref().map(Rotation::new);
    let watched = rotation.map(|rotation| Watched { target: &target, rotation });
    if let Some(watched) = &watched {
        let seen = runtime.block_on(watched.try_out());
        seen.map_err(|error| Failure::usage(format!("[balancer]: {error}")))?;
    }
    eprintln!("reading {} {} times a second; Ctrl-C ends it", plan.url, plan.rate);
    let load = runtime.block_on(load::load(&client, &plan, watched.as_ref(), &stop));
    let load = load.map_err(|NoPage(requests)| {
        Failure::usage(format!(
            "the first {requests} requests were all answered with 404, so nothing is said of LB-6: {} is on no node, or the account \
             (ZDU_PLAIN_USERNAME, or none) may not see it; give another --page, below the target's URL",
            plan.url
        ))
    })?;
    let json = serde_json::json!(load);
    if let Some(folder) = &args.report_dir {
        let page = load::page(&load);
        for (name, text) in [("load.json", format!("{json:#}\n")), ("load.html", page)] {
            let file = folder.join(name);
            std::fs::write(&file, text).map_err(|error| {
                Failure::usage(format!(
                    "cannot write {}: {error}; choose another --report-dir",
                    file.display()
                ))
            })?;
            eprintln!("wrote {}", file.display());
        }
    }
    match args.format {
        Format::Text => print!("{}", text(&load)),
        Format::Json => println!("{json:#}"),
    }
    let broken = load.failed > 0 || load.rules.values().any(|judged| !judged.faults.is_empty());
    match (load.requests, broken) {
        (0, _) => Err(Failure::new(Exit::Nothing, "nothing was asked; ask for longer with --for")),
        (_, false) => Ok(Exit::Fine),
        (_, true) => Ok(Exit::Deviation),
    }
}

fn text(load: &Load) -> String {
    let mut text = String::new();
    for (node, count) in &load.total.answers {
        text.push_str(&format!("answered by {node:<24} {count}\n"));
    }
    for (what, count) in &load.total.failures {
        text.push_str(&format!("{:<36} {count}\n", words::failure(what)));
    }
    text.push_str(&format!(
        "{}\n{} of {} requests failed\n",
        words::slowest(load),
        load.failed,
        load.requests
    ));
    text.push_str(&words::turns(load).into_iter().map(|line| line + "\n").collect::<String>());
    text
}
