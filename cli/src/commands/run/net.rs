//! Which other machines are called: from the configuration to the guarded client.

use crate::problem::Problem;
use carapace_config::NetConfig;
use carapace_net::{Client, Options, Pattern, Place, Policy};

/// What a configuration allows.
pub(crate) fn policy(said: &NetConfig) -> Result<Policy, Problem> {
    let hosts = |texts: &[String]| texts.iter().map(|text| read(text, Pattern::read)).collect();
    Ok(Policy {
        allow: said.allow.as_deref().map(hosts).transpose()?,
        private: said.private.iter().map(|text| read(text, Place::read)).collect::<Result<_, _>>()?,
        plain: hosts(&said.plain)?,
    })
}

/// The one client of this runtime.
pub(crate) fn client(policy: Policy) -> Client {
    Client::new(Options { policy, ..Options::default() })
}

fn read<T>(text: &str, as_what: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    as_what(text).ok_or_else(|| {
        Problem::new("E1018", format!("`{text}`, which `net` of the configuration names, is no host"))
            .help("a host is written as in an address: `api.example.com`, `10.1.2.3:8443`, `[fd00::1]:443`")
    })
}
