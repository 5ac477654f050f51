//! The arguments of `carapace forget`.

use super::Results;
use clap::Args as ClapArgs;
use std::path::PathBuf;

/// Erases what a runtime keeps of a person, whether it runs or not: their events, the runs that those began and that heard
/// them, values that are kept `by sender`, messages to them; from the state and from the journal with its archive. Says what it
/// did not touch.
#[derive(Debug, ClapArgs)]
pub(crate) struct Forget {
    /// Who: the account and the id that they have there, as `telegram:12345`
    pub(crate) sender: String,
    /// End runs first that live and are theirs or wait for them; their undos run
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) cancel: bool,
    /// Only say what there is
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The runtime's data directory
    #[arg(long, value_name = "DIR", default_value = ".carapace")]
    pub(crate) data: PathBuf,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}
