//! `carapace run`: packages, compiled and served.

pub(crate) mod access;
mod bindings;
mod channels;
mod control;
mod engine;
mod greeting;
mod hearing;
mod host;
mod intake;
mod journal;
mod net;
mod notices;
mod options;
mod packages;
mod performers;
mod secrets;
mod serving;
mod signals;
mod stale;
mod watch;
mod wire;

use crate::args::Run;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
pub(crate) use bindings::{Account, Assignment, Bound, bind};
pub(crate) use control::SOCKET;
pub(crate) use journal::{open_journal, own_journal};
pub(crate) use options::Options;
use packages::Packages;
pub(crate) use packages::{Ready, compile, value};
use wire::{Runtime, Serves};

pub(crate) fn run(flags: &Run) -> Result<Exit, Problem> {
    crate::vault::guard_memory();
    let Some(options) = Options::resolve(flags)? else {
        output::note("nothing runs: mend that first");
        return Ok(Exit::Findings);
    };
    let serves = match &options.packages {
        None => {
            refuse_assignments(&options)?;
            Serves::Deployed
        }
        Some(paths) => {
            let packages = Packages::find(paths, &options)?;
            let Some(modules) = packages.compile() else {
                output::note("nothing runs: mend that first");
                return Ok(Exit::Findings);
            };
            Serves::Sources(packages, modules)
        }
    };
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let threads = threads.map_err(|e| Problem::new("E0936", format!("no thread could be started: {e}")))?;
    let result = threads.block_on(async { Runtime::open(options, serves).await?.live().await });
    // A person may still be typing: that thread waits for a key and cannot be told.
    threads.shutdown_background();
    result.map(|()| Exit::Fine)
}

/// What is deployed has its bindings and settings already.
fn refuse_assignments(options: &Options) -> Result<(), Problem> {
    if options.bind.is_empty() && options.set.is_empty() {
        return Ok(());
    }
    let message = "what is deployed has its bindings and settings already";
    Err(Problem::new("E0947", message).help("give them to `carapace deploy`, or name the sources to run"))
}
