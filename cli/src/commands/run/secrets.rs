//! The vault of a runtime.

use super::notices::Notices;
use super::options::Options;
use super::packages::Ready;
use crate::vault::{self, Wanted};
use carapace_channel_registry::Attended;
use carapace_vault::Vault;
use std::sync::Arc;

/// The vault, opened as far as somebody has to type for it; what packages and accounts name and it does not have is told.
///
/// Where nothing names a secret, nothing is asked for and no keychain wakened: what does so later finds it locked, and is
/// told that.
pub(crate) fn open(
    options: &Options,
    modules: &[Ready],
    attended: Attended,
    notices: &Notices,
) -> Arc<Vault> {
    let vault = Arc::new(Vault::new(options.vault.clone()));
    let wanted: Vec<Wanted> = modules
        .iter()
        .flat_map(|ready| Wanted::of(&ready.module))
        .chain(options.wanted.iter().cloned())
        .collect();
    if wanted.is_empty() {
        return vault;
    }
    if let Some(exposed) = vault::exposed(&options.vault.place) {
        exposed.print();
    }
    let opened = match attended {
        Attended::Person { .. } => vault::unlock(&vault, false),
        Attended::Input { .. } => Ok(()),
    };
    // A start at night goes on without them, and says so.
    if let Err(problem) = opened.and_then(|()| vault.open().map_err(|error| vault::problem(&error))) {
        problem.print();
    }
    tell_missing(vault.clone(), wanted, notices.clone());
    vault
}

/// Says which of these are not set, without holding anybody up: a keychain may take a while.
pub(crate) fn tell_missing(vault: Arc<Vault>, wanted: Vec<Wanted>, notices: Notices) {
    tokio::task::spawn_blocking(move || {
        vault::missing(&vault, &wanted).into_iter().for_each(|problem| notices.tell(problem.to_string()));
    });
}
