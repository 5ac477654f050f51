//! The arguments of `carapace login` and `carapace logout`.

use super::place::With;
use clap::Args as ClapArgs;

/// Keeps the token for a runtime on another machine, after asking that runtime whether it takes it. `carapace token create`
/// makes one there.
#[derive(Debug, ClapArgs)]
pub(crate) struct Login {
    /// The runtime's address: `https://shop.example`
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// Read the token from standard input instead of asking for it
    #[arg(long, conflicts_with = "token_file")]
    pub(crate) stdin: bool,
    #[command(flatten)]
    pub(crate) with: With,
}

/// Forgets the token for a runtime on another machine. There it counts on: `carapace token revoke` ends that.
#[derive(Debug, ClapArgs)]
pub(crate) struct Logout {
    /// The runtime's address, as it was logged in to
    #[arg(value_name = "URL", required_unless_present = "all")]
    pub(crate) url: Option<String>,
    /// Forget all of them
    #[arg(long, conflicts_with = "url")]
    pub(crate) all: bool,
}
