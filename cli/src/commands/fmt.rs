//! `carapace fmt`: the one style.

use crate::args::Fmt;
use crate::disk::{replace, walk};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::progress::Progress;
use carapace_driver::LARGEST_FILE;
use std::path::{Path, PathBuf};

pub(crate) fn run(options: &Fmt) -> Result<Exit, Problem> {
    let files = files(&options.paths)?;
    let progress = Progress::of(format!("formatting {}", output::plural(files.len(), "file")));
    let mut told = Vec::new();
    for path in &files {
        let before = read(path)?;
        let after = carapace_syntax::format(&before);
        if before == after {
            continue;
        }
        if options.check {
            told.push(format!("{} is not formatted", path.display()));
        } else {
            replace(path, &after)?;
            told.push(format!("{} formatted", path.display()));
        }
    }
    drop(progress);
    told.iter().for_each(|line| output::note(line));
    if options.check && !told.is_empty() {
        output::note(&format!(
            "{} of {}; `carapace fmt` mends them",
            told.len(),
            output::plural(files.len(), "file")
        ));
        return Ok(Exit::Findings);
    }
    Ok(Exit::Fine)
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|e| Problem::unreadable(path, &e))?;
        if metadata.is_dir() {
            let before = files.len();
            walk(path, &mut files).map_err(|e| Problem::unreadable(path, &e))?;
            if files.len() == before {
                return Err(Problem::new("E0904", format!("there is no flow file in `{}`", path.display()))
                    .help("a flow file's name ends with `.flow`"));
            }
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String, Problem> {
    let bytes = std::fs::read(path).map_err(|e| Problem::unreadable(path, &e))?;
    if bytes.len() > LARGEST_FILE {
        return Err(Problem::new(
            "E0903",
            format!("`{}` has more than {} MiB", path.display(), LARGEST_FILE >> 20),
        ));
    }
    String::from_utf8(bytes).map_err(|_| {
        Problem::new("E0902", format!("`{}` is not UTF-8", path.display())).help("save it as UTF-8")
    })
}
