//! Which runtime a command is for.

use super::Results;
use clap::Args as ClapArgs;
use std::path::{Path, PathBuf};

/// Which runtime.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Place {
    /// The runtime's data directory; where it is left out, what `carapace.json5` here says, else `.carapace`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

impl Place {
    /// That data directory.
    pub(crate) fn of(data: PathBuf) -> Place {
        let remote = Remote { to: None, with: With::default() };
        Place { data: Some(data), remote }
    }

    /// The data directory: what was typed, else what the configuration here says, else the usual one.
    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone().or_else(|| crate::config::data(None)).unwrap_or_else(|| PathBuf::from(".carapace"))
    }

    /// The same, where that configuration counts and not the one that lies here.
    pub(crate) fn data_with(&self, config: Option<&Path>) -> PathBuf {
        self.data
            .clone()
            .or_else(|| crate::config::data(config))
            .unwrap_or_else(|| PathBuf::from(".carapace"))
    }

    /// The same place, with a data directory that is known.
    pub(crate) fn settled(&self, data: PathBuf) -> Place {
        Place { data: Some(data), remote: self.remote.clone() }
    }

    /// How the same place is named to another command: ` --to URL`, ` --data DIR`, or nothing.
    pub(crate) fn flags(&self) -> String {
        match (&self.remote.to, &self.data) {
            (Some(url), _) => format!(" --to {url}"),
            (None, Some(data)) => format!(" --data {}", data.display()),
            (None, None) => String::new(),
        }
    }
}

/// A runtime on another machine.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Remote {
    /// A runtime that is reached over the network, by its address: `https://shop.example`. `carapace login` lets you in
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) with: With,
}

/// What a runtime on another machine is asked with.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct With {
    /// The file that the token for that runtime stands in; `CARAPACE_TOKEN` where it is left out, then what `carapace login` kept
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted besides those that everybody trusts
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

/// Which runtime, and how its answer is written.
#[derive(Debug, ClapArgs)]
pub(crate) struct Where {
    #[command(flatten)]
    pub(crate) place: Place,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}
