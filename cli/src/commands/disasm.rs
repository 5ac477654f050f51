//! `carapace disasm`: what a module holds, for a reader.

use crate::args::Disasm;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_module::Module;

pub(crate) fn run(options: &Disasm) -> Result<Exit, Problem> {
    let bytes = std::fs::read(&options.path).map_err(|e| Problem::unreadable(&options.path, &e))?;
    let module = Module::from_bytes(&bytes).map_err(|e| {
        let problem = Problem::new("E0801", format!("`{}` is not a module: {e}", options.path.display()));
        if options.path.extension().is_some_and(|x| x == "flow") {
            return problem.help("it is source; `carapace compile FILE -o OUT.flowc` makes a module of it");
        }
        problem.help("compile the source again with this version of carapace")
    })?;
    output::print(&carapace_module::print(&module));
    Ok(Exit::Fine)
}
