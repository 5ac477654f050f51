//! Whether a person wants it.

use crate::args::{Deploy, Results};
use crate::output;
use crate::problem::{Problem, reason};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// Whether it shall be done: asked on a terminal, where nobody said so before.
pub(super) fn given(options: &Deploy, question: &str) -> Result<bool, Problem> {
    if options.yes {
        return Ok(true);
    }
    let refuse = |why: &str| {
        Err(Problem::new("E1048", format!("nothing was deployed: {why}"))
            .help("`--yes` deploys without asking; `--dry-run` only says what would change"))
    };
    if options.at.format == Results::Json {
        return refuse("a program reads the answer, and nobody can be asked");
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return refuse("there is no terminal to ask at");
    }
    let mut err = std::io::stderr();
    let asked = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = asked.and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    read.map_err(|e| {
        Problem::new("E1048", format!("nothing was deployed: nobody could be asked: {}", reason(&e)))
    })?;
    let yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !yes {
        output::note("nothing was deployed");
    }
    Ok(yes)
}
