//! The vault as a command meets it: where it lies, what opens it, and what is missing in it.

mod passphrase;
mod wanted;

pub(crate) use passphrase::{new_passphrase, old_passphrase, unlock};
pub(crate) use wanted::{Wanted, missing, not_set, unset};

use crate::problem::Problem;
use carapace_config::{Config, VaultConfig, VaultKey};
use carapace_vault::{Error, FILE_NAME, KeySource, Options, SERVICE, Vault, Where};
use std::path::Path;
use std::time::Duration;

/// How long a command waits for a keychain whose person has to type.
pub(crate) const COMMAND: Duration = Duration::from_secs(120);
/// How long a runtime does, and what only wants to know what is missing.
pub(crate) const RUNTIME: Duration = Duration::from_secs(10);

/// Where the secrets of a runtime lie.
pub(crate) fn options(
    config: &Config,
    data: &Path,
    passphrase_file: Option<&Path>,
    patience: Duration,
) -> Options {
    // What was typed goes before what is written.
    let typed = passphrase_file.map(|path| KeySource::PassphraseFile(path.to_owned()));
    let place = match config.vault.as_ref().map(|vault| &vault.value) {
        None => Where::Usual { data: data.to_owned(), key: typed.unwrap_or(KeySource::Given) },
        Some(VaultConfig::Keychain { service }) => {
            Where::Keychain { service: service.clone().unwrap_or_else(|| SERVICE.to_owned()) }
        }
        Some(VaultConfig::File { path, key }) => {
            let written = match key {
                None => KeySource::Given,
                Some(VaultKey::Key(path)) => KeySource::KeyFile(path.clone()),
                Some(VaultKey::Passphrase(path)) => KeySource::PassphraseFile(path.clone()),
            };
            let path = path.clone().unwrap_or_else(|| data.join(FILE_NAME));
            Where::File { path, key: typed.unwrap_or(written) }
        }
        Some(VaultConfig::Folder { path }) => Where::Folder { path: path.clone() },
    };
    Options { place, patience }
}

/// The vault of the runtime that is configured here, or whose data directory is named, for commands that only want to know
/// what is missing in it; none where that cannot be said, which is nothing to be told then.
pub(crate) fn here(config: Option<&Path>, data: Option<&Path>) -> Option<Vault> {
    let file = crate::config::file(config);
    let loaded = file.as_deref().map(crate::config::load).transpose().ok()?;
    let config = loaded.as_ref().map(Config::of).unwrap_or_default();
    let configured = || config.data.as_ref().map(|data| data.value.clone());
    let data = data.map(Path::to_owned).or_else(configured).unwrap_or_else(|| ".carapace".into());
    Some(Vault::new(options(&config, &data, None, RUNTIME)))
}

/// What keeps a command from the vault, with the way out.
pub(crate) fn problem(error: &Error) -> Problem {
    Problem::new(error.code(), error.to_string()).help(error.help())
}

/// What is to be said of a file that opens the vault and that others can read.
pub(crate) fn exposed(place: &Where) -> Option<Problem> {
    let (Where::File { key, .. } | Where::Usual { key, .. }) = place else { return None };
    let path = key.file()?;
    readable_by_others(path).then(|| {
        let path = path.display();
        Problem::new("W0613", format!("`{path}` opens the secrets, and others than its owner can read it"))
            .help(format!("`chmod 600 {path}`"))
    })
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}

/// Keeps what is in this process's memory out of core files and from other programs of the same user, where that can be had.
pub(crate) fn guard_memory() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Without it everything works.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
