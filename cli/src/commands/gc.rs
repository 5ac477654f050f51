//! `carapace gc`: what nobody needs goes.

use super::versions::{Target, collected};
use crate::args::{Gc, Results};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;

pub(crate) fn run(options: &Gc) -> Result<Exit, Problem> {
    let gone = Target::existing(&options.at.place)?.collect(options.keep, options.dry_run)?;
    output::print(&match options.at.format {
        Results::Human => collected(&gone, options.dry_run),
        Results::Json => format!("{}\n", serde_json::to_string_pretty(&gone).unwrap_or_default()),
    });
    Ok(Exit::Fine)
}
