//! How is the second endpoint started as a program?

#[path = "mod.rs"]
#[allow(dead_code, reason = "each user of the endpoint needs another part of it")]
mod endpoint;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use endpoint::Endpoint;
use endpoint::cluster::Profile;
use endpoint::defect::Defect;
use endpoint::freedom::{Freedom, Freedoms};
use endpoint::world::{Layout, Options};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProfileName {
    Documented,
    Finalization,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LayoutName {
    Documented,
    Product,
    Both,
}

/// A cluster to judge the conformance suite by.
///
/// Example: endpoint --nodes 3 --freedom all --seed 7 --write-target target.toml
#[derive(Debug, Parser)]
struct Arguments {
    /// Port of the API; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of the control calls; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    nodes: u8,
    /// The original version first.
    #[arg(long, value_delimiter = ',', default_value = "9.2.1,9.2.4")]
    versions: Vec<String>,
    #[arg(long, value_enum, default_value = "documented")]
    profile: ProfileName,
    #[arg(long, value_enum, default_value = "documented")]
    layout: LayoutName,
    /// Decides the delays, the choices among freedoms, and (modulo 4) the style of the node ids.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The longest delay of a step or of a spontaneous transition.
    #[arg(long, default_value_t = 2)]
    delay_ms: u64,
    /// How long finalization tasks run at least.
    #[arg(long)]
    tasks_ms: Option<u64>,
    /// Context path, such as /confluence.
    #[arg(long, default_value = "")]
    context: String,
    #[arg(long)]
    defect: Option<String>,
    /// Repeatable; `all` stands for every freedom.
    #[arg(long)]
    freedom: Vec<String>,
    /// `user:password` of the system administrator.
    #[arg(long)]
    auth: Option<String>,
    /// `user:password` of an account that may not call.
    #[arg(long)]
    plain: Option<String>,
    /// Writes a target file for the suite.
    #[arg(long)]
    write_target: Option<PathBuf>,
    #[arg(long)]
    list_defects: bool,
    #[arg(long)]
    list_freedoms: bool,
    /// With --list-defects: as JSON.
    #[arg(long)]
    json: bool,
}

fn options(arguments: &Arguments) -> Result<Options, String> {
    let context = arguments.context.trim_end_matches('/').to_owned();
    if !context.is_empty() && !context.starts_with('/') {
        return Err("a context path starts with a slash".to_owned());
    }
    if arguments.versions.len() < 2 {
        return Err("two versions are needed at least".to_owned());
    }
    let defect = match &arguments.defect {
        Some(name) => Some(
            Defect::parse(name)
                .ok_or_else(|| format!("no defect is called {name}; see --list-defects"))?,
        ),
        None => None,
    };
    Ok(Options {
        port: arguments.port,
        control_port: arguments.control_port,
        nodes: arguments.nodes.into(),
        versions: arguments.versions.clone(),
        profile: match arguments.profile {
            ProfileName::Documented => Profile::Documented,
            ProfileName::Finalization => Profile::Finalization,
        },
        layout: match arguments.layout {
            LayoutName::Documented => Layout::Documented,
            LayoutName::Product => Layout::Product,
            LayoutName::Both => Layout::Both,
        },
        seed: arguments.seed,
        delay: Duration::from_millis(arguments.delay_ms),
        tasks: arguments.tasks_ms.map(Duration::from_millis),
        context,
        defect,
        freedoms: Freedoms::parse(&arguments.freedom)?,
        auth: arguments.auth.clone(),
        plain: arguments.plain.clone(),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if arguments.list_defects {
        println!("{}", if arguments.json { Defect::json() } else { Defect::table() });
        return Ok(());
    }
    if arguments.list_freedoms {
        for freedom in Freedom::ALL {
            println!("{:<26} {}", freedom.name(), freedom.text());
        }
        return Ok(());
    }
    let endpoint = Endpoint::start(options(&arguments)?)?;
    if let Some(path) = &arguments.write_target {
        std::fs::write(path, endpoint::target::text(&endpoint))?;
    }
    println!("api http://{}  control http://{}", endpoint.api(), endpoint.control());
    loop {
        std::thread::park();
    }
}
