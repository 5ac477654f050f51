//! The arguments of `carapace secret`.

use super::Results;
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// Keeps tokens, keys and passwords where only the runtime reads them. Flows and configurations hold their names.
#[derive(Debug, ClapArgs)]
pub(crate) struct Secret {
    #[command(subcommand)]
    pub(crate) command: SecretCommand,
}

/// What to do with secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Set one, or set it anew: it is asked for, and not shown while it is typed
    Set(SetSecret),
    /// List names, and when each was set; never what they are
    List(ListSecrets),
    /// Take one out
    Rm(RemoveSecret),
    /// Lock the file of secrets with a new key or a new passphrase
    Rotate(RotateSecrets),
}

/// Whose vault, and what opens it.
#[derive(Debug, ClapArgs)]
pub(crate) struct VaultAt {
    /// What the runtime is configured with; `carapace.json5` where that file is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The runtime's data directory; `.carapace` where nothing says it
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// A file whose first line is the passphrase of the file of secrets; `/dev/fd/3` is a pipe
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}

/// Sets a secret. A runtime sees it at its next use.
#[derive(Debug, ClapArgs)]
pub(crate) struct SetSecret {
    /// What it is called: letters, digits, `-`, `_` and `.`
    pub(crate) name: String,
    /// What was typed behind it, where the secret itself does not belong: it is refused, and not repeated
    #[arg(hide = true)]
    pub(crate) typed: Vec<String>,
    /// Take it from standard input, up to its end; one newline there is none of it
    #[arg(long, conflicts_with = "file")]
    pub(crate) stdin: bool,
    /// Take it from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) at: VaultAt,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListSecrets {
    #[command(flatten)]
    pub(crate) at: VaultAt,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RemoveSecret {
    /// What it is called
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) at: VaultAt,
}

/// Locks the file of secrets anew: with a new key where the configuration names a key file, else with a new passphrase, which
/// is asked for. The secrets stay what they are.
#[derive(Debug, ClapArgs)]
pub(crate) struct RotateSecrets {
    /// A file whose first line is the new passphrase
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// The key that opens the file now, where the configuration names another one or none
    #[arg(long, value_name = "FILE")]
    pub(crate) old_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) at: VaultAt,
}
