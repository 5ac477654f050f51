//! `carapace session`: what agents and people have said to each other.

mod human;
mod runtime;

use super::document::finish;
use super::runs::runtime::Runtime;
use crate::args::{
    ListSessions, OneSession, RestoreSession, Results, Session, SessionCommand, VerifySessions,
};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use serde_json::json;

pub(crate) fn run(options: &Session) -> Result<Exit, Problem> {
    match &options.command {
        SessionCommand::List(options) => list(options),
        SessionCommand::Show(options) => show(options),
        SessionCommand::Verify(options) => verify(options),
        SessionCommand::Restore(options) => restore(options),
    }
}

fn list(options: &ListSessions) -> Result<Exit, Problem> {
    let runtime = Runtime::reach(&options.at.place)?;
    let listed = runtime::list(&runtime, options.agent.as_deref(), options.limit)?;
    output::print(&match options.at.format {
        Results::Human => human::list(&listed, runtime.is_live()),
        Results::Json => finish(json!(listed), runtime.is_live()),
    });
    Ok(Exit::Fine)
}

fn show(options: &OneSession) -> Result<Exit, Problem> {
    let runtime = Runtime::reach(&options.at.place)?;
    let shown = runtime::show(&runtime, &options.key, options.all)?;
    output::print(&match options.at.format {
        _ if options.jsonl => shown.turns.iter().map(|turn| format!("{}\n", json!(turn))).collect(),
        Results::Human => human::show(&shown, runtime.is_live()),
        Results::Json => finish(json!(shown), runtime.is_live()),
    });
    Ok(if shown.wrong.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn verify(options: &VerifySessions) -> Result<Exit, Problem> {
    let runtime = Runtime::reach(&options.at.place)?;
    let verified = runtime::verify(&runtime, options.key.as_deref())?;
    output::print(&match options.at.format {
        Results::Human => human::verified(&verified, runtime.is_live()),
        Results::Json => finish(json!(verified), runtime.is_live()),
    });
    Ok(if verified.wrong.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn restore(options: &RestoreSession) -> Result<Exit, Problem> {
    let named = runtime::restore(&options.at.place, &options.key)?;
    output::print(&match options.at.format {
        Results::Human => human::restored(&named),
        Results::Json => finish(json!(named), true),
    });
    Ok(Exit::Fine)
}
