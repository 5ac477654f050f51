//! `carapace journal`: what a runtime wrote down, whether it can be read, and what to do where it cannot.

mod repair;
mod tail;
mod verify;
mod words;

use crate::args::journal::{Journal, What};
use crate::data::unusable;
use crate::exit::Exit;
use crate::problem::Problem;
use carapace_store::{Depth, Inspection, Line, Options, Position, inspect};
use std::path::Path;

pub(crate) fn run(options: &Journal) -> Result<Exit, Problem> {
    match &options.what {
        What::Verify(verify) => verify::run(&options.data, verify),
        What::Tail(tail) => tail::run(&options.data, tail),
        What::Repair(repair) => repair::run(&options.data, repair),
    }
}

/// Looks through the journal in a folder; `visit` sees the lines after `after`.
fn look(
    data: &Path,
    depth: Depth,
    after: Position,
    visit: &mut dyn FnMut(&Line<'_>),
) -> Result<Inspection, Problem> {
    let found = inspect(&Options::new(data), depth, after, visit).map_err(|e| unusable(data, &e))?;
    found.ok_or_else(|| {
        Problem::new("E0951", format!("there is no journal in `{}`", data.display()))
            .help("`--data DIR` names the folder that `carapace run` was given")
    })
}
