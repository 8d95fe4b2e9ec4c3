//! `zdu advise`: what can be done on a cluster now, for whoever stands before it at two in the morning.

use std::fmt::Write as _;

use zdu_model::judge::event::{Source, View};
use zdu_model::judge::text;

use super::aim::Aim;
use super::check::Format;
use super::{Ended, Failure, runtime};
use crate::advise::{self, Advice, Allowed};
use crate::exit::Exit;
use crate::replay::Shown;
use crate::words::{misshape_words, silence};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu advise --url https://wiki.example.org/confluence\n\nReads the overview once and sends nothing else. \
                        Commands are those of the target file, filled in."
)]
pub(super) struct Args {
    #[command(flatten)]
    aim: Aim,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Ended {
    let mut target = args.aim.read()?;
    let advice = runtime()?.block_on(async {
        let site = args.aim.connect(&mut target).await?;
        let look = site.look(Source::Cluster, View::Overview).await;
        let exchange = &look.exchange;
        match &look.shown {
            Shown::Seen(_) => look
                .overview()
                .map(|seen| advise::advise(&site, &target, seen))
                .ok_or_else(|| Failure::usage("the overview is no overview")),
            Shown::Bad(fault) => {
                let words = format!(
                    "the overview is not as the API has it: {}\n  {} {}\n  {}\ncheck the target: zdu doctor{}",
                    misshape_words(fault), exchange.method, exchange.url, text::lines(exchange.body.raw().trim_end()), args.aim.words()
                );
                Err(Failure::new(Exit::Deviation, words))
            }
            Shown::Nobody(why) => {
                let why = silence(why);
                let words = format!(
                    "nobody answers at {} ({why}). While no node is ACTIVE the API does not answer: start a node, then ask again: \
                     zdu advise{}",
                    site.base,
                    args.aim.words()
                );
                Err(Failure::new(Exit::Unreachable, words))
            }
        }
    })?;
    match args.format {
        Format::Text => print!("{}", text(&advice)),
        Format::Json => println!("{:#}", serde_json::json!(advice)),
    }
    Ok(if advice.contradictions.is_empty() { Exit::Fine } else { Exit::Deviation })
}

fn text(advice: &Advice) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", advice.cluster);
    for node in &advice.nodes {
        let _ = writeln!(text, "  {node}");
    }
    if let Some(under_way) = &advice.under_way {
        let _ = writeln!(text, "something is under way: {under_way}");
    }
    for found in &advice.contradictions {
        let _ = writeln!(
            text,
            "\nagainst the documentation ({}): seen {}; allowed: {}\n  read the rule: zdu explain {0}",
            found.rule, found.seen, found.allowed
        );
    }
    let _ = writeln!(text, "\ncalls now");
    for call in &advice.calls {
        let verdict = match call.allowed {
            Allowed::Yes => "allowed",
            Allowed::No => "refused",
            Allowed::Depends => "depends on what is hidden now",
        };
        let _ = writeln!(text, "  {:<8} {verdict} ({})", call.call, call.rule);
    }
    for error in &advice.errors {
        let _ = writeln!(text, "\n{} is in ERROR", error.node);
        for (number, (rule, what, command)) in (1..).zip(&error.answers) {
            let _ = writeln!(text, "  {number}. {what} ({rule})");
            if let Some(command) = command {
                let _ = writeln!(text, "     $ {command}");
            }
        }
    }
    match &advice.way {
        None => {
            let _ = writeln!(text, "\nno documented way back to STABLE was found");
        }
        Some(way) if way.moves.is_empty() => {
            let _ = writeln!(text, "\nthe cluster is {}: nothing is to be done", way.to);
        }
        Some(way) => {
            let _ = writeln!(text, "\nthe shortest documented way to {}", way.to);
            for (number, one) in (1..).zip(&way.moves) {
                let _ =
                    writeln!(text, "  {number}. {} ({}; then {})", one.what, one.rule, one.status);
                if let Some(command) = &one.command {
                    let _ = writeln!(text, "     $ {command}");
                }
            }
        }
    }
    text
}
