//! `carapace run`: packages, compiled and served.

mod bindings;
mod house;
mod intake;
mod notices;
mod packages;
mod performers;
mod signals;
mod watch;

use crate::args::Run;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use house::House;
use packages::Packages;

pub(crate) fn run(options: &Run) -> Result<Exit, Problem> {
    let packages = Packages::find(options)?;
    let Some(modules) = packages.compile() else {
        output::note("nothing runs: mend that first");
        return Ok(Exit::Findings);
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Problem::new("E0936", format!("no thread could be started: {e}")))?;
    let result = runtime.block_on(async { House::open(options, packages, modules).await?.live().await });
    // A person may still be typing: that thread waits for a key and cannot be told.
    runtime.shutdown_background();
    result.map(|()| Exit::Fine)
}
