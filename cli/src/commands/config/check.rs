//! `carapace config check`.

use crate::args::{ConfigCheck, Format};
use crate::config::load;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;

pub(crate) fn run(options: &ConfigCheck) -> Result<Exit, Problem> {
    let loaded = load(options.at.path())?;
    output::diagnostics(&loaded.diagnostics, &loaded.sources, options.format);
    if options.format == Format::Human {
        let files = output::plural(loaded.paths().len(), "file");
        output::note(&format!("{files} checked: {}", output::count(&loaded.diagnostics)));
    }
    Ok(output::exit(&loaded.diagnostics))
}
