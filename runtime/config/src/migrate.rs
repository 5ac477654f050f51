//! From the form of one version to that of the next.

use crate::check::version_of;
use crate::document::{Document, Node};
use crate::load::FIRST;

/// The newest version of the form.
pub const VERSION: u32 = 1;

/// A file that was rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The version it had; 0 for a file that says none.
    pub from: u32,
    /// Its new text.
    pub text: String,
}

/// One step: the text of a file of the version that is the step's index, in the form of the next version.
type Step = fn(&str, &Node) -> String;

/// All steps there are. A step changes what it has to and leaves everything else as it is written, comments too.
const STEPS: &[Step] = &[from_0];

/// The text in the newest form; none where it has that already, or cannot be read as far as needed for it.
pub fn migrate(text: &str) -> Option<Migrated> {
    let from = version(text)?;
    let mut text = text.to_owned();
    for step in STEPS.get(usize::try_from(from).ok()?..)? {
        let document = Document::parse(&text, FIRST);
        text = step(&text, &document.root);
    }
    (from < VERSION).then_some(Migrated { from, text })
}

/// The version of a text without mistakes.
fn version(text: &str) -> Option<u32> {
    let document = Document::parse(text, FIRST);
    let readable = document.diagnostics.is_empty() && document.root.noun() == "an object";
    let version = document.root.get("version").map(version_of);
    readable.then_some(match version {
        None => 0,
        Some(version) => u32::try_from(version?).ok()?,
    })
}

/// Version 0 said no version; that is all in which version 1 differs.
fn from_0(text: &str, root: &Node) -> String {
    let mut text = text.to_owned();
    let bytes = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    if let Some(version) = root.get("version") {
        text.replace_range(bytes(version.span.range.start)..bytes(version.span.range.end), "1");
        return text;
    }
    let behind = bytes(root.span.range.start).saturating_add(1);
    let rest = text.get(behind..).unwrap_or_default();
    let line = match rest.split_once('\n') {
        Some((first, _)) if first.trim().is_empty() || first.trim_start().starts_with("//") => {
            let (at, indent) = (
                behind.saturating_add(first.len()),
                indentation(text.get(behind.saturating_add(first.len())..).unwrap_or_default()),
            );
            text.insert_str(at, &format!("\n{indent}version: 1,"));
            return text;
        }
        _ if root.members().is_empty() => " version: 1 ",
        _ => " version: 1,",
    };
    text.insert_str(behind, line);
    text
}

/// How far the first line that says something stands in.
fn indentation(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let blank: String = line.chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    if blank.is_empty() { "  ".to_owned() } else { blank }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_version_gets_one_and_keeps_everything_else() {
        for (before, after) in [
            (
                "// ours\n{\n    // where\n    listen: 'x', // there\n}\n",
                "// ours\n{\n    version: 1,\n    // where\n    listen: 'x', // there\n}\n",
            ),
            ("{ watch: true }", "{ version: 1, watch: true }"),
            ("{}", "{ version: 1 }"),
            ("{ // why\n}\n", "{ // why\n  version: 1,\n}\n"),
            ("{ version: 0, watch: true }", "{ version: 1, watch: true }"),
        ] {
            let migrated = migrate(before).unwrap();
            assert_eq!((migrated.from, migrated.text.as_str()), (0, after));
            assert_eq!(version(after), Some(1), "{after}");
            assert_eq!(migrate(after), None, "once is enough");
        }
    }

    #[test]
    fn what_cannot_be_read_or_is_newer_is_left_alone() {
        for text in ["{ watch: }", "[]", "", "{ version: 2 }", "{ version: 'x' }"] {
            assert_eq!(migrate(text), None, "{text}");
        }
    }

    #[test]
    fn there_is_a_step_to_every_version() {
        assert_eq!(STEPS.len(), usize::try_from(VERSION).unwrap());
    }
}
