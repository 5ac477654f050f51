//! Who may come in, and through which door.

use super::journal::prepare;
use super::options::Options;
use crate::output;
use crate::problem::{Problem, reason};
use carapace_config::Config;
use carapace_engine::service::Clock;
use carapace_gateway::audit::{Act, Outcome};
use carapace_gateway::auth::{Access, Error, Network, NoNetwork};
use std::path::Path;

/// What is kept of access in a data directory, for this process alone.
pub(crate) fn open(data: &Path) -> Result<Access, Problem> {
    Access::open(data, Clock::system()).map_err(|error| unusable(&error))
}

/// Access of a runtime that does not run. The first token may be there before the first start.
pub(crate) fn alone(data: &Path) -> Result<Access, Problem> {
    prepare(data)?;
    let access = open(data)?;
    access.audit().ready().map_err(|error| unwritten(&error))?;
    Ok(access)
}

/// Writes down what was done to a runtime that does not run.
pub(crate) fn note(access: &Access, (what, on): (&str, Option<&str>)) -> Result<(), Problem> {
    let (who, from) = ("local".to_owned(), "command line".to_owned());
    let act = Act { who, from, what: what.to_owned(), on: on.map(str::to_owned), outcome: Outcome::Done };
    access.audit().note(act, access.now()).map_err(|error| unwritten(&error))
}

fn unwritten(error: &std::io::Error) -> Problem {
    Problem::new("E1027", format!("the audit log cannot be written: {}", reason(error)))
        .help("make room on the disk, or see to the rights of `audit/` in the data directory")
}

/// What keeps access from being read or written, with the way out.
pub(crate) fn unusable(error: &Error) -> Problem {
    let problem = Problem::new(error.code(), error.to_string());
    match error.help() {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// What is said of those who come from elsewhere.
#[derive(Default)]
pub(crate) struct Door {
    hosts: Vec<String>,
    proxies: Vec<Network>,
    origins: Vec<String>,
}

impl Door {
    /// As a configuration says it.
    pub(super) fn of(config: &Config) -> Result<Door, Problem> {
        let proxies = config.proxies.iter().map(|proxy| proxy.parse()).collect::<Result<_, NoNetwork>>();
        let proxies = proxies.map_err(|e| Problem::new("E0979", e.to_string()))?;
        let public = config.public.iter().filter_map(|public| name_of(&public.value));
        let hosts = config.hosts.iter().cloned().chain(public).collect();
        Ok(Door { hosts, proxies, origins: config.origins.clone() })
    }
}

/// The name in `https://bots.example:8443`.
fn name_of(site: &str) -> Option<String> {
    let (_, authority) = site.split_once("://")?;
    let port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let name =
        authority.rsplit_once(':').filter(|(_, after)| port(after)).map_or(authority, |(name, _)| name);
    Some(name.to_owned())
}

/// The code of an address at which others could read along.
const UNENCRYPTED: &str = "W0621";

/// What is chosen about the gateway.
pub(super) fn gateway(options: &Options, access: Access) -> carapace_gateway::Options {
    let Door { hosts, proxies, origins } = &options.door;
    let (hosts, proxies, origins) = (hosts.clone(), proxies.clone(), origins.clone());
    let listen = options.listen;
    if !listen.ip().to_canonical().is_loopback() {
        output::note(&format!(
            "warning[{UNENCRYPTED}]: other machines reach `{listen}` without encryption, and could read along; a proxy that encrypts, before `127.0.0.1:{}`, keeps them from it",
            listen.port()
        ));
    }
    carapace_gateway::Options {
        listen,
        hosts,
        proxies,
        origins,
        access,
        ..carapace_gateway::Options::default()
    }
}

/// What keeps the gateway from being opened, with the way out.
pub(super) fn unbound(error: carapace_gateway::Error) -> Problem {
    let (code, help) = error.code();
    Problem::new(code, error.to_string()).help(help)
}
