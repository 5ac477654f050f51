//! The source text behind what is deployed, kept beside the journal: a run keeps the program it began with, and the
//! files it was compiled from may have changed since.

use carapace_store::BlobId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folder in the data directory; one file a module, named by the hash of the module's bytes.
const FOLDER: &str = "sources";

/// The files of one package, by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sources(BTreeMap<String, String>);

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceLine {
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1.
    pub(crate) column: usize,
    /// The line itself, without its indentation.
    pub(crate) text: String,
}

impl Sources {
    /// Those that were compiled.
    pub(crate) fn of(sources: &carapace_driver::Sources) -> Sources {
        let files = sources.files.iter();
        Sources(files.map(|file| (file.path.to_string(), file.text.to_string())).collect())
    }

    /// Those that a runtime keeps.
    pub(crate) fn of_files(files: BTreeMap<String, String>) -> Sources {
        Sources(files)
    }

    /// Their texts, by path.
    pub(crate) fn files(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Keeps them for a module. It is for people who look into runs: where it cannot be written, everything else works.
    pub(crate) fn keep(&self, data: &Path, module: &[u8]) {
        let path = place(data, &BlobId::of(module).to_string());
        // A module that came without them has none.
        if self.0.is_empty() || path.exists() {
            return;
        }
        let written = || -> std::io::Result<()> {
            crate::data::make_private(&data.join(FOLDER))?;
            let part = path.with_extension("tmp");
            std::fs::write(&part, serde_json::to_vec(&self.0)?)?;
            std::fs::rename(part, &path)
        };
        if let Err(error) = written() {
            tracing::warn!(%error, path = %path.display(), "the sources could not be kept");
        }
    }

    /// Those of a module, by its hash; none where they were not kept.
    pub(crate) fn read(data: &Path, hash: &str) -> Sources {
        let text = std::fs::read(place(data, hash)).unwrap_or_default();
        Sources(serde_json::from_slice(&text).unwrap_or_default())
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: &str) -> Option<&str> {
        self.0.get(file).map(String::as_str)
    }

    /// Removes what belongs to none of these modules.
    pub(crate) fn forget_others(data: &Path, modules: &BTreeSet<String>) {
        let Ok(files) = std::fs::read_dir(data.join(FOLDER)) else { return };
        for path in files.filter_map(|file| Some(file.ok()?.path())) {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            if !modules.contains(name) {
                // It is tried again at the next start.
                let _ = std::fs::remove_file(path);
            }
        }
    }

    /// The line in which a byte of a file stands.
    pub(crate) fn line(&self, file: &str, byte: u32) -> Option<SourceLine> {
        let text = self.0.get(file)?;
        let before = text.get(..usize::try_from(byte).ok()?)?;
        let begin = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let line = text.get(begin..)?.lines().next().unwrap_or_default();
        Some(SourceLine {
            line: before.matches('\n').count().saturating_add(1),
            column: before.get(begin..)?.chars().count().saturating_add(1),
            text: line.trim().to_owned(),
        })
    }
}

fn place(data: &Path, hash: &str) -> PathBuf {
    data.join(FOLDER).join(format!("{hash}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_stands_in_a_line() {
        let text = "flow é {\n  reply(\"x\")\n}\n";
        let sources = Sources(BTreeMap::from([("main.flow".to_owned(), text.to_owned())]));
        let at = u32::try_from(text.find("reply").unwrap()).unwrap();
        let found = sources.line("main.flow", at).unwrap();
        assert_eq!((found.line, found.column, found.text.as_str()), (2, 3, "reply(\"x\")"));
        assert_eq!(sources.line("main.flow", 0).unwrap().line, 1);
        assert_eq!(sources.line("main.flow", 6), None, "the middle of a letter is no place");
        assert_eq!(sources.line("main.flow", 999), None);
        assert_eq!(sources.line("other.flow", 0), None);
    }
}
