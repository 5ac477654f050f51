//! Diagnostics as text: for a person, and for the programs that read our output.
//!
//! All four take the diagnostics as they are; [`sort`] puts them into the order of the source.

mod github;
mod human;
mod json;
mod sarif;

pub use github::github;
pub use human::{Human, human};
pub use json::{json, json_document, place};
pub use sarif::sarif;

use crate::{Code, Diagnostic, FileId};

/// Puts diagnostics into the order in which a reader meets them: by file, place and code.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_key(order);
}

/// What [`sort`] goes by.
pub fn order(diagnostic: &Diagnostic) -> (FileId, u32, u32, Code) {
    let span = diagnostic.primary.span;
    (span.file, span.range.start, span.range.end, diagnostic.code)
}
