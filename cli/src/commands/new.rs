//! `carapace new`: a folder with a flow that runs, and a test that passes.

use crate::args::New;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;

const MAIN: &str = include_str!("new/main.flow");
const README: &str = include_str!("new/README.md");

pub(crate) fn run(options: &New) -> Result<Exit, Problem> {
    let folder = &options.name;
    if folder.exists() {
        return Err(Problem::new("E0909", format!("`{}` is there already", folder.display()))
            .help("name a folder that does not exist yet"));
    }
    std::fs::create_dir_all(folder).map_err(|e| Problem::unwritable(folder, &e))?;
    for (name, text) in [("main.flow", MAIN), ("README.md", README)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| Problem::unwritable(&path, &e))?;
    }
    let name = folder.display();
    output::note(&format!("made {name}. Talk to it: carapace run {name}"));
    Ok(Exit::Fine)
}
