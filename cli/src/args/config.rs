//! The arguments of `carapace config`.

use super::{Format, Results, Run};
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct Configuration {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Say what counts, and what says so: a line of a file, a flag, or nothing
    Show(Box<ConfigShow>),
    /// Find mistakes
    Check(ConfigCheck),
    /// Rewrite a file of an older version in the form of the newest; the old one is kept beside it
    Migrate(ConfigMigrate),
}

/// Says what counts when `carapace run` is given the same arguments, key by key, and what says so: a line of a file, a flag,
/// or nothing, for what is the default. What comes out of the environment is not shown, only its name.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigShow {
    #[command(flatten)]
    pub(crate) run: Run,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}

/// Finds mistakes in a configuration and in the files that it includes, with the environment as it is here.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigCheck {
    /// The configuration
    #[arg(value_name = "FILE", default_value = carapace_config::FILE_NAME)]
    pub(crate) file: PathBuf,
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

/// Rewrites a file of an older version in the form of the newest, comments and all. What it was is kept beside it:
/// `carapace.json5.version-0`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigMigrate {
    /// The configuration
    #[arg(value_name = "FILE", default_value = carapace_config::FILE_NAME)]
    pub(crate) file: PathBuf,
    /// Only say what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}
