//! `carapace lsp`: the language server on standard input and output. An editor starts it; see docs/editors.md.

mod host;
#[cfg(unix)]
mod live;
mod tests;

use crate::args::Lsp;
use crate::exit::Exit;
use crate::problem::Problem;
use carapace_lsp::Options;
use std::io::IsTerminal as _;
use std::sync::Arc;

pub(crate) fn run(options: &Lsp) -> Result<Exit, Problem> {
    if std::io::stdin().is_terminal() {
        return Err(Problem::new("E0976", "`carapace lsp` talks to an editor, not to a person")
            .help("set it up as your editor's language server for `.flow` files: see docs/editors.md"));
    }
    let served = Options {
        host: Box::new(host::Disk::new()),
        tests: Some(Arc::new(tests::Rehearsal)),
        live: live(options),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Problem::new("E0976", format!("it cannot be started: {e}")))?;
    let ended = runtime.block_on(carapace_lsp::serve(tokio::io::stdin(), tokio::io::stdout(), served));
    // A thread may still sit in a read of standard input, which nothing can end.
    runtime.shutdown_background();
    Ok(match ended {
        Ok(()) => Exit::Fine,
        Err(error) => {
            tracing::warn!(%error, "the language server ended");
            Exit::Findings
        }
    })
}

/// The runtime whose runs are counted, whether it serves already or not.
#[cfg(unix)]
fn live(options: &Lsp) -> Option<Arc<dyn carapace_lsp::Live>> {
    Some(Arc::new(live::Runtime::of(options.data.clone())))
}

#[cfg(not(unix))]
fn live(_: &Lsp) -> Option<Arc<dyn carapace_lsp::Live>> {
    None
}
