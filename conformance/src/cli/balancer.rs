//! `zdu balancer`: the load balancer of the target file, by hand.

use std::path::PathBuf;

use zdu_balancer::{Error, Member, Node, Place, Rotation, rotation as members_of};
use zdu_model::judge::event::{Source, View};

use super::aim::{credentials, waiting_for};
use super::scope::Format;
use super::{Ended, Failure, runtime};
use crate::advise::Places;
use crate::exit::Exit;
use crate::printing::note;
use crate::replay::Site;
use crate::target::{Target, node_of, rule_of};
use crate::verdict::{Command, LeftAs};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: zdu balancer disconnect confluence-2 --target cluster.toml

The load balancer is that of [balancer] in the target file (zdu explain target). NODE is a node of the file, by its name, id or \
address, or a member as the load balancer has it.")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every member, and whether it is in rotation; changes nothing
    List(List),
    /// Take a node out of rotation, and wait until nothing runs through it; the last one stays
    Disconnect(Change),
    /// Put a node into rotation
    Connect(Change),
}

#[derive(Debug, clap::Args)]
struct List {
    /// The target file
    #[arg(long, value_name = "FILE")]
    target: PathBuf,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct Change {
    /// The node
    node: String,
    /// The target file
    #[arg(long, value_name = "FILE")]
    target: PathBuf,
}

pub(super) fn run(args: &Args) -> Ended {
    match &args.action {
        Action::List(list) => {
            let (target, rotation) = open(&list.target)?;
            let members = runtime()?.block_on(rotation.list());
            let members = members.map_err(|error| failed(&target, &error))?;
            match list.format {
                Format::Text => members.iter().for_each(|member| println!("{}", line(member))),
                Format::Json => println!("{:#}", json(&members)),
            }
        }
        Action::Disconnect(change) => {
            let (target, rotation) = open(&change.target)?;
            let node = node_of(&target, &change.node);
            runtime()?.block_on(async {
                others_serve(&target, &rotation, &node, &change.target).await?;
                rotation.disconnect(&node).await.map_err(|error| failed(&target, &error))
            })?;
            let file = change.target.display().to_string();
            let back = Command::zdu(["balancer", "connect", &change.node, "--target", &file]);
            println!(
                "{} is out of rotation, and nothing runs through it; back: {back}",
                change.node
            );
        }
        Action::Connect(change) => {
            let (target, rotation) = open(&change.target)?;
            let node = node_of(&target, &change.node);
            let done = runtime()?.block_on(rotation.connect(&node));
            done.map_err(|error| failed(&target, &error))?;
            println!("{} is in rotation", change.node);
        }
    }
    Ok(Exit::Fine)
}

fn open(file: &std::path::Path) -> Result<(Target, Rotation), Failure> {
    let target = Target::read(file).map_err(|error| Failure::usage(error.to_string()))?;
    let Some(settings) = &target.balancer else {
        let what = "the target file has no [balancer]; its kinds and keys: zdu explain target";
        return Err(Failure::usage(what));
    };
    let rotation = Rotation::new(settings);
    Ok((target, rotation))
}

/// Refuses where no other node that the API lists as ACTIVE is in rotation. Where that is not known it is said, and the load
/// balancer's own word is taken.
async fn others_serve(
    target: &Target,
    rotation: &Rotation,
    node: &Node,
    file: &std::path::Path,
) -> Result<(), Failure> {
    let listed = rotation.list().await.map_err(|error| failed(target, &error))?;
    let Ok(member) = members_of::find(&listed, node).cloned() else { return Ok(()) };
    if member.place == Place::Out {
        return Ok(());
    }
    let unknown = |why: &str| {
        note(&format!("zdu: not known whether another node that is in rotation is ACTIVE: {why}"));
        Ok(())
    };
    let credentials = credentials()?;
    let site = match waiting_for(&target.url, Site::connect(target, &credentials)).await {
        Ok(site) => site,
        Err(error) => return unknown(&error.to_string()),
    };
    let LeftAs::Seen(seen) = site.look(Source::Cluster, View::Overview).await.left_as() else {
        return unknown("the API gives no overview");
    };
    let places = Places::new(&Ok(listed), &seen, target, &site.dictionary.names());
    let up = |other: &Member| other.name != member.name && other.healthy != Some(false);
    if places.serving.iter().any(up) {
        return Ok(());
    }
    if let Some(error) = places.unknown.first() {
        return unknown(&error.to_string());
    }
    let advise = Command::zdu(["advise", "--target", &file.display().to_string()]);
    Err(Failure::usage(format!(
        "no other node that is in rotation is ACTIVE: without {} nobody would serve; bring another node back, and into rotation, first: {advise}",
        member.name
    )))
}

fn failed(target: &Target, error: &Error) -> Failure {
    let exit = match error {
        Error::Unreachable { .. } => Exit::Unreachable,
        Error::StillBusy { .. } => Exit::Inconclusive,
        Error::Ignored { .. } => Exit::Deviation,
        Error::NoSuchMember { .. }
        | Error::Ambiguous { .. }
        | Error::LastMember { .. }
        | Error::Refused { .. }
        | Error::Unexpected { .. }
        | Error::LeftChanged { .. } => Exit::Usage,
    };
    let rule = match (exit, &target.balancer) {
        (Exit::Deviation, Some(settings)) => format!("{}: ", rule_of(settings)),
        _ => String::new(),
    };
    Failure::new(exit, format!("{rule}{error}"))
}

fn line(member: &Member) -> String {
    let address = member.address.as_ref().map_or_else(String::new, |text| format!("  {text}"));
    let health = match member.healthy {
        Some(true) => "  up",
        Some(false) => "  DOWN",
        None => "",
    };
    let busy = member.busy.map_or_else(String::new, |busy| format!("  {busy} running"));
    let sent = member.sent.map_or_else(String::new, |sent| format!("  {sent} so far"));
    format!("{:<24} {:<8}{address}{health}{busy}{sent}", member.name, member.place.name())
}

fn json(members: &[Member]) -> serde_json::Value {
    let one = |member: &Member| {
        serde_json::json!({
            "member": member.name,
            "address": member.address,
            "rotation": member.place.name(),
            "healthy": member.healthy,
            "running": member.busy,
            "sent": member.sent,
        })
    };
    members.iter().map(one).collect()
}
