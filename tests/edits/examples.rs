//! The examples, as packages in memory.

use carapace_driver::{Files, MemoryFiles};
use std::path::Path;

/// A package.
pub(crate) struct Example {
    pub(crate) name: String,
    files: MemoryFiles,
    main: String,
}

impl Example {
    /// The root module's text.
    pub(crate) fn main(&self) -> &str {
        &self.main
    }

    /// The package with another root.
    pub(crate) fn with(&self, main: &str) -> MemoryFiles {
        let mut files = self.files.clone();
        files.insert("main.flow", main.as_bytes());
        files
    }
}

/// Every example below `flows/`, and every module of the library as a root of its own.
pub(crate) fn examples() -> Vec<Example> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut examples = Vec::new();
    for entry in walkdir::WalkDir::new(root.join("flows")).min_depth(1).max_depth(1).sort_by_file_name() {
        let folder = entry.unwrap().into_path();
        if !folder.join("main.flow").is_file() {
            continue;
        }
        let mut files = MemoryFiles::default();
        for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                files.insert(&name, &std::fs::read(entry.path()).unwrap());
            }
        }
        let main = String::from_utf8(files.read("main.flow", usize::MAX - 1).unwrap()).unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        examples.push(Example { name, files, main });
    }
    assert!(examples.len() >= 12, "only {} examples found", examples.len());
    examples
}
