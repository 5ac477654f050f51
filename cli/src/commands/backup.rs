//! `carapace backup`: everything that a runtime keeps, in one file.

mod file;
pub(crate) mod restore;
pub(crate) mod snapshot;

use crate::args::{Backup, Place};
use crate::data::unusable;
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::{Problem, reason};
use crate::progress::Progress;
use crate::reach::Client;
use carapace_gateway::{Copied, Request};
use carapace_store::JsonlStore;
use std::path::Path;

pub(crate) fn run(options: &Backup) -> Result<Exit, Problem> {
    let place = options.data.clone().map(Place::of);
    let data = place.map_or_else(
        || crate::config::data(None).unwrap_or_else(|| ".carapace".into()),
        |place| place.data(),
    );
    if options.file.exists() {
        let message = format!("`{}` is there already", options.file.display());
        return Err(
            Problem::new("E1049", message).help("a backup takes the place of nothing: name another file")
        );
    }
    if !data.join("manifest.json").exists() {
        let message = format!("no runtime has kept anything in `{}`", data.display());
        return Err(Problem::new("E0941", message).help("`--data DIR` names its data directory"));
    }
    let _sign = Progress::of(format!("backing {} up", data.display()));
    let files = match Client::here(&data)? {
        Some(client) => {
            let copied: Copied = client.patiently()?.call(&Request::Backup {})?;
            let copy = data.join(&copied.folder);
            let written = file::write(&options.file, &copy);
            // What is left over goes with the next one.
            let _ = std::fs::remove_dir_all(&copy);
            written?
        }
        None => {
            // Nobody may begin to write meanwhile.
            let held =
                JsonlStore::open(carapace_store::Options::new(&data)).map_err(|e| unusable(&data, &e))?;
            let written = file::write(&options.file, &data)?;
            drop(held);
            written
        }
    };
    let size = std::fs::metadata(&options.file).map_or(0, |about| about.len());
    let shown = options.file.display();
    output::note(&format!(
        "{shown} holds {} in {} KiB: `carapace restore {shown} --data DIR`",
        plural(files, "file"),
        size.div_ceil(1024)
    ));
    output::note(
        "secrets are not in it: keep what opens the vault apart, and the backup where only you can read it",
    );
    Ok(Exit::Fine)
}

/// A file that cannot be used for it.
fn failed(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new("E1049", format!("`{}`: {}", path.display(), reason(error)))
        .help("see whether there is room on the disk, and whether the folder can be written to")
}
