//! `carapace runs`: what lives in a runtime, and how it is steered.

pub(super) mod human;
mod json;
mod moves;
pub(super) mod place;
pub(super) mod runtime;
mod start;
pub(super) mod times;

use crate::args::{List, Outcome, Results, Runs, RunsCommand, Show, WaitsFor};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_engine::inspect::WaitingOn;
use runtime::{Runtime, Wish};

pub(crate) fn run(options: &Runs) -> Result<Exit, Problem> {
    match &options.command {
        RunsCommand::List(options) => list(options),
        RunsCommand::Show(options) => show(options),
        RunsCommand::Cancel(options) => {
            let wish = Wish::Cancel { run: options.run.clone(), reason: options.reason.clone() };
            let run = runtime::change(&options.at.place, &wish)?;
            done(options.at.format, &run, "was asked to end");
            Ok(Exit::Fine)
        }
        RunsCommand::Move(options) => moves::run(options),
        RunsCommand::Start(options) => start::run(options),
        RunsCommand::Retry(options) => {
            let run = runtime::change(&options.at.place, &Wish::Retry { run: options.run.clone() })?;
            done(options.at.format, &run, "goes on");
            Ok(Exit::Fine)
        }
        RunsCommand::Resolve(options) => {
            let value = options.value.as_ref().map(|text| serde_json::from_str(text)).transpose();
            let value = value.map_err(|e| {
                Problem::new("E0943", format!("the value is no JSON: {e}"))
                    .help("a text is written with quotes: `--value '\"text\"'`")
            })?;
            let wish = Wish::Resolve {
                run: options.run.clone(),
                op: options.op.clone(),
                happened: options.outcome == Outcome::Done,
                value,
            };
            let run = runtime::change(&options.at.place, &wish)?;
            done(options.at.format, &run, "goes on");
            Ok(Exit::Fine)
        }
    }
}

fn list(options: &List) -> Result<Exit, Problem> {
    let runtime = Runtime::reach(&options.at.place)?;
    if options.finished {
        let ended = runtime.finished(options.flow.as_deref(), options.limit)?;
        output::print(&match options.at.format {
            Results::Human => human::finished(&ended, runtime.is_live()),
            Results::Json => json::finished(&ended, runtime.is_live()),
        });
        return Ok(Exit::Fine);
    }
    let listed = runtime.list(options.waiting_on.map(kind), options.flow.as_deref(), options.limit)?;
    let lines = runtime.lines(&options.at.place);
    output::print(&match options.at.format {
        Results::Human => human::list(&listed, &lines, runtime.is_live()),
        Results::Json => json::list(&listed, &lines, runtime.is_live()),
    });
    Ok(Exit::Fine)
}

fn show(options: &Show) -> Result<Exit, Problem> {
    let runtime = Runtime::reach(&options.at.place)?;
    let shown = runtime.show(&options.run)?;
    let lines = runtime.lines(&options.at.place);
    output::print(&match options.at.format {
        Results::Human => human::show(&shown, &lines, runtime.is_live()),
        Results::Json => json::show(&shown, &lines, runtime.is_live()),
    });
    Ok(Exit::Fine)
}

fn done(format: Results, run: &str, what: &str) {
    output::print(&match format {
        Results::Human => format!("run {run} {what}\n"),
        Results::Json => format!("{}\n", serde_json::json!({ "run": run })),
    });
}

fn kind(waits: WaitsFor) -> WaitingOn {
    match waits {
        WaitsFor::Ask => WaitingOn::Ask,
        WaitsFor::Timer => WaitingOn::Timer,
        WaitsFor::Event => WaitingOn::Event,
        WaitsFor::Effect => WaitingOn::Effect,
        WaitsFor::Person => WaitingOn::Person,
        WaitsFor::Turn => WaitingOn::Turn,
    }
}
