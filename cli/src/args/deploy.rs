//! The arguments of the commands about versions.

use super::Where;
use clap::Args as ClapArgs;
use std::path::PathBuf;

/// Hands packages to a runtime: to one that runs, which serves them from then on, or to one that is stopped, for its next
/// start. Says first what changes; runs that wait go on with the version that they began with.
#[derive(Debug, ClapArgs)]
pub(crate) struct Deploy {
    /// Packages, or modules that `carapace compile` made of them; where nothing is named, those of `carapace.json5`
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What says which packages, with which slots and settings; `carapace.json5` where that file is there. Flags go before it
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What a slot stands for: `oncall=webchat:#oncall`; others stand for what they stood for
    #[arg(long, value_name = "SLOT=PLACE")]
    pub(crate) bind: Vec<String>,
    /// A setting's value: `refund_limit="50 EUR"`; others that were given one keep it
    #[arg(long, value_name = "SETTING=VALUE")]
    pub(crate) set: Vec<String>,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) at: Where,
}

/// Lists what is deployed: what serves, what there is to go back to, what only serves the runs that began with it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Deployments {
    /// Only those of this package
    pub(crate) package: Option<String>,
    #[command(flatten)]
    pub(crate) at: Where,
}

/// Goes back to a version as it was, with its settings and bindings. That is itself a deployment: going back again goes
/// further back, and going back to a later number goes forward.
#[derive(Debug, ClapArgs)]
pub(crate) struct Rollback {
    /// The package
    pub(crate) package: String,
    /// The deployment's number; the one before, where it is left out
    #[arg(value_name = "NO")]
    pub(crate) number: Option<u32>,
    #[command(flatten)]
    pub(crate) at: Where,
}

/// Lets go of versions that serve nobody and that no run needs, and takes their modules out of the data directory.
#[derive(Debug, ClapArgs)]
pub(crate) struct Gc {
    /// How many former versions of each package are kept to go back to
    #[arg(long, value_name = "N", default_value_t = carapace_engine::decide::FORMER)]
    pub(crate) keep: usize,
    /// Only say what would go
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) at: Where,
}
