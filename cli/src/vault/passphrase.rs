//! Passphrases that people type.

use super::problem;
use crate::output;
use crate::problem::Problem;
use carapace_channel_api::{ExposeSecret as _, SecretString};
use carapace_vault::{Error, Lock, Vault, Wants};
use std::path::Path;

/// How often a wrong passphrase may be typed.
const TRIES: u32 = 3;
/// The shortest that a new one may be, in characters: shorter ones are guessed, however slow that is made.
const SHORTEST: usize = 8;

/// Opens the vault as far as a person has to: asks for the passphrase of the file where it has one and nothing else says
/// it; for a new one where a secret is about to be written into a file that is not there yet.
pub(crate) fn unlock(vault: &Vault, writing: bool) -> Result<(), Problem> {
    let told = |error: Error| problem(&error);
    match vault.wants(writing).map_err(told)? {
        Wants::Nothing => Ok(()),
        Wants::NewPassphrase => {
            vault.give(new_passphrase(None)?);
            Ok(())
        }
        Wants::Passphrase => {
            let place = vault.describe().map_err(told)?;
            for left in (0..TRIES).rev() {
                vault.give(ask(&format!("passphrase of {place}: "))?);
                match vault.open() {
                    Err(Error::WrongKey { .. }) if left > 0 => output::note("that is not it"),
                    result => return result.map_err(told),
                }
            }
            Ok(())
        }
    }
}

/// The passphrase that opens the file now: out of a file, or typed.
pub(crate) fn old_passphrase(file: Option<&Path>) -> Result<SecretString, Problem> {
    match file {
        Some(path) => carapace_vault::passphrase_of(path).map_err(|error| problem(&error)),
        None => ask("the passphrase that opens the secrets now: "),
    }
}

/// A new passphrase: out of a file, or typed twice.
pub(crate) fn new_passphrase(file: Option<&Path>) -> Result<SecretString, Problem> {
    if let Some(path) = file {
        let passphrase = carapace_vault::passphrase_of(path).map_err(|error| problem(&error))?;
        return long_enough(passphrase);
    }
    let first = long_enough(ask("a new passphrase for the secrets: ")?)?;
    let again = ask("once more: ")?;
    if first.expose_secret() == again.expose_secret() {
        return Ok(first);
    }
    Err(Problem::new("E1009", "the two passphrases are not the same").help("nothing was changed: try again"))
}

fn long_enough(passphrase: SecretString) -> Result<SecretString, Problem> {
    if passphrase.expose_secret().chars().count() < SHORTEST {
        let message = format!("a passphrase has {SHORTEST} characters or more");
        return Err(Problem::new("E1009", message).help("a few words that nobody guesses are good"));
    }
    Ok(passphrase)
}

/// Asks at the terminal, whatever standard input is.
fn ask(question: &str) -> Result<SecretString, Problem> {
    rpassword::prompt_password(question).map(SecretString::from).map_err(|_| {
        problem(&Error::NoKey {
            why: "there is no terminal to ask for the passphrase at".to_owned(),
            lock: Lock::Passphrase,
        })
    })
}
