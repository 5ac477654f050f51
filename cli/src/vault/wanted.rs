//! Secrets that packages and accounts name.

use crate::problem::Problem;
use carapace_module::Module;
use carapace_module::signature::Capabilities;
use carapace_vault::Vault;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// A secret, and who names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    pub(crate) by: String,
    pub(crate) name: String,
}

/// The secrets in a list of capabilities.
fn named(capabilities: &[Capabilities]) -> BTreeSet<&str> {
    let lines = capabilities.iter().flat_map(|of| &of.touches).map(Arc::as_ref);
    lines.filter_map(|line: &str| line.strip_prefix("secret ")).collect()
}

impl Wanted {
    /// Those that a module names.
    pub(crate) fn of(module: &Module) -> Vec<Wanted> {
        Wanted::of_capabilities(&module.package, &module.capabilities)
    }

    /// Those that a package of these capabilities names.
    pub(crate) fn of_capabilities(package: &str, capabilities: &[Capabilities]) -> Vec<Wanted> {
        let wanted = |name: &str| Wanted { by: package.to_owned(), name: name.to_owned() };
        named(capabilities).into_iter().map(wanted).collect()
    }
}

/// Those of these names that are not set in the vault of the runtime that is configured here; none where that cannot be said.
pub(crate) fn unset(data: &Path, names: &[Arc<str>]) -> Vec<Arc<str>> {
    let Some(vault) = super::here(Some(data)).filter(|_| !names.is_empty()) else { return Vec::new() };
    let Ok(listed) = vault.list() else { return Vec::new() };
    let is_set =
        |name: &Arc<str>| listed.iter().any(|listed| *listed.name == **name) || vault.read(name).is_ok();
    names.iter().filter(|name| !is_set(name)).cloned().collect()
}

/// What is to be said of secrets that are named and not set. Where none is named the vault is not asked.
pub(crate) fn missing(vault: &Vault, wanted: &[Wanted]) -> Vec<Problem> {
    let Some(first) = wanted.first() else { return Vec::new() };
    let listed = match vault.list() {
        Ok(listed) => listed,
        Err(error) => {
            let Wanted { by, name } = first;
            let others = if wanted.len() > 1 { " and others" } else { "" };
            let message = format!(
                "`{by}` needs the secret `{name}`{others}, and whether it is set cannot be said: {error} [{}]",
                error.code()
            );
            return vec![Problem::new("W0611", message).help(error.help())];
        }
    };
    let is_set = |name: &str| {
        listed.iter().any(|listed| listed.name == name)
            // A keychain does not list what other programs put there.
            || vault.read(name).is_ok()
    };
    let told = |Wanted { by, name }: &Wanted| {
        Problem::new("W0611", format!("`{by}` needs the secret `{name}`, which is not set"))
            .help(format!("`carapace secret set {name}` sets it, also while the runtime runs"))
    };
    wanted.iter().filter(|wanted| !is_set(&wanted.name)).map(told).collect()
}
