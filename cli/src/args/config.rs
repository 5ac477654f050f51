//! The arguments of `carapace config`.

use super::{Format, Results, Run};
use clap::{Args as ClapArgs, Subcommand};
use std::path::{Path, PathBuf};

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

/// Which file is meant.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigFile {
    /// The configuration
    #[arg(value_name = "FILE", default_value = carapace_config::FILE_NAME)]
    file: PathBuf,
    /// The same, as other commands take it
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// The file.
    pub(crate) fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(&self.file)
    }
}

/// Finds mistakes in a configuration and in the files that it includes, with the environment as it is here.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigCheck {
    #[command(flatten)]
    pub(crate) at: ConfigFile,
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

/// Rewrites a file of an older version in the form of the newest, comments and all. What it was is kept beside it:
/// `carapace.json5.version-0`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigMigrate {
    #[command(flatten)]
    pub(crate) at: ConfigFile,
    /// Only say what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}
