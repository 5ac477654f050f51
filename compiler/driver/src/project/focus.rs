//! Checking some items of a file, with as much of the package as they can see.

use super::package::Project;
use crate::checked::{of_library, of_package, text_file};
use crate::files::Files;
use crate::package::module_path;
use carapace_check::{Checked, Focus, Source, check_items};
use carapace_syntax::ast::File;
use std::sync::Arc;

/// What is checked.
pub(super) struct Wanted<'a> {
    /// The file's number in the list.
    pub(super) index: usize,
    /// The files that it can see.
    pub(super) reach: &'a [usize],
    /// Where the items begin.
    pub(super) offsets: Vec<u32>,
    /// Text and tree that the file has instead of its own.
    pub(super) tried: Option<(Arc<str>, Arc<File>)>,
    /// Whether facts are wanted.
    pub(super) facts: bool,
}

impl Project {
    /// Checks them.
    pub(super) fn check_items(&self, files: &dyn Files, wanted: Wanted<'_>) -> Option<Checked> {
        let file = self.entries.get(wanted.index)?;
        let mut modules: Vec<Source> = self.library.modules.iter().map(of_library).collect();
        for index in wanted.reach {
            let entry = self.entries.get(*index)?;
            modules.push(match &wanted.tried {
                Some((text, tree)) if *index == wanted.index => {
                    Source { text: text.clone(), ..of_package(&entry.source, tree) }
                }
                _ => of_package(&entry.source, &entry.tree),
            });
        }
        let text_files = |path: &str| text_file(files, path);
        let sources = carapace_check::Sources {
            package: self.package.clone(),
            root: Arc::from(module_path(&self.root)),
            modules: &modules,
            files: &text_files,
            whole: false,
            // What does not parse is told by whoever asks.
            intact: true,
            facts: wanted.facts,
        };
        let focus = Focus { file: file.source.id, offsets: wanted.offsets, others: &self.modules };
        Some(check_items(&sources, &focus))
    }
}
