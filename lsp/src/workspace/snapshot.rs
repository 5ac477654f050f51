//! What the compiler says of a package at one moment: what features look at.

use super::{Lines, Overlay};
use crate::host::PackageRoot;
use carapace_diagnostic::FileId;
use carapace_driver::{Checked, MemoryFiles, ModuleFile, Project};
use carapace_syntax::ast::{File, Item, Placed};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A package as it was checked. Never changes: an edit makes a new one.
pub struct Snapshot {
    /// Where the package lies.
    pub root: PackageRoot,
    /// What the compiler says.
    pub checked: Arc<Checked>,
    /// The package as it is edited, in which something can be tried out.
    trial: Option<(Project, Overlay)>,
    lines: Mutex<HashMap<FileId, Arc<Lines>>>,
}

impl Snapshot {
    /// Of what was checked.
    pub fn new(root: PackageRoot, checked: impl Into<Arc<Checked>>) -> Snapshot {
        Snapshot { root, checked: checked.into(), trial: None, lines: Mutex::new(HashMap::new()) }
    }

    /// The same of a package that is edited.
    pub(crate) fn of(
        root: PackageRoot,
        checked: Arc<Checked>,
        project: &Project,
        files: &Overlay,
    ) -> Snapshot {
        let trial = Some((project.clone(), files.clone()));
        Snapshot { trial, ..Snapshot::new(root, checked) }
    }

    /// The same package with another text in one of its own files, of which the item at `offset` is looked at: what features
    /// try out. None for a file of the library, unless it is what is worked on, and where its tree is not one that is `wanted`.
    pub fn tried(
        &self,
        file: FileId,
        text: &str,
        offset: u32,
        wanted: impl FnOnce(&File) -> bool,
    ) -> Option<Snapshot> {
        if let Some((project, files)) = &self.trial {
            let known = project.probe(files, self.name(file)?, (text, offset), wanted)?;
            return Some(Snapshot::new(self.root.clone(), known.checked));
        }
        let parsed = self.checked.with_text(file, text)?;
        wanted(parsed.tree(file)?).then_some(())?;
        Some(Snapshot::new(self.root.clone(), parsed.check_item(&MemoryFiles::default(), file, offset)))
    }

    /// The name of a file of the package.
    fn name(&self, file: FileId) -> Option<&str> {
        self.module(file).filter(|module| !module.library).map(|module| &**module.name)
    }

    /// A file's module; the library's included.
    pub fn module(&self, file: FileId) -> Option<ModuleFile<'_>> {
        self.checked.module(file)
    }

    /// A file's text; empty for a file that is not there.
    pub fn text(&self, file: FileId) -> &str {
        self.module(file).map_or("", |m| m.text)
    }

    /// A file's tree.
    pub fn tree(&self, file: FileId) -> Option<&Arc<File>> {
        self.module(file).map(|m| m.tree)
    }

    /// Where a file's lines begin.
    pub fn lines(&self, file: FileId) -> Arc<Lines> {
        let mut all = self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(all.entry(file).or_insert_with(|| Arc::new(Lines::of(self.text(file)))))
    }

    /// The item in which a byte stands; behind its last byte still counts.
    pub fn item_at(&self, file: FileId, offset: u32) -> Option<&Placed> {
        let items = &self.tree(file)?.items;
        let at = items.partition_point(|p| p.offset <= offset).checked_sub(1)?;
        items.get(at).filter(|p| p.item.range.shift(p.offset).touches(offset))
    }

    /// All items of a file.
    pub fn items(&self, file: FileId) -> impl Iterator<Item = (u32, &Arc<Item>)> {
        self.tree(file).into_iter().flat_map(|t| t.items.iter().map(|p| (p.offset, &p.item)))
    }

    /// The numbers of the package's own files.
    pub fn files(&self) -> Vec<FileId> {
        if self.root.library {
            return self.checked.library_files().collect();
        }
        self.checked.sources.files.iter().map(|f| f.id).collect()
    }

    /// Where a file of the package lies. None for the library's, unless it is what is worked on.
    pub fn path(&self, file: FileId) -> Option<PathBuf> {
        let module = self.module(file)?;
        (module.library == self.root.library).then(|| self.root.folder.join(&**module.name))
    }

    /// The file at a path.
    pub fn file_at(&self, path: &Path) -> Option<FileId> {
        self.files().into_iter().find(|file| self.path(*file).is_some_and(|p| p == path))
    }
}
