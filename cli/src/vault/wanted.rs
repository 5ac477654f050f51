//! Secrets that packages and accounts name.

use crate::problem::Problem;
use carapace_module::Module;
use carapace_module::signature::Capabilities;
use carapace_vault::{Error, Vault};
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

    /// That it is not set.
    pub(crate) fn lack(&self) -> String {
        format!("`{}` needs the secret `{}`, which is not set", self.by, self.name)
    }

    /// What to do then.
    pub(crate) fn way_out(&self) -> String {
        format!("`carapace secret set {}` sets it, also while the runtime runs", self.name)
    }

    /// Those that a package of these capabilities names.
    pub(crate) fn of_capabilities(package: &str, capabilities: &[Capabilities]) -> Vec<Wanted> {
        let wanted = |name: &str| Wanted { by: package.to_owned(), name: name.to_owned() };
        named(capabilities).into_iter().map(wanted).collect()
    }
}

/// Those of these names that are not set in the vault of the runtime that is configured here; none where that cannot be said.
pub(crate) fn unset(config: Option<&Path>, data: &Path, names: &[Arc<str>]) -> Vec<Arc<str>> {
    let Some(vault) = super::here(config, Some(data)).filter(|_| !names.is_empty()) else {
        return Vec::new();
    };
    let Ok(listed) = vault.list() else { return Vec::new() };
    let is_set =
        |name: &Arc<str>| listed.iter().any(|listed| *listed.name == **name) || vault.read(name).is_ok();
    names.iter().filter(|name| !is_set(name)).cloned().collect()
}

/// Those that are not set; none where none is named, and the vault is not asked then.
///
/// # Errors
/// Why it cannot be said.
pub(crate) fn not_set<'w>(vault: &Vault, wanted: &'w [Wanted]) -> Result<Vec<&'w Wanted>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let listed = vault.list()?;
    let is_set = |name: &str| {
        listed.iter().any(|listed| listed.name == name)
            // A keychain does not list what other programs put there.
            || vault.read(name).is_ok()
    };
    Ok(wanted.iter().filter(|wanted| !is_set(&wanted.name)).collect())
}

/// What is to be said of secrets that are named and not set. Where none is named the vault is not asked.
pub(crate) fn missing(vault: &Vault, wanted: &[Wanted]) -> Vec<Problem> {
    let Some(first) = wanted.first() else { return Vec::new() };
    let unset = match not_set(vault, wanted) {
        Ok(unset) => unset,
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
    unset.into_iter().map(|wanted| Problem::new("W0611", wanted.lack()).help(wanted.way_out())).collect()
}
