//! `carapace explain`: the page of a code.

use crate::args::Explain;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_diagnostic::{codes, explain, suggest};

pub(crate) fn run(options: &Explain) -> Result<Exit, Problem> {
    let Some(code) = &options.code else {
        let list: String =
            codes().filter_map(|c| explain(c).map(|page| format!("{c}  {}\n", page.title))).collect();
        output::print(&list);
        return Ok(Exit::Fine);
    };
    let code = code.to_ascii_uppercase();
    match explain(&code) {
        Some(page) => {
            output::print(page.text);
            Ok(Exit::Fine)
        }
        None => {
            let problem = Problem::new("E0907", format!("there is no code `{code}`"));
            Err(match suggest(&code, codes()) {
                Some(near) => {
                    problem.help(format!("did you mean `{near}`? `carapace explain` lists them all"))
                }
                None => problem.help("`carapace explain` lists them all"),
            })
        }
    }
}
