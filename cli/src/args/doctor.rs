//! The arguments of `carapace doctor`.

use super::{Place, Results};
use clap::Args as ClapArgs;
use std::path::PathBuf;

/// Looks whether a runtime has what it needs: its configuration, its data directory, the clock, the address that it serves, and its
/// channels, each by a real round trip to its network where that offers one. Says what to do where something is wrong.
///
/// Exit codes: 0 all is well; 1 something is wrong; 2 it could not be looked at.
#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    /// What the runtime is configured with; `carapace.json5` where that file is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}
