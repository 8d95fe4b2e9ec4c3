//! `zdu advise`: what can be done on a cluster now, for whoever stands before it at two in the morning.

use std::fmt::Write as _;

use zdu_balancer::Rotation;
use zdu_model::judge::event::{Answer, Source, View};
use zdu_model::judge::served::Served;
use zdu_model::judge::text::{self, Text};
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;
use zdu_model::ways::advice::{Allowed, Direction, What};

use super::aim::{Aim, credentials};
use super::scope::Format;
use super::{Ended, Failure, runtime};
use crate::advise::{self, Counsel, Due, Means, Unadvised, Wish, Work};
use crate::client::Exchange;
use crate::exit::Exit;
use crate::layout::Layout;
use crate::replay::{Port as _, Site};
use crate::target::Target;
use crate::verdict::Command;
use crate::words::{Words, misshape_words, remedy, silence};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu advise --target cluster.toml --forward --to 9.2.4\n\nOnly reads, and sends nothing else. Commands are \
                        those of the target file, filled in."
)]
pub(super) struct Args {
    #[command(flatten)]
    aim: Aim,
    /// Finish the upgrade, or make one; the default once a node is upgraded
    #[arg(long, conflicts_with = "back")]
    forward: bool,
    /// Back to the original version
    #[arg(long)]
    back: bool,
    /// The version to upgrade to
    #[arg(long, value_name = "VERSION", conflicts_with = "back")]
    to: Option<String>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Ended {
    let mut target = args.aim.read()?;
    let wish = Wish {
        direction: match (args.forward, args.back) {
            (true, _) => Some(Direction::Forward),
            (false, true) => Some(Direction::Back),
            (false, false) => None,
        },
        to: args.to.as_deref().map(Text::from),
    };
    let counsel = runtime()?.block_on(async {
        let again = target.clone();
        let revived = |failure| revival(args, &again, failure);
        let site = args.aim.connect(&mut target).await.map_err(revived)?;
        let (served, exchange) = read(args, &site).await.map_err(revived)?;
        let listed = match &target.balancer {
            Some(settings) => Some(Rotation::new(settings).list().await),
            None => None,
        };
        let typed = Command::zdu(["advise"]).with(args.aim.arguments());
        let (exchange, listed) = (&exchange, listed.as_ref());
        let means = Means { target: &target, site: &site, exchange, listed, typed };
        let refused = |unadvised: Unadvised| {
            Failure::usage(Words::new(&unadvised.names).refusal(unadvised.refusal))
        };
        let counsel = advise::counsel((None, &served), &wish, &means).map_err(refused)?;
        if !counsel.doubtful {
            return Ok(counsel);
        }
        // A status may be a little older than the nodes beside it (section 7).
        tokio::time::sleep(site.timing.poll).await;
        let (again, _) = read(args, &site).await?;
        advise::counsel((Some(&served), &again), &wish, &means).map_err(refused)
    })?;
    match args.format {
        Format::Text => print!("{}", page(&counsel)),
        Format::Json => println!("{:#}", advise::json(&counsel)),
    }
    Ok(if counsel.wrong.is_empty() { Exit::Fine } else { Exit::Deviation })
}

/// The overview, or why there is none.
async fn read(args: &Args, site: &Site) -> Result<(Served, Exchange), Failure> {
    let sent = site.read(Source::Cluster, View::Overview, None).await;
    let exchange = sent.raw.exchange;
    match sent.answer {
        Answer::Served(served) => Ok((served, exchange)),
        Answer::Bad(_) if exchange.stranger.is_some() => {
            let told = remedy(&exchange).line();
            let words = format!(
                "{} {}: {told}\ncheck the target: zdu doctor{}",
                exchange.method,
                exchange.url,
                args.aim.words()
            );
            Err(Failure::new(Exit::Usage, words))
        }
        Answer::Bad(fault) => {
            let words = format!(
                "the overview is not as the API has it: {}\n  {} {}\n  {}\ncheck the target: zdu doctor{}",
                misshape_words(&fault),
                exchange.method,
                exchange.url,
                text::lines(exchange.body.raw().trim_end()),
                args.aim.words()
            );
            Err(Failure::new(Exit::Deviation, words))
        }
        Answer::Nobody(_) | Answer::NotListed => {
            let words = format!(
                "nobody serves at {} ({}); while no node is ACTIVE the API does not answer",
                site.base,
                silence(&exchange.silence()),
            );
            Err(Failure::new(Exit::Unreachable, words))
        }
    }
}

/// What can be done where nobody serves, after what was seen of it: nobody tells how the nodes stand.
fn revival(args: &Args, target: &Target, failure: Failure) -> Failure {
    if failure.exit != Exit::Unreachable {
        return failure;
    }
    let mut page = failure.message;
    let layout = target.layout.unwrap_or(Layout::Documented);
    let site = credentials().ok().and_then(|all| Site::unheard(target, &all, layout).ok());
    if let Some(site) = site {
        let names = site.dictionary.names();
        let steps = advise::revival(target, &site);
        if !steps.is_empty() {
            page.push_str(
                "\nif nobody serves: what to do, one after the other (nothing is known of versions, and upgrade mode may be on)",
            );
        }
        for (number, (id, request, command)) in (1..).zip(steps) {
            let what = Words::new(&names).revival(id, request);
            let _ = write!(page, "\n  {number}. {what}\n     $ {command}");
        }
    }
    let _ = write!(page, "\nthen ask again: zdu advise{}", args.aim.words());
    Failure::new(Exit::Unreachable, page)
}

/// Everything on one page: where to, how it stands, what to do, and what is allowed now.
fn page(counsel: &Counsel) -> String {
    let words = Words::new(&counsel.names);
    let mut page = String::new();
    let _ = writeln!(page, "{}", words.aim(counsel.advice.aim));
    if counsel.unnamed {
        let _ = writeln!(page, "name the version: {} --to VERSION", counsel.again);
    }
    standing(&mut page, counsel, words);
    contradictions(&mut page, counsel, words);
    steps(&mut page, counsel, words);
    errors(&mut page, counsel, words);
    let _ = writeln!(page, "\ncalls now, as the page has them");
    for (now, (call, command)) in counsel.advice.calls.iter().zip(&counsel.calls) {
        let allowed = words.allowed_now(now.allowed);
        let no_return = now.allowed == Allowed::Yes && *call == Call::Approve;
        let mark = if no_return { " -- POINT OF NO RETURN" } else { "" };
        let _ = writeln!(page, "  {:<8} {allowed} ({}){mark}", call.name(), now.rule);
        if now.allowed == Allowed::Yes {
            // Before the line that somebody types.
            if let Some(removed) = words.removed_by(*call, &counsel.seen) {
                let _ = writeln!(page, "           {removed} ({})", Rule::Node5);
            }
            let _ = writeln!(page, "           $ {command}");
        }
    }
    let _ = writeln!(page, "\nask again at any time: {}", counsel.again);
    page
}

fn standing(page: &mut String, counsel: &Counsel, words: Words<'_>) {
    let seen = &counsel.seen;
    let _ = writeln!(page, "\n{}, {}", seen.status, words.mode_of(seen));
    for (index, (node, entry)) in seen.nodes.iter().zip(&counsel.entries).enumerate() {
        let name = words.node(NodeId::at(index));
        let load = entry.as_ref().map(|entry| words.load(entry)).unwrap_or_default();
        let _ = match node {
            Some(node) if node.silent() => {
                writeln!(page, "  {name} does not answer its cluster at the moment")
            }
            Some(_) | None => {
                let id = NodeId::at(index);
                let out = if counsel.places.out.contains(&id) { ", out of rotation" } else { "" };
                writeln!(page, "  {name} {}{load}{out}", words.listing(*node))
            }
        };
        for task in entry.iter().flat_map(|entry| &entry.failed_tasks) {
            let _ = writeln!(page, "    upgrade task failed: {}", words.failed_task(task));
        }
    }
    for error in &counsel.places.unknown {
        let _ = writeln!(page, "  not known of every node whether it is in rotation: {error}");
    }
    for ghost in &counsel.ghosts {
        let _ = writeln!(
            page,
            "  left behind, no node any more, nothing to be done about it: {}",
            words.ghost(ghost)
        );
    }
}

/// What the page says and what this build was seen to show, told apart.
fn contradictions(page: &mut String, counsel: &Counsel, words: Words<'_>) {
    for wrong in &counsel.wrong {
        let _ = writeln!(
            page,
            "\nthis build differs ({}, {})\n  documented: {}\n  seen: {}\n  the list goes by what is documented; read the rule: zdu explain {0}",
            wrong.rule,
            wrong.rule.basis(),
            words.one_allowed(&wrong.allowed),
            words.sight(&wrong.seen)
        );
    }
    if counsel.doubtful && counsel.wrong.is_empty() {
        let _ = writeln!(
            page,
            "\n{} does not go with the nodes as listed; it may be that of a moment ago: ask again",
            counsel.seen.status
        );
    }
    for oddity in &counsel.oddities {
        let _ = writeln!(page, "\n{}", words.oddity(oddity));
    }
}

fn steps(page: &mut String, counsel: &Counsel, words: Words<'_>) {
    if counsel.list.is_empty() {
        let version = counsel.names.version(counsel.advice.aim.version);
        let _ =
            writeln!(page, "\nnothing is to be done: STABLE, every node ACTIVE, all on {version}");
        return;
    }
    let _ = writeln!(page, "\nwhat to do, one after the other");
    for (number, Due { work, command }) in (1..).zip(&counsel.list) {
        let _ = writeln!(page, "  {number}. {} ({})", words.work(work), work.rule());
        if let Some(command) = command {
            let _ = writeln!(page, "     $ {command}");
        }
        let approves = matches!(work, Work::Step(step) if step.what == What::Call(Call::Approve));
        if approves && counsel.seen.tasks == Some(true) {
            let _ = writeln!(
                page,
                "     upgrade tasks will run then: RUNNING_UPGRADE_TASKS until they are done"
            );
        }
    }
}

fn errors(page: &mut String, counsel: &Counsel, words: Words<'_>) {
    for error in &counsel.advice.errors {
        let _ = writeln!(
            page,
            "\n{} is in ERROR; the page's ways, in its order (the list above takes the first that there is a command for)",
            words.node(error.node)
        );
        for (number, way) in (1..).zip(&error.ways) {
            let costs: Vec<String> = way.costs.iter().map(|cost| words.cost(*cost)).collect();
            let what = words.way_out(way.way, error.node);
            let _ = writeln!(page, "  {number}. {what} ({})", way.way.rule());
            let _ = writeln!(page, "     costs: {}", costs.join("; "));
            if let Some(command) = counsel.shutting(error.node, way.way) {
                let _ = writeln!(page, "     $ {command}");
            }
        }
    }
}
