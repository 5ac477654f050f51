//! `carapace run`: packages, compiled and served.

mod bindings;
mod control;
mod intake;
mod notices;
mod packages;
mod performers;
mod signals;
mod stale;
mod watch;
mod wire;

use crate::args::Run;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
pub(crate) use control::SOCKET;
use packages::Packages;
use wire::Runtime;

pub(crate) fn run(options: &Run) -> Result<Exit, Problem> {
    let packages = Packages::find(options)?;
    let Some(modules) = packages.compile() else {
        output::note("nothing runs: mend that first");
        return Ok(Exit::Findings);
    };
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let threads = threads.map_err(|e| Problem::new("E0936", format!("no thread could be started: {e}")))?;
    let result = threads.block_on(async { Runtime::open(options, packages, modules).await?.live().await });
    // A person may still be typing: that thread waits for a key and cannot be told.
    threads.shutdown_background();
    result.map(|()| Exit::Fine)
}
