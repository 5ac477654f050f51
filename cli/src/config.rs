//! The configuration on disk.

use crate::problem::{Problem, reason};
use carapace_config::{Config, FILE_NAME, Files, Loaded};
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes: what is larger is something else.
const LARGEST: u64 = 1024 * 1024;

/// Files where the paths say.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, String> {
        let about = std::fs::metadata(path).map_err(|e| reason(&e))?;
        if !about.is_file() {
            return Err("it is no file".to_owned());
        }
        if about.len() > LARGEST {
            return Err("it is larger than 1 MiB".to_owned());
        }
        let bytes = std::fs::read(path).map_err(|e| reason(&e))?;
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
    }
}

/// Reads a configuration with what it includes, and puts the environment in. What is wrong with it is not told yet.
pub(crate) fn load(path: &Path) -> Result<Loaded, Problem> {
    load_from(path, &Disk).map_err(|why| {
        Problem::new("E0901", format!("`{}` cannot be read: {why}", path.display()))
            .help("name the file: `--config FILE`; docs/configuration.md says what stands in it")
    })
}

/// The same from elsewhere; an error says why the first file cannot be read.
pub(crate) fn load_from(path: &Path, files: &dyn Files) -> Result<Loaded, String> {
    let environment = |name: &str| std::env::var(name).ok();
    Loaded::read(path, files, Some(&environment))
}

/// The file that counts: the one that is named, else the one that lies here, if one does.
pub(crate) fn file(named: Option<&Path>) -> Option<PathBuf> {
    let here = Path::new(FILE_NAME);
    named.or_else(|| here.is_file().then_some(here)).map(Path::to_owned)
}

/// The data directory that the configuration names, if there is one and it has no mistakes: those are told by what runs it.
pub(crate) fn data(named: Option<&Path>) -> Option<PathBuf> {
    let loaded = load(&file(named)?).ok().filter(|loaded| !loaded.is_broken())?;
    Config::of(&loaded).data.map(|data| data.value)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_configuration_knows_what_the_gateway_serves() {
        assert_eq!(carapace_config::RESERVED, carapace_gateway::RESERVED);
    }
}
