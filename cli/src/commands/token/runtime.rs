//! Tokens of a runtime, whether it runs or not.

use crate::args::Place;
use crate::commands::run::access::{alone, note, unusable};
use crate::problem::Problem;
use crate::reach::Client;
use carapace_engine::service::Clock;
use carapace_gateway::auth::{Access, Grant, Made, Shown, Unchanged};
use carapace_gateway::{Hidden, Request};

pub(super) fn create(place: &Place, grant: Grant, chosen: Option<String>) -> Result<Made, Problem> {
    if let Some(client) = Client::connect(place)? {
        let Grant { name, scopes, lives } = grant;
        return client.call(&Request::CreateToken { name, scopes, lives, token: chosen.map(Hidden) });
    }
    let access = alone(&place.data())?;
    let made = access.create(grant, chosen.as_deref()).map_err(|why| unchanged(&why))?;
    note(&access, ("tokens.create", Some(&made.entry.name)))?;
    Ok(made)
}

pub(super) fn list(place: &Place) -> Result<Vec<Shown>, Problem> {
    if let Some(client) = Client::connect(place)? {
        return client.call(&Request::Tokens {});
    }
    Access::look(&place.data(), &Clock::system()).map_err(|error| unusable(&error))
}

pub(super) fn revoke(place: &Place, token: &str) -> Result<Shown, Problem> {
    if let Some(client) = Client::connect(place)? {
        return client.call(&Request::RevokeToken { token: token.to_owned() });
    }
    let access = alone(&place.data())?;
    let entry = access.revoke(token).map_err(|why| unchanged(&why))?;
    note(&access, ("tokens.revoke", Some(&entry.name)))?;
    Ok(entry)
}

pub(crate) fn unchanged(why: &Unchanged) -> Problem {
    let (code, help) = why.code();
    let problem = Problem::new(code, why.to_string());
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}
