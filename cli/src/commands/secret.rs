//! `carapace secret`: tokens, keys and passwords, by name.

mod list;
mod rotate;
mod set;

use crate::args::{RemoveSecret, Results, Secret, SecretCommand, VaultAt};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{config, output, vault};
use carapace_config::Config;
use carapace_vault::{Error, Options, Vault, Where};
use serde_json::{Value as Json, json};
use std::path::Path;

pub(crate) fn run(options: &Secret) -> Result<Exit, Problem> {
    vault::guard_memory();
    match &options.command {
        SecretCommand::Set(options) => set::run(options),
        SecretCommand::List(options) => list::run(options),
        SecretCommand::Rm(options) => remove(options),
        SecretCommand::Rotate(options) => rotate::run(options),
    }
}

fn remove(options: &RemoveSecret) -> Result<Exit, Problem> {
    let RemoveSecret { name, at } = options;
    let (vault, _) = open(at)?;
    carapace_vault::check_name(name).map_err(told)?;
    vault::unlock(&vault, false)?;
    vault.remove(name).map_err(|error| match &error {
        Error::NotFound { .. } => told(error).help("`carapace secret list` says which there are"),
        _ => told(error),
    })?;
    let place = vault.describe().map_err(told)?;
    answer(at, &format!("`{name}` is gone from {place}"), &json!({ "removed": name, "vault": place }));
    Ok(Exit::Fine)
}

/// The vault that is meant.
fn open(at: &VaultAt) -> Result<(Vault, Where), Problem> {
    vault_of(place(at, at.passphrase_file.as_deref())?)
}

/// The same, opened by what the configuration says and not by what was typed.
fn open_as_written(at: &VaultAt) -> Result<(Vault, Where), Problem> {
    vault_of(place(at, None)?)
}

fn vault_of(options: Options) -> Result<(Vault, Where), Problem> {
    if let Some(exposed) = vault::exposed(&options.place) {
        exposed.print();
    }
    let place = options.place.clone();
    Ok((Vault::new(options), place))
}

fn place(at: &VaultAt, passphrase_file: Option<&Path>) -> Result<Options, Problem> {
    let file = config::file(at.config.as_deref());
    let loaded = file.as_deref().map(config::load).transpose()?;
    let config = loaded.as_ref().map(Config::of).unwrap_or_default();
    // What is wrong elsewhere is no reason: a token that stands there is moved into the vault with this very command.
    if let (Some(loaded), None) = (&loaded, &config.vault)
        && loaded.root.get("vault").is_some()
    {
        output::diagnostics(&loaded.diagnostics, &loaded.sources, crate::args::Format::Human);
        return Err(Problem::new("E0979", "the configuration does not say where secrets lie")
            .help("mend `vault` in it first; docs/secrets.md says what stands there"));
    }
    let folder = file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let data = at.data.clone().or_else(|| config.data.clone().map(|data| data.value));
    let data = data.unwrap_or_else(|| folder.join(".carapace"));
    Ok(vault::options(&config, &data, passphrase_file, vault::COMMAND))
}

fn told(error: carapace_vault::Error) -> Problem {
    vault::problem(&error)
}

/// Says what was done: to a person in words, to a program as a document.
fn answer(at: &VaultAt, words: &str, document: &Json) {
    match at.format {
        Results::Human => output::print(&format!("{words}\n")),
        Results::Json => output::print(&format!("{document:#}\n")),
    }
}
