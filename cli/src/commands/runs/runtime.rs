//! The runtime of a data directory: one that runs, through its socket; or one that is stopped, through its journal.

use super::place::Lines;
use crate::args::Place;
use crate::data::unopened;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_engine::inspect::{self, Ended, Filter, Found, Listed, Seen, Shown, Stopped, WaitingOn};
use carapace_engine::machine::vm;
use carapace_gateway::{Became, Request};
use serde_json::Value as Json;
use std::path::Path;

/// A runtime that can be looked into.
pub(in crate::commands) enum Runtime {
    /// It runs.
    Live(Client),
    /// It does not, or not so that it can be reached; its journal is there.
    Stopped(Box<Stopped>),
}

/// What shall be changed. Only a runtime that runs can.
pub(super) enum Wish {
    Cancel { run: String, reason: Option<String> },
    Retry { run: String },
    Resolve { run: String, op: String, happened: bool, value: Option<Json> },
}

impl Runtime {
    /// The runtime of that place.
    pub(in crate::commands) fn reach(place: &Place) -> Result<Runtime, Problem> {
        if let Some(client) = Client::connect(place)? {
            return Ok(Runtime::Live(client));
        }
        let data = &place.data();
        let read = inspect::read(data, vm::load).map_err(|e| unopened(data, &e))?;
        read.map(|stopped| Runtime::Stopped(Box::new(stopped))).ok_or_else(|| {
            let message = format!("no runtime has kept anything in `{}`", data.display());
            Problem::new("E0941", message).help(
                "`--data DIR` names its data directory; `carapace run` makes `.carapace` where it is started",
            )
        })
    }

    pub(in crate::commands) fn is_live(&self) -> bool {
        !matches!(self, Runtime::Stopped(_))
    }

    /// The lines behind places of it.
    pub(in crate::commands) fn lines(&self, place: &Place) -> Lines<'_> {
        match self {
            Runtime::Live(client) => Lines::of_runtime(client, &place.data()),
            Runtime::Stopped(_) => Lines::of(&place.data()),
        }
    }

    pub(super) fn list(
        &self,
        waiting_on: Option<WaitingOn>,
        flow: Option<&str>,
        limit: usize,
    ) -> Result<Listed, Problem> {
        let flow = flow.map(str::to_owned);
        match self {
            Runtime::Live(client) => {
                client.call(&Request::List { waiting_on, flow, after: None, limit: Some(limit) })
            }
            Runtime::Stopped(stopped) => {
                let selected =
                    inspect::select(&stopped.state, &Filter { waiting_on, flow, after: None, limit });
                readable(stopped)?;
                let runs = selected.runs.iter().map(Seen::brief).collect();
                let next = selected.next.map(|after| after.to_string());
                Ok(Listed { runs, total: selected.total, next })
            }
        }
    }

    pub(super) fn finished(&self, flow: Option<&str>, limit: usize) -> Result<Ended, Problem> {
        match self {
            Runtime::Live(client) => client.call(&Request::Finished {
                flow: flow.map(str::to_owned),
                after: None,
                limit: Some(limit),
            }),
            Runtime::Stopped(stopped) => {
                stopped.finished(flow, limit).map_err(|e| Problem::new("E0931", e.to_string()))
            }
        }
    }

    pub(super) fn show(&self, run: &str) -> Result<Shown, Problem> {
        match self {
            Runtime::Live(client) => client.call(&Request::Show { run: run.to_owned() }),
            Runtime::Stopped(stopped) => {
                let found = stopped.find(run).map_err(|e| Problem::new("E0931", e.to_string()))?;
                readable(stopped)?;
                let (live, over, id) = match found {
                    Found::Live(seen) => (Some(seen.detail()), None, seen.id()),
                    Found::Over(over) => {
                        let id = over.run;
                        (None, Some(*over), id)
                    }
                    other => {
                        let (code, message, help) = inspect::not_found(run, &other);
                        return Err(Problem::new(code, message).help(help));
                    }
                };
                let history = stopped.history(id).map_err(|e| Problem::new("E0931", e.to_string()))?;
                Ok(Shown { live, over, history })
            }
        }
    }
}

/// Whether everything that was looked at could be read.
fn readable(stopped: &inspect::Stopped) -> Result<(), Problem> {
    stopped.state.failure().map_or(Ok(()), |e| Err(Problem::new("E0931", e.to_string())))
}

/// Has something changed; gives the id of the run.
pub(super) fn change(place: &Place, wish: &Wish) -> Result<String, Problem> {
    let client = Client::connect(place)?.ok_or_else(|| nobody(&place.data()))?;
    let answer: Json = client.call(&match wish {
        Wish::Cancel { run, reason } => Request::Cancel { run: run.clone(), reason: reason.clone() },
        Wish::Retry { run } => Request::RetryRun { run: run.clone() },
        Wish::Resolve { run, op, happened, value } => Request::Resolve {
            run: run.clone(),
            op: op.clone(),
            outcome: if *happened { Became::Done } else { Became::Failed },
            value: value.clone(),
        },
    })?;
    Ok(answer.get("run").and_then(Json::as_str).unwrap_or_default().to_owned())
}

/// Nobody is there who could change anything.
pub(in crate::commands) fn nobody(data: &Path) -> Problem {
    let message = format!("no runtime runs in `{}`", data.display());
    Problem::new("E0941", message).help("start it with `carapace run`: only one that runs can be steered")
}
