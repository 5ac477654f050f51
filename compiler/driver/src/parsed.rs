//! The second stage: every file as a tree.

use crate::package::Sources;
use carapace_diagnostic::Diagnostic;
use carapace_syntax::ast::File;
use std::sync::Arc;

/// Every file as a tree. Parsing never fails.
#[derive(Debug)]
pub struct Parsed {
    /// The files.
    pub sources: Sources,
    /// Their trees, in the order of the files.
    pub trees: Vec<Arc<File>>,
    /// What could not be read, and what did not parse.
    pub diagnostics: Vec<Diagnostic>,
}

impl Sources {
    /// Parses every file.
    pub fn parse(self) -> Parsed {
        let mut diagnostics = self.diagnostics.clone();
        let mut trees = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let parse = carapace_syntax::parse(file.id, &file.text);
            diagnostics.extend(parse.diagnostics);
            trees.push(Arc::new(parse.file));
        }
        Parsed { sources: self, trees, diagnostics }
    }
}
