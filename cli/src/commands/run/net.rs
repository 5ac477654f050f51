//! Which other machines are called: from the configuration to the guarded client.

use crate::problem::Problem;
use carapace_config::NetConfig;
use carapace_net::{Authority, Options, Pattern, Place, Policy};
use std::path::Path;

/// What a configuration says about other machines.
pub(crate) fn net(said: &NetConfig) -> Result<Options, Problem> {
    let mut roots = Vec::new();
    for path in &said.roots {
        roots.extend(authorities(path)?);
    }
    Ok(Options { policy: policy(said)?, roots, ..Options::default() })
}

fn policy(said: &NetConfig) -> Result<Policy, Problem> {
    let hosts = |texts: &[String]| texts.iter().map(|text| read(text, Pattern::read)).collect();
    Ok(Policy {
        allow: said.allow.as_deref().map(hosts).transpose()?,
        private: said.private.iter().map(|text| read(text, Place::read)).collect::<Result<_, _>>()?,
        plain: hosts(&said.plain)?,
    })
}

fn authorities(path: &Path) -> Result<Vec<Authority>, Problem> {
    let pem = std::fs::read(path).map_err(|e| Problem::unreadable(path, &e))?;
    Authority::read(&pem).ok_or_else(|| {
        let path = path.display();
        Problem::new(
            "E1019",
            format!("`{path}`, which `net.roots` of the configuration names, holds no certificate"),
        )
        .help("a certificate in PEM begins with `-----BEGIN CERTIFICATE-----`")
    })
}

fn read<T>(text: &str, as_what: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    as_what(text).ok_or_else(|| {
        Problem::new("E1018", format!("`{text}`, which `net` of the configuration names, is no host"))
            .help("a host is written as in an address: `api.example.com`, `10.1.2.3:8443`, `[fd00::1]:443`")
    })
}
