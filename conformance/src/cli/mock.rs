//! `zdu mock`: a cluster to try things on.

use std::net::SocketAddr;
use std::time::Duration;

use zdu_endpoint::{
    Addresses, BACKEND, BalancerDefect, Credentials, Defect, Flavour, Freedom, Freedoms, Layouts,
    Mock, MockBalancer, Options,
};

use super::scope::{Format, ProfileArg};
use super::{Ended, Failure, runtime};
use crate::exit::Exit;
use crate::replay::family;
use crate::secret;
use crate::verdict::Command;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu mock --nodes 3 --defect stable-despite-error\n\nControl calls make steps happen: POST /_mock/nodes/n1/STEP, where STEP is stop, kill, boot, \
                        break, repair, install?version=9.2.4 or, with --profile finalization, fail_tasks; POST /_mock/reset; GET /_mock/state tells \
                        what is hidden. Set ZDU_USERNAME and ZDU_PASSWORD to \
                        have the mock ask for credentials."
)]
pub(super) struct Args {
    /// The address of the API; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// The number of nodes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    nodes: u8,
    /// The layout that is served
    #[arg(long, value_enum, default_value_t = LayoutArg::Both)]
    layout: LayoutArg,
    /// A context path, such as /confluence
    #[arg(long, default_value = "")]
    context: String,
    /// The versions, the original first
    #[arg(long, value_delimiter = ',', default_value = "9.2.1,9.2.4,9.3.0")]
    versions: Vec<String>,
    /// The family of builds
    #[arg(long, value_enum, default_value_t = ProfileArg::Documented)]
    profile: ProfileArg,
    /// How long a step takes at most
    #[arg(long, default_value = "20ms", value_parser = duration)]
    delay: Duration,
    /// What all chance comes from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// An address for a load balancer in front of the nodes, which is driven as HAProxy is; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    balancer: Option<SocketAddr>,
    /// The defect to plant: in the cluster, or in the load balancer, which is there then
    #[arg(long, value_name = "NAME")]
    defect: Option<String>,
    /// List the defects, each with the rule that it breaks
    #[arg(long)]
    list_defects: bool,
    /// What kind of build it is
    #[arg(long, value_enum, default_value_t = FlavourArg::Plain)]
    flavour: FlavourArg,
    /// Freedoms of the specification that are used, beside those of the flavour
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    freedoms: Vec<String>,
    /// List the freedoms
    #[arg(long)]
    list_freedoms: bool,
    /// With --list-defects or --list-freedoms: text for readers, or JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Refuse a POST without `X-Atlassian-Token: no-check`
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LayoutArg {
    /// The one that the vendor's page gives
    Documented,
    /// The one of deployed builds
    Product,
    /// Both
    Both,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FlavourArg {
    /// As simple as a conforming build can be
    Plain,
    /// Every freedom that the specification leaves
    Free,
    /// The same, and STABLE with an errored node while upgrade mode is off, as deployed builds are said to show
    Deployed,
}

/// Reads a duration from the command line.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write one such as 20ms or 15m"))
}

pub(super) fn run(args: Args) -> Ended {
    if args.list_defects {
        match args.format {
            Format::Text => println!("{}\n{}", Defect::table(), BalancerDefect::table()),
            Format::Json => {
                let all = [Defect::json(), BalancerDefect::json()];
                let all = all.iter().filter_map(serde_json::Value::as_array).flatten().cloned();
                println!("{:#}", all.collect::<serde_json::Value>());
            }
        }
        return Ok(Exit::Fine);
    }
    if args.list_freedoms {
        list_freedoms(args.format);
        return Ok(Exit::Fine);
    }
    let planted = args.defect.as_deref();
    let wrong: Option<BalancerDefect> = planted.and_then(|name| name.parse().ok());
    let defect = planted.filter(|_| wrong.is_none()).map(str::parse::<Defect>).transpose();
    let defect = defect.map_err(|error| Failure::usage(error.to_string()))?;
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let balancer = args.balancer.or_else(|| wrong.map(|_| free));
    let freedoms = freedoms(args.flavour, &args.freedoms)?;
    let credentials = secret::Credentials::from_environment(|name| std::env::var(name).ok())
        .map_err(|error| Failure::usage(error.to_string()))?;
    let options = Options {
        nodes: usize::from(args.nodes),
        versions: args.versions,
        profile: family(args.profile.into()),
        layouts: match args.layout {
            LayoutArg::Documented => Layouts::Documented,
            LayoutArg::Product => Layouts::Product,
            LayoutArg::Both => Layouts::Both,
        },
        context: args.context,
        delay: args.delay,
        seed: args.seed,
        defect,
        freedoms,
        credentials: accounts(credentials),
        strict: args.strict,
        ..Options::default()
    };
    let addresses = Addresses { listen: args.listen, nodes: true };
    let runtime = runtime()?;
    runtime.block_on(async {
        let mock = Mock::start_at(addresses, options)
            .await
            .map_err(|error| Failure::usage(error.to_string()))?;
        let balancer = balancer.map(|front| in_front(&mock, front, wrong)).transpose()?;
        println!("mock cluster at {}", mock.url());
        for (id, url) in mock.node_ids().iter().zip(mock.node_urls()) {
            println!("  node {id} at {url}");
        }
        if let Some(defect) = defect {
            println!("  planted: {} ({})", defect.name(), defect.row().rules[0]);
        }
        if let Some(balancer) = &balancer {
            tell(balancer, wrong);
        }
        let control = format!("{}/_mock", mock.url());
        let replay = Command::zdu(["replay", "--url", mock.url(), "--control", &control]);
        println!("replay the suite on it: {replay}");
        println!("Ctrl-C ends it");
        let _ = tokio::signal::ctrl_c().await;
        drop(balancer);
        mock.stop().await;
        Ok(Exit::Fine)
    })
}

/// A load balancer in front of the nodes.
fn in_front(
    mock: &Mock,
    front: SocketAddr,
    wrong: Option<BalancerDefect>,
) -> Result<MockBalancer, Failure> {
    let address = |url: &String| url.trim_start_matches("http://").parse().ok();
    let nodes = mock.node_ids().into_iter().zip(mock.node_urls());
    let members: Vec<(String, SocketAddr)> =
        nodes.filter_map(|(id, url)| Some((id, address(url)?))).collect();
    let api = SocketAddr::new(front.ip(), 0);
    MockBalancer::start((front, api), &members, wrong).map_err(|error| {
        let what = format!("cannot listen on {front}: {error}; choose another --balancer");
        Failure::usage(what)
    })
}

/// Where it is, and the lines of a target file that name it.
fn tell(balancer: &MockBalancer, wrong: Option<BalancerDefect>) {
    println!("  load balancer at http://{}; in the target file:", balancer.front);
    println!(
        "    [balancer]\n    kind = \"haproxy\"\n    socket = \"{}\"\n    backend = \"{BACKEND}\"",
        balancer.api
    );
    if let Some(wrong) = wrong {
        println!("  planted: {} ({})", wrong.name(), wrong.row().rules[0]);
    }
}

fn list_freedoms(format: Format) {
    match format {
        Format::Text => {
            for freedom in Freedom::ALL {
                println!("{:<26} {}", freedom.name(), freedom.text());
            }
        }
        Format::Json => {
            let object = |freedom: &Freedom| {
                serde_json::json!({
                    "name": freedom.name(),
                    "text": freedom.text(),
                    "conforms": freedom.conforms(),
                })
            };
            let all: serde_json::Value = Freedom::ALL.iter().map(object).collect();
            println!("{all:#}");
        }
    }
}

fn freedoms(flavour: FlavourArg, more: &[String]) -> Result<Freedoms, Failure> {
    let flavour = match flavour {
        FlavourArg::Plain => Flavour::Plain,
        FlavourArg::Free => Flavour::Free,
        FlavourArg::Deployed => Flavour::Deployed,
    };
    more.iter().try_fold(Freedoms::of(flavour), |used, name| {
        let freedom: Freedom = name
            .parse()
            .map_err(|error: zdu_endpoint::UnknownName| Failure::usage(error.to_string()))?;
        Ok(used.with(freedom))
    })
}

/// The environment's accounts as the mock's.
fn accounts(credentials: secret::Credentials) -> Option<Credentials> {
    let plain = match credentials.plain {
        Some(secret::Account::Basic { username, password }) => Some((username, password)),
        Some(secret::Account::Token(_)) | None => None,
    };
    match credentials.admin? {
        secret::Account::Basic { username, password } => {
            Some(Credentials { user: username, password, token: None, plain })
        }
        secret::Account::Token(token) => Some(Credentials {
            user: "admin".to_owned(),
            // Nobody knows it: only the token is accepted.
            password: format!("{:032x}", fastrand::u128(..)),
            token: Some(token),
            plain,
        }),
    }
}
