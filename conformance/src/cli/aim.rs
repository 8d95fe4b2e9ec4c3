//! `--target FILE` and `--url URL`: which cluster a command is about, and how its command line is told again.

use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use super::Failure;
use super::scope::ProfileArg;
use crate::doctor::TargetFaults;
use crate::exit::Exit;
use crate::printing::note;
use crate::replay::{ConnectError, Site};
use crate::secret::Credentials;
use crate::target::{Target, url_fault};
use crate::verdict::Command;

/// Which cluster.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Aim {
    /// The target file
    #[arg(long, value_name = "FILE", required_unless_present = "url")]
    pub(super) target: Option<PathBuf>,
    /// A target without a file
    #[arg(long, conflicts_with = "target")]
    pub(super) url: Option<String>,
    /// The family of builds; goes before the file's
    #[arg(long, value_enum)]
    pub(super) profile: Option<ProfileArg>,
    /// The versions, the original first; go before the target file's
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(super) versions: Vec<String>,
}

impl Aim {
    /// The target, read.
    pub(super) fn read(&self) -> Result<Target, Failure> {
        let mut target = match (&self.target, &self.url) {
            (Some(path), _) => {
                Target::read(path).map_err(|error| Failure::usage(error.to_string()))?
            }
            (None, Some(url)) => {
                if let Some(fault) = url_fault(url) {
                    return Err(Failure::usage(fault));
                }
                Target::at(url)
            }
            (None, None) => {
                return Err(Failure::usage("give --target FILE, or --url URL"));
            }
        };
        if let Some(profile) = self.profile {
            target.profile = Some(profile.into());
        }
        target.with_versions(&self.versions).map_err(Failure::usage)
    }

    /// The target with the versions that it runs, where no file names them: a URL alone says nothing of versions.
    pub(super) async fn connect(&self, target: &mut Target) -> Result<Site, Failure> {
        let (credentials, to) = (credentials()?, target.url.clone());
        waiting_for(&to, self.reach(target, &credentials)).await
    }

    async fn reach(&self, target: &mut Target, credentials: &Credentials) -> Result<Site, Failure> {
        if self.target.is_none()
            && self.versions.is_empty()
            && let Some(versions) = crate::advise::versions_of(target, credentials).await
        {
            target.versions = versions;
        }
        let site = Site::connect(target, credentials).await.map_err(|error| self.failed(&error))?;
        let left_out = TargetFaults::unnamed(target, &site).await;
        let Some(fault) = left_out.found().first() else { return Ok(site) };
        let told = left_out.remedy(fault).line();
        let next = format!("check it without touching anything: zdu doctor{}", self.words());
        Err(Failure::usage(format!("{told}\n{next}")))
    }

    /// A target that cannot be spoken with, and what to do next.
    pub(super) fn failed(&self, error: &ConnectError) -> Failure {
        let exit = if error.unreachable() { Exit::Unreachable } else { Exit::Usage };
        let next = format!("check it without touching anything: zdu doctor{}", self.words());
        Failure::new(exit, format!("{error}\n{next}"))
    }

    /// The same words again.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(target) = &self.target {
            words.extend(["--target".to_owned(), target.display().to_string()]);
        }
        if let Some(url) = &self.url {
            words.extend(["--url".to_owned(), url.clone()]);
        }
        if let Some(profile) = self.profile {
            let name = match profile {
                ProfileArg::Documented => "documented",
                ProfileArg::Finalization => "finalization",
            };
            words.extend(["--profile".to_owned(), name.to_owned()]);
        }
        if !self.versions.is_empty() {
            words.extend(["--versions".to_owned(), self.versions.join(",")]);
        }
        words
    }

    /// The same as they are typed, with a space before.
    pub(super) fn words(&self) -> String {
        format!(" {}", self.arguments().into_iter().collect::<Command>())
    }
}

/// How long nobody is told that it is still asked. Whether nobody answers, or somebody slowly, is not known then.
const PATIENCE: Duration = Duration::from_secs(1);

/// Says that it is still asked, where it takes a while.
pub(super) async fn waiting_for<T>(url: &str, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(PATIENCE) => {}
    }
    note(&format!("zdu: asking the API at {url} takes longer than a second; going on"));
    work.await
}

/// The accounts of the environment.
pub(super) fn credentials() -> Result<Credentials, Failure> {
    Credentials::from_environment(|name| std::env::var(name).ok())
        .map_err(|error| Failure::usage(error.to_string()))
}
