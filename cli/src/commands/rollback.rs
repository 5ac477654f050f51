//! `carapace rollback`: back to a version as it was.

use super::versions::Target;
use crate::args::{Results, Rollback};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;

pub(crate) fn run(options: &Rollback) -> Result<Exit, Problem> {
    let target = Target::existing(&options.at.place)?;
    let back = target.rollback(&options.package, options.number)?;
    output::print(&match options.at.format {
        Results::Human => {
            let then = if target.is_live() { "new events go to it" } else { "the next start serves it" };
            let package = &options.package;
            format!("{package} is back at {}, as deployment {}: {then}\n", back.back_to, back.number)
        }
        Results::Json => format!("{}\n", serde_json::json!(back)),
    });
    Ok(Exit::Fine)
}
