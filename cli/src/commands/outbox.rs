//! `carapace outbox`: messages on their way out, and those that failed.

mod human;
mod json;
mod runtime;

use super::runs::runtime::Runtime;
use crate::args::{ListMessages, OneMessage, Outbox, OutboxCommand, Results, Stand};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_engine::inspect::{OutboxFilter, Stands};
use runtime::Wanted;

pub(crate) fn run(options: &Outbox) -> Result<Exit, Problem> {
    match &options.command {
        OutboxCommand::List(options) => list(options),
        OutboxCommand::Show(options) => show(options),
        OutboxCommand::Retry(options) => change(options, Wanted::Retry, "is sent again"),
        OutboxCommand::Drop(options) => change(options, Wanted::Drop, "is thrown away"),
    }
}

fn list(options: &ListMessages) -> Result<Exit, Problem> {
    let runtime = Runtime::reach(&options.at.place)?;
    let filter = OutboxFilter {
        state: options.state.map(stands),
        channel: options.channel.clone(),
        after: None,
        limit: Some(options.limit),
    };
    let listed = runtime::list(&runtime, &filter)?;
    let lines = runtime.lines(&options.at.place);
    output::print(&match options.at.format {
        Results::Human => human::list(&listed, &lines, runtime.is_live()),
        Results::Json => json::list(&listed, &lines, runtime.is_live()),
    });
    Ok(Exit::Fine)
}

fn show(options: &OneMessage) -> Result<Exit, Problem> {
    let runtime = Runtime::reach(&options.at.place)?;
    let shown = runtime::show(&runtime, &options.id)?;
    let lines = runtime.lines(&options.at.place);
    output::print(&match options.at.format {
        Results::Human => human::show(&shown, &lines, runtime.is_live()),
        Results::Json => json::show(&shown, &lines, runtime.is_live()),
    });
    Ok(Exit::Fine)
}

fn change(options: &OneMessage, wanted: Wanted, what: &str) -> Result<Exit, Problem> {
    let id = runtime::change(&options.at.place, &options.id, wanted)?;
    output::print(&match options.at.format {
        Results::Human => format!("message {id} {what}\n"),
        Results::Json => format!("{}\n", serde_json::json!({ "id": id })),
    });
    Ok(Exit::Fine)
}

fn stands(stand: Stand) -> Stands {
    match stand {
        Stand::Queued => Stands::Queued,
        Stand::Sending => Stands::Sending,
        Stand::Unknown => Stands::Unknown,
        Stand::Dead => Stands::Dead,
        Stand::Sent => Stands::Sent,
    }
}
