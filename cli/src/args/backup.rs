//! The arguments of `carapace backup` and `carapace restore`.

use clap::Args as ClapArgs;
use std::path::PathBuf;

/// Copies everything that a runtime keeps into one compressed file: as it was at one moment, while the runtime goes on, or
/// while it is stopped. Secrets are not among it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Backup {
    /// The file to make; one that is there is left alone
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The runtime's data directory; where it is left out, what `carapace.json5` here says, else `.carapace`
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// Makes a data directory of a backup, after comparing each file with what it was. What is there is left alone.
#[derive(Debug, ClapArgs)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The data directory to make: one that is not there, or empty
    #[arg(long, value_name = "DIR", default_value = ".carapace")]
    pub(crate) data: PathBuf,
}
