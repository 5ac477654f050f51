//! Who may come in, and through which door.

use super::options::Options;
use crate::problem::Problem;
use carapace_engine::service::Clock;
use carapace_gateway::auth::{Access, Error};
use std::path::Path;

/// What is kept of access in a data directory, for this process alone.
pub(crate) fn open(data: &Path) -> Result<Access, Problem> {
    Access::open(data, Clock::system()).map_err(|error| unusable(&error))
}

/// What keeps access from being read or written, with the way out.
pub(crate) fn unusable(error: &Error) -> Problem {
    let problem = Problem::new(error.code(), error.to_string());
    match error.help() {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// What is chosen about the gateway.
pub(super) fn gateway(options: &Options, access: Access) -> carapace_gateway::Options {
    carapace_gateway::Options { listen: options.listen, access, ..carapace_gateway::Options::default() }
}

/// What keeps the gateway from being opened, with the way out.
pub(super) fn unbound(error: carapace_gateway::Error) -> Problem {
    let (code, help) = error.code();
    Problem::new(code, error.to_string()).help(help)
}
