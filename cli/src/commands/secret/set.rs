//! `carapace secret set`.

use super::{answer, open, told};
use crate::args::SetSecret;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::vault;
use carapace_channel_api::SecretString;
use carapace_vault::{Error, KeySource, LARGEST, Vault, Where};
use jiff::Timestamp;
use serde_json::json;
use std::io::{IsTerminal as _, Read};

pub(crate) fn run(options: &SetSecret) -> Result<Exit, Problem> {
    let SetSecret { name, at, typed, .. } = options;
    if !typed.is_empty() {
        let message =
            "a secret is not typed behind its name: other programs see it there, and the shell keeps it";
        return Err(Problem::new("E1009", message).help(
            "leave it out to be asked for it, or use `--stdin` or `--file FILE`; replace the one that stood there by a new one",
        ));
    }
    // Before anything is asked for.
    carapace_vault::check_name(name).map_err(told)?;
    let (vault, place) = open(at)?;
    let before = vault.list().map_err(told)?.iter().any(|listed| listed.name == *name);
    let value = value(options)?;
    carapace_vault::check_value(&value).map_err(told)?;
    first_passphrase(&vault, &place)?;
    vault::unlock(&vault, true)?;
    let now = Timestamp::now().as_millisecond();
    vault.set(name, &value, now).map_err(told)?;
    let place = vault.describe().map_err(told)?;
    let done = if before { "is set anew" } else { "is set" };
    let words = format!("`{name}` {done} in {place}");
    answer(at, &words, &json!({ "set": name, "new": !before, "vault": place }));
    Ok(Exit::Fine)
}

/// A vault that is made now is not locked with what anybody guesses.
fn first_passphrase(vault: &Vault, place: &Where) -> Result<(), Problem> {
    let (Where::File { key: KeySource::PassphraseFile(path), .. }
    | Where::Usual { key: KeySource::PassphraseFile(path), .. }) = place
    else {
        return Ok(());
    };
    if vault.path().map_err(told)?.is_some() && vault.lock().map_err(told)?.is_none() {
        vault::new_passphrase(Some(path))?;
    }
    Ok(())
}

fn value(options: &SetSecret) -> Result<SecretString, Problem> {
    if let Some(path) = &options.file {
        let file = std::fs::File::open(path).map_err(|e| Problem::unreadable(path, &e))?;
        return read(file).map_err(|e| e.unwrap_or_else(|e| Problem::unreadable(path, &e)));
    }
    if options.stdin {
        let unreadable = |e| Problem::unreadable(std::path::Path::new("standard input"), &e);
        return read(std::io::stdin().lock()).map_err(|e| e.unwrap_or_else(unreadable));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Problem::new("E1009", "there is no terminal at which the secret could be typed")
            .help("`--stdin` takes it from standard input, `--file FILE` from a file"));
    }
    let typed = rpassword::prompt_password(format!("what `{}` is (it is not shown): ", options.name));
    typed.map(SecretString::from).map_err(|e| {
        Problem::new("E1009", format!("nothing was typed: {}", crate::problem::reason(&e)))
            .help("`--stdin` takes the secret from standard input, `--file FILE` from a file")
    })
}

/// All there is, without one newline at the end; an error of the reader, or what is wrong with what was read.
fn read(from: impl Read) -> Result<SecretString, Result<Problem, std::io::Error>> {
    let mut bytes = Vec::new();
    // With room for a newline, and for one more that shows it is too much.
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(3);
    from.take(most).read_to_end(&mut bytes).map_err(Err)?;
    let text = carapace_vault::text_of(bytes);
    text.map(SecretString::from).map_err(|error: Error| Ok(told(error)))
}
