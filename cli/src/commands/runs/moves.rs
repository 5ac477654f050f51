//! `carapace runs move`: runs of former versions go on with the one that serves.

use super::runtime::{Runtime, nobody};
use crate::args::{Move, Results};
use crate::commands::document;
use crate::commands::table::{table, width};
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::Problem;
use carapace_gateway::Moves;

pub(crate) fn run(options: &Move) -> Result<Exit, Problem> {
    let moves = ask(options)?;
    output::print(&match options.at.format {
        Results::Human => human(&moves),
        Results::Json => document::finish(serde_json::json!(moves), true),
    });
    // Whoever names a run wants it moved; of all of them some may have to stay.
    Ok(if moves.stay > 0 && !options.all { Exit::Findings } else { Exit::Fine })
}

fn ask(options: &Move) -> Result<Moves, Problem> {
    match Runtime::reach(&options.at.place)? {
        Runtime::Live(client) => client.call(&carapace_gateway::Request::Move {
            run: options.run.clone(),
            flow: options.flow.clone(),
            dry_run: options.dry_run,
        }),
        Runtime::Stopped(_) => Err(nobody(&options.at.place.data())),
    }
}

fn human(moves: &Moves) -> String {
    if moves.runs.is_empty() {
        return "every run runs the version that serves\n".to_owned();
    }
    let rows: Vec<_> = moves
        .runs
        .iter()
        .map(|one| {
            let (to, why) = match (&one.to, &one.why) {
                (Some(to), _) => (to.to_string(), String::new()),
                (None, why) => ("stays".to_owned(), why.clone().unwrap_or_default()),
            };
            let short: String = one.run.to_string().chars().take(8).collect();
            ([short, one.flow.to_string(), one.from.to_string(), to, why], one.to.is_none())
        })
        .collect();
    let mut out = table(["RUN", "FLOW", "FROM", "TO", "WHY"], 4, &rows, width());
    let left = moves.moved.saturating_add(moves.stay).saturating_sub(moves.runs.len());
    if left > 0 {
        out.push_str(&format!("… and {left} more\n"));
    }
    let verb = if moves.dry_run { "could be moved" } else { "moved" };
    out.push_str(&format!("{} {verb}, {} as {}\n", plural(moves.moved, "run"), stays(moves.stay), {
        if moves.stay == 1 { "it is" } else { "they are" }
    }));
    out
}

fn stays(count: usize) -> String {
    if count == 1 { "1 stays".to_owned() } else { format!("{count} stay") }
}
