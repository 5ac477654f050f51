//! Tokens of a runtime, whether it runs or not.

use crate::commands::run::access::{open, unusable};
use crate::problem::Problem;
use carapace_engine::service::Clock;
use carapace_gateway::auth::{Access, Grant, Made, Shown, Unchanged};
use std::path::Path;

#[cfg(unix)]
use crate::commands::runs::client::Client;
#[cfg(unix)]
use carapace_gateway::{Hidden, Request};

pub(super) fn create(data: &Path, grant: Grant, chosen: Option<String>) -> Result<Made, Problem> {
    #[cfg(unix)]
    if let Some(client) = Client::connect(data)? {
        let Grant { name, scopes, lives } = grant;
        return client.call(&Request::CreateToken { name, scopes, lives, token: chosen.map(Hidden) });
    }
    make(data)?;
    open(data)?.create(grant, chosen.as_deref()).map_err(|why| unchanged(&why))
}

pub(super) fn list(data: &Path) -> Result<Vec<Shown>, Problem> {
    #[cfg(unix)]
    if let Some(client) = Client::connect(data)? {
        return client.call(&Request::Tokens {});
    }
    Access::look(data, &Clock::system()).map_err(|error| unusable(&error))
}

pub(super) fn revoke(data: &Path, token: &str) -> Result<Shown, Problem> {
    #[cfg(unix)]
    if let Some(client) = Client::connect(data)? {
        return client.call(&Request::RevokeToken { token: token.to_owned() });
    }
    make(data)?;
    open(data)?.revoke(token).map_err(|why| unchanged(&why))
}

/// The data directory, for its owner alone: the first token may be there before the first start.
fn make(data: &Path) -> Result<(), Problem> {
    crate::data::make_private(data).map_err(|e| Problem::unwritable(data, &e))
}

pub(crate) fn unchanged(why: &Unchanged) -> Problem {
    let (code, help) = why.code();
    let problem = Problem::new(code, why.to_string());
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}
