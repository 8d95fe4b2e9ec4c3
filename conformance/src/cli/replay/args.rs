//! What `zdu replay` is told, and how its words name that again.

use std::path::PathBuf;
use std::time::Duration;

use zdu_endpoint::Defect;
use zdu_model::spec::profile::Profile;
use zdu_model::traces::trace::Trace;
use zdu_model::ways::situation::Situation;

use crate::cli::Failure;
use crate::cli::mock::duration;
use crate::cli::output::{Output, Thresholds};
use crate::cli::scope::ProfileArg;
use crate::cli::select::Select;
use crate::replay::{Embedded, MAX_BROKEN, Permission};
use crate::target::{Target, url_fault};
use crate::verdict::Command;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu replay traces --target cluster.toml --report-dir report\n\nWithout --target or --url each trace \
                        runs on an embedded mock cluster of its own. Credentials come from the environment: ZDU_USERNAME \
                        with ZDU_PASSWORD, or ZDU_TOKEN."
)]
pub(in crate::cli) struct Args {
    /// Trace files, or folders of them; none: the shipped traces
    #[arg(value_name = "TRACE or DIR")]
    pub(super) traces: Vec<PathBuf>,
    /// The target file
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub(super) target: Option<PathBuf>,
    /// A target without a file: reads and refused calls only, unless --control or --manual drives its nodes
    #[arg(long)]
    pub(super) url: Option<String>,
    /// Drive the nodes through a mock's control calls below this URL
    #[arg(long, value_name = "URL", conflicts_with = "manual")]
    pub(super) control: Option<String>,
    /// Drive the nodes by hand: says what to do and waits for Enter
    #[arg(long)]
    pub(super) manual: bool,
    /// Send reads only
    #[arg(long)]
    pub(super) observe_only: bool,
    #[command(flatten)]
    pub(super) select: Select,
    /// The family of builds, for --url and the embedded mock
    #[arg(long, value_enum)]
    pub(super) profile: Option<ProfileArg>,
    /// The versions, the original first; go before the target file's
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    versions: Vec<String>,
    /// The number of nodes of the embedded mock; each trace's own by default
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=16))]
    nodes: Option<u8>,
    /// A defect to plant in the embedded mock
    #[arg(long, value_name = "NAME", conflicts_with_all = ["target", "url"])]
    defect: Option<String>,
    /// How long a step of the embedded mock takes on average
    #[arg(long, default_value = "2ms", value_parser = duration)]
    pub(super) delay: Duration,
    /// What the embedded mock's jitter comes from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many traces run at once on embedded mocks
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    #[command(flatten)]
    pub(super) output: Output,
    #[command(flatten)]
    pub(super) thresholds: Thresholds,
    /// Go on with the run whose journal is in --report-dir, after Ctrl-C or a kill: traces that ended are not repeated
    #[arg(long, requires = "report_dir")]
    pub(super) resume: bool,
    /// Run again what failed or was not finished in the run whose journal is in --report-dir; the report keeps the rest of that run,
    /// and says what ran when
    #[arg(long, requires = "report_dir", conflicts_with = "resume")]
    pub(super) last_failed: bool,
    /// Consent to whatever brings the cluster, as it is found, to where traces start: cancelling an upgrade, changing versions,
    /// repairing a node
    #[arg(long)]
    pub(super) take_over: bool,
    /// End the run once so many traces in a row found the cluster where nothing brought it back; ask no more for a step that so
    /// many asked for in vain, each as long as a step may take
    #[arg(long, value_name = "NUMBER", default_value_t = MAX_BROKEN)]
    pub(super) max_broken: usize,
    /// End the run once this holds in every state that explains what was seen, and leave the cluster as it is; v0 is the first
    /// of the versions. How to write it: zdu explain expressions
    #[arg(long, value_name = "EXPR")]
    pub(super) stop_when: Option<Situation>,
    /// Write everything that is sent and seen into this file, to judge it again with `zdu validate`
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
}

impl Args {
    /// What may be done to this target.
    pub(super) const fn permission(&self, target: &Target) -> Permission {
        let post = !self.observe_only;
        Permission { disrupt: target.allow_disruption && post, post }
    }

    /// Whether the run goes on with one that has a journal.
    pub(super) const fn goes_on(&self) -> bool {
        self.resume || self.last_failed
    }
}

/// The mocks that the arguments name.
pub(super) fn embedded(args: &Args) -> Result<Embedded, Failure> {
    let defect = args
        .defect
        .as_deref()
        .map(str::parse::<Defect>)
        .transpose()
        .map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Embedded {
        delay: args.delay,
        seed: args.seed,
        defect,
        nodes: args.nodes.map(usize::from),
        jobs: usize::from(args.jobs),
        settle: None,
    })
}

/// The target that the arguments name; `None` is the embedded mock.
pub(super) fn target(args: &Args) -> Result<Option<Target>, Failure> {
    let mut target = match (&args.target, &args.url) {
        (Some(path), _) => Target::read(path).map_err(|error| Failure::usage(error.to_string()))?,
        (None, Some(url)) => {
            if let Some(fault) = url_fault(url) {
                return Err(Failure::usage(fault));
            }
            let mut target = Target::at(url);
            if args.control.is_some() {
                // A mock has its own versions and is quick; driving it is consent.
                target.versions = Embedded::VERSIONS.map(str::to_owned).to_vec();
                target.timing =
                    Embedded { delay: Duration::from_millis(20), ..Embedded::default() }.timing();
            }
            target.allow_disruption = args.control.is_some() || args.manual;
            target
        }
        (None, None) => return Ok(None),
    };
    // Flags go before the file.
    if let Some(profile) = args.profile {
        target.profile = Some(profile.into());
    }
    target.with_versions(&args.versions).map(Some).map_err(Failure::usage)
}

/// How the command line names the target, for commands to run next.
pub(super) fn which(args: &Args) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(target) = &args.target {
        words.extend(["--target".to_owned(), target.display().to_string()]);
    }
    for (flag, value) in [("--url", &args.url), ("--control", &args.control)] {
        words.extend(value.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
    }
    let flags = [
        ("--manual", args.manual),
        ("--observe-only", args.observe_only),
        ("--take-over", args.take_over),
    ];
    words.extend(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| (*flag).to_owned()));
    if let Some(profile) = args.profile {
        words.extend(["--profile".to_owned(), Profile::from(profile).to_string()]);
    }
    if !args.versions.is_empty() {
        words.extend(["--versions".to_owned(), args.versions.join(",")]);
    }
    words
}

/// The beginning of a command that replays one trace of these files, or of the shipped ones.
pub(super) fn replaying(files: &[PathBuf], trace: &Trace) -> Command {
    let files = files.iter().map(|path| path.display().to_string());
    Command::zdu(["replay"]).with(files).with(["--only", trace.name.as_str()])
}
