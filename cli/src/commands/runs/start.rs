//! `carapace runs start`: a person starts a flow.

use super::runtime::{Runtime, nobody};
use crate::args::{Results, Start};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use serde_json::Value as Json;

pub(crate) fn run(options: &Start) -> Result<Exit, Problem> {
    let input = options.input.as_ref().map(|text| serde_json::from_str::<Json>(text)).transpose();
    let input = input.map_err(|e| {
        Problem::new("E0949", format!("what is handed over is no JSON: {e}"))
            .help("a text is written with quotes: `--input '\"text\"'`")
    })?;
    let answer: Json = match Runtime::reach(&options.at.place)? {
        Runtime::Live(client) => {
            let flow = options.flow.clone();
            client.call(&carapace_gateway::Request::Start { flow, input, key: None })?
        }
        Runtime::Stopped(_) => {
            return Err(nobody(&options.at.place.data()));
        }
    };
    let text = |name: &str| answer.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    output::print(&match options.at.format {
        Results::Human if text("run").is_empty() => format!("{} was started, and is over\n", text("flow")),
        Results::Human => format!("{} was started: run {}\n", text("flow"), text("run")),
        Results::Json => format!("{answer}\n"),
    });
    Ok(Exit::Fine)
}
