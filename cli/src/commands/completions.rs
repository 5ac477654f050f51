//! `carapace completions`: for the shells.

use crate::args::{Args, Completions};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use clap::CommandFactory as _;

pub(crate) fn run(options: &Completions) -> Result<Exit, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Args::command(), "carapace", &mut script);
    output::print(&String::from_utf8_lossy(&script));
    Ok(Exit::Fine)
}
