//! `carapace secret rotate`.

use super::{answer, open, open_as_written, told};
use crate::args::RotateSecrets;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{output, vault};
use carapace_vault::{KeySource, Lock, NewKey, Where};
use serde_json::json;

pub(crate) fn run(options: &RotateSecrets) -> Result<Exit, Problem> {
    let RotateSecrets { new_passphrase_file, old_key_file, at } = options;
    // A passphrase that is named opens what there is; the configuration says what it is locked with from now on.
    let written = open_as_written(at)?;
    let (vault, place) = match &written.1 {
        Where::File { key: KeySource::KeyFile(_), .. } => written,
        _ => open(at)?,
    };
    vault.check_rotation().map_err(told)?;
    let source = match &place {
        Where::File { key, .. } | Where::Usual { key, .. } => key.clone(),
        _ => KeySource::Given,
    };
    let old = match (old_key_file, vault.lock().map_err(told)?, source.lock()) {
        (Some(path), ..) => Some(KeySource::KeyFile(path.clone())),
        // The configuration names a key, and a passphrase still opens the file.
        (None, Some(Lock::Passphrase), Lock::Key) => {
            vault.give(vault::old_passphrase(at.passphrase_file.as_deref())?);
            Some(KeySource::Given)
        }
        _ => None,
    };
    if old.is_none() {
        vault::unlock(&vault, false)?;
        // What cannot be opened is told before anything new is asked for.
        vault.open().map_err(told)?;
    }
    let new = match (&source, new_passphrase_file) {
        (KeySource::KeyFile(path), None) => NewKey::KeyFile(path.clone()),
        (_, file) => NewKey::Passphrase(vault::new_passphrase(file.as_deref())?),
    };
    let count = vault.rotate(old.as_ref(), &new).map_err(told)?;
    let place = vault.describe().map_err(told)?;
    let with = match &new {
        NewKey::Passphrase(_) => "the new passphrase".to_owned(),
        NewKey::KeyFile(path) => format!("a new key in `{}`", path.display()),
    };
    let secrets = output::plural(count, "secret");
    let words = format!("{secrets} in {place} locked with {with}");
    answer(
        at,
        &words,
        &json!({ "secrets": count, "vault": place, "key_file": match &new {
        NewKey::KeyFile(path) => Some(path.display().to_string()),
        NewKey::Passphrase(_) => None,
    } }),
    );
    if let (NewKey::Passphrase(_), KeySource::PassphraseFile(path)) = (&new, &source) {
        let path = path.display();
        output::note(&format!("write the new passphrase into `{path}`, which a runtime reads it from"));
    } else if matches!(new, NewKey::Passphrase(_)) {
        output::note("a runtime that was started with the old one has to be started again");
    }
    Ok(Exit::Fine)
}
