//! The arguments of `carapace forget`.

use super::Where;
use clap::Args as ClapArgs;

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
    #[command(flatten)]
    pub(crate) at: Where,
}
