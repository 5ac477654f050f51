//! An action, as it is offered.

use crate::features::formatting::Replacement;
use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};

/// Why an action is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// It mends a mistake.
    Fix,
    /// It says the same in another way, or adds to it.
    Rewrite,
    /// It takes something out into an item of its own.
    Extract,
    /// It puts something in where it is used.
    Inline,
    /// It brings what the file brings in into order.
    Organize,
    /// It brings the file into order.
    Source,
    /// It mends all that can be mended in the file.
    FixAll,
}

/// A change that can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// A stable name, for tests and documentation: `add-missing-cases`.
    pub id: &'static str,
    /// What it does, in the imperative.
    pub title: String,
    /// Why it is offered.
    pub kind: ActionKind,
    /// The codes of the mistakes at this place that it mends.
    pub mends: Vec<&'static str>,
    /// What is replaced, by file; replacements in one file do not overlap and are in order.
    pub edits: Vec<(FileId, Vec<Replacement>)>,
}

/// Where an action is asked for.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    /// The package.
    pub snapshot: &'a Snapshot,
    /// The file.
    pub file: FileId,
    /// What is selected; the cursor where nothing is.
    pub selection: TextRange,
}
