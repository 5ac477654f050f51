//! `carapace lsp`: the language server on standard input and output. An editor starts it; see docs/editors.md.

mod host;
mod tests;

use crate::args::Lsp;
use crate::exit::Exit;
use crate::problem::Problem;
use carapace_lsp::Options;
use std::io::IsTerminal as _;
use std::sync::Arc;

pub(crate) fn run(_: &Lsp) -> Result<Exit, Problem> {
    if std::io::stdin().is_terminal() {
        return Err(Problem::new("E0976", "`carapace lsp` talks to an editor, not to a person")
            .help("set it up as your editor's language server for `.flow` files: see docs/editors.md"));
    }
    let options = Options {
        host: Box::new(host::Disk::new()),
        tests: Some(Arc::new(tests::Rehearsal)),
        live: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Problem::new("E0976", format!("it cannot be started: {e}")))?;
    let served = runtime.block_on(carapace_lsp::serve(tokio::io::stdin(), tokio::io::stdout(), options));
    // A thread may still sit in a read of standard input, which nothing can end.
    runtime.shutdown_background();
    Ok(match served {
        Ok(()) => Exit::Fine,
        Err(error) => {
            tracing::warn!(%error, "the language server ended");
            Exit::Findings
        }
    })
}
