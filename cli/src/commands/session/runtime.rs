//! What a runtime knows of its sessions, whether it runs or not.

use crate::args::Place;
use crate::commands::runs::runtime::{Runtime, nobody};
use crate::problem::Problem;
use crate::reach::Client;
use carapace_engine::inspect::{
    SeenSession, SessionShown, SessionsListed, SessionsVerified, Stopped, every_session, find_session,
    no_session, sessions, verify_sessions,
};
use carapace_gateway::{Request, SessionNamed};

pub(super) fn list(runtime: &Runtime, agent: Option<&str>, limit: usize) -> Result<SessionsListed, Problem> {
    match runtime {
        Runtime::Live(client) => client.call(&Request::Sessions {
            agent: agent.map(str::to_owned),
            after: None,
            limit: Some(limit),
        }),
        Runtime::Stopped(stopped) => Ok(sessions(&stopped.state, agent, None, limit)),
    }
}

pub(super) fn show(runtime: &Runtime, key: &str, all: bool) -> Result<SessionShown, Problem> {
    match runtime {
        Runtime::Live(client) => client.call(&Request::Session { session: key.to_owned(), all }),
        Runtime::Stopped(stopped) => Ok(one(stopped, key)?.shown(all, &mut |id| stopped.blob(id))),
    }
}

pub(super) fn verify(runtime: &Runtime, key: Option<&str>) -> Result<SessionsVerified, Problem> {
    match runtime {
        Runtime::Live(client) => client.call(&Request::VerifySessions { session: key.map(str::to_owned) }),
        Runtime::Stopped(stopped) => {
            let seen = match key {
                Some(key) => vec![one(stopped, key)?],
                None => every_session(&stopped.state),
            };
            Ok(verify_sessions(&seen, &mut |id| stopped.blob(id)))
        }
    }
}

/// Puts back what was put away last. Only a runtime that runs can.
pub(super) fn restore(place: &Place, key: &str) -> Result<SessionNamed, Problem> {
    let client = Client::connect(place)?.ok_or_else(|| nobody(&place.data()))?;
    client.call(&Request::RestoreSession { session: key.to_owned() })
}

fn one(stopped: &Stopped, key: &str) -> Result<SeenSession, Problem> {
    find_session(&stopped.state, key).map_err(|some| {
        let (code, message, help) = no_session(key, &some);
        Problem::new(code, message).help(help)
    })
}
