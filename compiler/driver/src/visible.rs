//! Checking one item of a text that is only tried, with as much of the package as it may need.

use crate::checked::Checked;
use crate::files::Files;
use crate::parsed::Parsed;
use carapace_check::{Focus, is_seen_everywhere};
use carapace_diagnostic::FileId;
use carapace_syntax::ast::{File, ItemKind, Placed};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Of a package with no more items than this everything is declared, so that there is a name for everything. It takes a
/// few milliseconds.
pub(crate) const DECLARED: usize = 2_000;

impl Parsed {
    /// Checks one item, the one at a byte of a file, with facts about it: what an editor asks of a text that is only tried.
    /// All others are declared and not looked at; of a large package those that the file can see by `use`.
    pub fn check_item(self, files: &dyn Files, file: FileId, offset: u32) -> Checked {
        let at = self.item_at(file, offset).map(|placed| placed.offset);
        let visible = self.visible_from(file);
        let left_out = |index: &usize| visible.as_ref().is_some_and(|visible| !visible.contains(index));
        let others: Vec<Arc<str>> = (0..self.sources.files.len())
            .filter(left_out)
            .filter_map(|index| self.sources.files.get(index).map(|file| file.module.clone()))
            .collect();
        let focus = Focus { file, offsets: at.into_iter().collect(), others: &others };
        let checked =
            self.asked(files, true, visible.as_ref(), |sources| carapace_check::check_items(sources, &focus));
        self.with(checked, true)
    }

    /// The tree of a file of the package or the library.
    pub fn tree(&self, file: FileId) -> Option<&Arc<File>> {
        let own =
            self.sources.files.iter().position(|known| known.id == file).and_then(|at| self.trees.get(at));
        let library = || self.sources.library.modules.iter().find(|m| m.file == file).map(|m| &m.tree);
        own.or_else(library)
    }

    fn item_at(&self, file: FileId, offset: u32) -> Option<&Placed> {
        let items = &self.tree(file)?.items;
        let before = items.partition_point(|placed| placed.offset <= offset);
        items.get(before.checked_sub(1)?)
    }

    /// The numbers of the files that a file can see by `use`, directly and by way of others; none where the package is small
    /// enough for all of them.
    fn visible_from(&self, file: FileId) -> Option<BTreeSet<usize>> {
        let items: usize = self.trees.iter().map(|tree| tree.items.len()).sum();
        let start = self.sources.files.iter().position(|known| known.id == file)?;
        if items <= DECLARED {
            return None;
        }
        let modules = self.sources.files.iter().enumerate();
        let by_module: HashMap<&str, usize> = modules.map(|(index, file)| (&*file.module, index)).collect();
        let everywhere = |tree: &Arc<File>| tree.items.iter().any(|placed| is_seen_everywhere(&placed.item));
        let mut list = vec![start];
        list.extend(
            self.trees.iter().enumerate().filter(|(_, tree)| everywhere(tree)).map(|(index, _)| index),
        );
        let mut seen = BTreeSet::new();
        while let Some(next) = list.pop() {
            if !seen.insert(next) {
                continue;
            }
            for placed in self.trees.get(next).into_iter().flat_map(|tree| &tree.items) {
                if let ItemKind::Use(import) = &placed.item.kind {
                    let path: Vec<&str> = import.path.names.iter().map(|name| name.text.as_str()).collect();
                    list.extend(by_module.get(path.join("/").as_str()));
                }
            }
        }
        Some(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryFiles, Sources};

    fn tried(others: usize) -> Checked {
        let large: String = (0..others).map(|n| format!("const a{n} = {n}\n")).collect();
        let files = MemoryFiles::new([
            ("main.flow", "use near\nuse far/away\nconst b = near.c\nconst x = y\n"),
            ("near.flow", "use deep\nconst c = deep.d\n"),
            ("deep.flow", "const d = 1\n"),
            ("far/away.flow", "const e = 2\n"),
            ("large.flow", large.as_str()),
        ]);
        let parsed = Sources::load(&files, "main.flow").parse();
        let file = parsed.sources.files.first().unwrap().id;
        parsed.check_item(&files, file, 25)
    }

    #[test]
    fn of_a_large_package_only_what_the_file_can_see_is_declared() {
        for (others, modules) in [(10, 5), (DECLARED, 4)] {
            let checked = tried(others);
            assert_eq!(checked.outline.package.modules.len(), modules);
            assert_eq!(checked.diagnostics, [], "nothing is said of what is not looked at");
            let file = checked.sources.files.first().unwrap().id;
            let meant =
                checked.facts.references_at(file, 38).next().map(|reference| reference.site.span.file);
            let near = checked.sources.files.iter().find(|f| &*f.module == "near").unwrap().id;
            assert_eq!(meant, Some(near));
        }
    }
}
