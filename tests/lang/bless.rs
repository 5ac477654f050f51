//! Writes into the cases what came of them.

use crate::case::{Case, read};
use crate::{judge, values};
use carapace_driver::Checked;
use carapace_rehearsal::Options;
use std::path::Path;

/// Blesses every case of the folder.
pub(crate) fn bless(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let topic = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        // From the end, so that the numbers of earlier lines stay true.
        for case in read(&topic, &text).iter().rev() {
            for block in case.blocks.iter().rev() {
                let Some(new) = found(case, &block.says, &block.text) else { continue };
                let from = block.line - 1;
                let to = from + block.text.lines().count();
                lines.splice(from..to, new.lines().map(str::to_owned));
            }
        }
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
}

/// What a block should hold; none for those that a person writes.
fn found(case: &Case, says: &str, text: &str) -> Option<String> {
    let checked = Checked::of(&case.files(), "main.flow");
    match says {
        "says" => Some(judge::said(&checked)),
        "values" => Some(values::evaluated(case, text)),
        "fails" => {
            let report = judge::rehearse(&judge::compile(checked).ok()?, &Options::default()).ok()?;
            Some(judge::failed(&report))
        }
        _ => None,
    }
}
