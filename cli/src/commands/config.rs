//! `carapace config`: what a runtime is configured with.

mod check;
mod migrate;
mod show;

use crate::args::{ConfigCommand, Configuration};
use crate::exit::Exit;
use crate::problem::Problem;

pub(crate) fn run(options: &Configuration) -> Result<Exit, Problem> {
    match &options.command {
        ConfigCommand::Show(options) => show::run(options),
        ConfigCommand::Check(options) => check::run(options),
        ConfigCommand::Migrate(options) => migrate::run(options),
    }
}
