//! `--target FILE` and `--url URL`: which cluster a command is about, and how its command line is told again.

use std::path::PathBuf;

use super::Failure;
use super::check::ProfileArg;
use crate::exit::Exit;
use crate::replay::{ConnectError, Site};
use crate::secret::Credentials;
use crate::shell::{quoted, quoted_path};
use crate::target::{Target, url_fault};

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
    /// The versions, the original first; go before the file's
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
            target.profile = profile.into();
        }
        target.with_versions(&self.versions).map_err(Failure::usage)
    }

    /// The target with the versions that it runs, where no file names them: a URL alone says nothing of versions.
    pub(super) async fn connect(&self, target: &mut Target) -> Result<Site, Failure> {
        let credentials = credentials()?;
        if self.target.is_none()
            && self.versions.is_empty()
            && let Some(versions) = crate::advise::versions_of(target, &credentials).await
        {
            target.versions = versions;
        }
        (Site::connect(target, &credentials).await).map_err(|error| self.failed(&error))
    }

    /// A target that cannot be spoken with, and what to do next.
    pub(super) fn failed(&self, error: &ConnectError) -> Failure {
        let exit = if error.unreachable() { Exit::Unreachable } else { Exit::Usage };
        let next = format!("check it without touching anything: zdu doctor{}", self.words());
        Failure::new(exit, format!("{error}\n{next}"))
    }

    /// The same words again, with a space before each.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        if let Some(target) = &self.target {
            words.push_str(&format!(" --target {}", quoted_path(target)));
        }
        if let Some(url) = &self.url {
            words.push_str(&format!(" --url {}", quoted(url)));
        }
        match self.profile {
            None => {}
            Some(ProfileArg::Documented) => words.push_str(" --profile documented"),
            Some(ProfileArg::Finalization) => words.push_str(" --profile finalization"),
        }
        if !self.versions.is_empty() {
            words.push_str(&format!(" --versions {}", quoted(&self.versions.join(","))));
        }
        words
    }
}

/// The accounts of the environment.
pub(super) fn credentials() -> Result<Credentials, Failure> {
    Credentials::from_environment(|name| std::env::var(name).ok())
        .map_err(|error| Failure::usage(error.to_string()))
}
