//! The arguments of `carapace audit`.

use super::Results;
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// Reads the log of what was done to a runtime, by whom, and who was refused; whether it runs or not.
#[derive(Debug, ClapArgs)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// What was done, the newest last
    List(ListActs),
    /// Whether each line is as it was written, and none is gone
    Verify(VerifyActs),
}

/// Where the log is, and how the answer is written.
#[derive(Debug, ClapArgs)]
pub(crate) struct Kept {
    /// The runtime's data directory; where it is left out, what `carapace.json5` here says, else `.carapace`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}

impl Kept {
    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        let said = self.data.clone().or_else(|| crate::config::data(None));
        said.unwrap_or_else(|| PathBuf::from(".carapace"))
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListActs {
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) at: Kept,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyActs {
    /// The newest hash that an earlier verify said, noted elsewhere: it has to be in the log still
    #[arg(long, value_name = "HASH")]
    pub(crate) head: Option<String>,
    #[command(flatten)]
    pub(crate) at: Kept,
}
