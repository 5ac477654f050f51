//! `carapace run`: packages, compiled and served.

pub(crate) mod access;
mod astray;
mod begin;
mod bindings;
mod channels;
mod collector;
mod control;
mod engine;
mod greeting;
mod hearing;
mod host;
mod intake;
mod journal;
mod kept;
mod live;
mod mcp;
mod measured;
mod media;
mod menus;
mod models;
mod net;
mod notices;
mod openai;
mod options;
mod packages;
mod performers;
mod previews;
mod reload;
mod secrets;
mod serving;
mod signals;
mod stale;
mod supervisor;
mod told;
pub(crate) mod unasked;
mod watch;
mod wire;

use crate::args::Run;
use crate::exit::Exit;
use crate::log::Log;
use crate::output;
use crate::problem::Problem;
pub(crate) use astray::Astray;
pub(crate) use bindings::{Account, Assignment, Bound, bind};
pub(crate) use control::SOCKET;
pub(crate) use journal::{open_journal, own_journal};
pub(crate) use options::Options;
pub(crate) use packages::{Ready, compile, value};

pub(crate) fn run(flags: &Run, log: &Log) -> Result<Exit, Problem> {
    crate::vault::guard_memory();
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let threads = threads.map_err(|e| Problem::new("E0936", format!("no thread could be started: {e}")))?;
    let result = threads.block_on(async {
        match begin::begin(flags, log).await? {
            Some((runtime, reload)) => runtime.live(reload).await.map(|()| Exit::Fine),
            None => {
                output::note("nothing runs: mend that first");
                Ok(Exit::Findings)
            }
        }
    });
    // A person may still be typing: that thread waits for a key and cannot be told.
    threads.shutdown_background();
    result
}

/// What is deployed has its bindings and settings already.
fn refuse_assignments(options: &Options) -> Result<(), Problem> {
    if options.bind.is_empty() && options.set.is_empty() {
        return Ok(());
    }
    let message = "what is deployed has its bindings and settings already";
    Err(Problem::new("E0947", message).help("give them to `carapace deploy`, or name the sources to run"))
}
