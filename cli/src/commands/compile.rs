//! `carapace compile`: one package, one module.

use crate::args::{Compile, Format};
use crate::exit::Exit;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;

pub(crate) fn run(options: &Compile) -> Result<Exit, Problem> {
    let package = Package::only(&options.path)?;
    let checked = package.check();
    let map = checked.sources.map(&package.prefix);
    output::diagnostics(&checked.diagnostics, &map, options.format);
    let Ok(compiled) = checked.compile().map_err(|checked| {
        output::note(&format!("{} not compiled: {}", package.name(), output::count(&checked.diagnostics)));
    }) else {
        return Ok(Exit::Findings);
    };
    let bytes = compiled.module.to_bytes();
    std::fs::write(&options.out, &bytes).map_err(|e| Problem::unwritable(&options.out, &e))?;
    if options.format == Format::Human {
        output::note(&format!("{}: {} bytes", options.out.display(), bytes.len()));
    }
    Ok(Exit::Fine)
}
