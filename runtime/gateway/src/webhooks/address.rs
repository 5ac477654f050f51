//! Where a package's webhooks are served.

use carapace_module::Module;
use carapace_module::signature::TriggerSpec;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What every webhook's path begins with.
pub(super) const ROOT: &str = "/hooks/";

/// The code of a webhook that anybody can call.
const ASKS_NOBODY: &str = "W0651";

/// What stands in a package's name beside letters, and needs no other form in an address.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A webhook of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// `POST`.
    pub method: Arc<str>,
    /// `/hooks/shop/github`.
    pub path: String,
    /// How requests prove where they come from: `github`; none where they do not.
    pub signature: Option<Arc<str>>,
    /// The secret that this takes, where it takes one.
    pub secret: Option<Arc<str>>,
    /// The flows that it may start, by full name.
    pub flows: Vec<Arc<str>>,
}

impl Address {
    /// What an operator should know of it: that it asks nobody who they are.
    pub fn warning(&self) -> Option<String> {
        let Address { method, path, signature, .. } = self;
        signature.is_none().then(|| {
            format!(
                "warning[{ASKS_NOBODY}]: {method} {path} asks nobody who they are: whoever can reach it can call it; \
                 `signature:` says how a request proves where it comes from"
            )
        })
    }
}

/// The webhooks of a package, by path and method.
pub fn addresses(module: &Module) -> Vec<Address> {
    let mut found: BTreeMap<(&Arc<str>, &Arc<str>), Address> = BTreeMap::new();
    for flow in &module.flows {
        for trigger in &flow.triggers {
            let TriggerSpec::Webhook { path, method, signature, .. } = &trigger.spec else { continue };
            let address = found.entry((path, method)).or_insert_with(|| Address {
                method: method.clone(),
                path: format!("{ROOT}{}{path}", utf8_percent_encode(&module.package, NAME)),
                signature: None,
                secret: None,
                flows: Vec::new(),
            });
            if let Some((check, secret)) = signature {
                address.signature = Some(check.clone());
                address.secret = (!secret.is_empty()).then(|| secret.clone());
            }
            address.flows.push(flow.name.clone());
        }
    }
    found.into_values().collect()
}

/// The package that a request's path names, and the path as its flows have it.
pub(super) fn read(path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix(ROOT)?;
    let (package, path) = match rest.find('/') {
        Some(slash) => rest.split_at_checked(slash)?,
        None => (rest, "/"),
    };
    let decoded = |text| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
    Some((decoded(package).filter(|package| !package.is_empty())?, decoded(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_is_the_package() {
        let read = |path| read(path).map(|(package, path)| format!("{package} {path}"));
        for (path, expected) in [
            ("/hooks/shop/github", Some("shop /github")),
            ("/hooks/shop/a/b", Some("shop /a/b")),
            ("/hooks/shop/", Some("shop /")),
            ("/hooks/shop", Some("shop /")),
            ("/hooks/%C3%BCber/x%7Ey", Some("über /x~y")),
            ("/hooks//github", None),
            ("/hooks/", None),
            ("/hooks/%FF/x", None),
            ("/other/shop/x", None),
        ] {
            assert_eq!(read(path).as_deref(), expected, "{path}");
        }
    }
}
