//! The files of the log.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder in the data directory.
const FOLDER: &str = "audit";

/// The folder of a data directory.
pub(super) fn folder(data: &Path) -> PathBuf {
    data.join(FOLDER)
}

/// The name of a file.
pub(super) fn name(number: u32) -> String {
    format!("{number:08}.jsonl")
}

/// The numbers of the files that are there, in order.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u32>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let entry = entry?.file_name();
        let number: Option<u32> =
            entry.to_str().and_then(|name| name.strip_suffix(".jsonl")).and_then(|name| name.parse().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}
