//! The files of the repository, as the rules read them.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the repository.
pub(crate) struct TextFile {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every text file below the root that is ours: nothing built, nothing hidden but `.ci`.
pub(crate) fn files() -> Vec<TextFile> {
    let mut files = Vec::new();
    collect(&root(), &root(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 50, "the repository is found");
    files
}

/// Every Rust file that is ours.
pub(crate) fn rust() -> Vec<TextFile> {
    files().into_iter().filter(|f| f.path.ends_with(".rs")).collect()
}

/// The text of one file of the repository.
pub(crate) fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// Fails with one line for each breach.
pub(crate) fn none(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}\n  {}", breaches.join("\n  "));
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<TextFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().unwrap();
        let hidden = name.starts_with('.') && name != ".ci" && name != ".config";
        if kind.is_dir() && !hidden && name != "target" && name != "node_modules" {
            collect(root, &entry.path(), files);
        } else if kind.is_file() && !hidden {
            // What is not UTF-8 is no text: pictures, frozen modules.
            let Ok(text) = fs::read_to_string(entry.path()) else { continue };
            let path = entry.path().strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.push(TextFile { path, text });
        }
    }
}
