//! One package: its files as they stand in the editor, and what the compiler says of them.

use super::{Overlay, Snapshot};
use crate::host::PackageRoot;
use carapace_diagnostic::FileId;
use carapace_driver::{Checked, Files, Sources};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A package of the workspace.
pub(crate) struct Package {
    pub(crate) root: PackageRoot,
    files: Overlay,
    /// What was found out since the last change.
    snapshot: Option<Arc<Snapshot>>,
    /// Whether what is known has been told to the editor.
    pub(crate) told: bool,
    /// The files about which the editor was told something that is to be taken back when it is no longer so.
    pub(crate) marked: Vec<PathBuf>,
}

impl Package {
    pub(crate) fn new(root: PackageRoot, disk: Box<dyn Files + Send + Sync>) -> Package {
        let files = Overlay::new(disk);
        Package { root, files, snapshot: None, told: false, marked: Vec::new() }
    }

    /// What stands in the editor for a file of it, or nothing any more.
    pub(crate) fn set(&mut self, path: &Path, text: Option<Arc<str>>) {
        if let Some(name) = self.name_of(path) {
            self.files.set(&name, text);
        }
        self.forget();
    }

    /// Something of it changed on disk.
    pub(crate) fn disk_changed(&mut self) {
        self.forget();
    }

    fn forget(&mut self) {
        self.snapshot = None;
        self.told = false;
    }

    /// Its files as they stand.
    pub(crate) fn files(&self) -> &Overlay {
        &self.files
    }

    /// What the compiler says of it.
    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        if let Some(snapshot) = &self.snapshot {
            return Arc::clone(snapshot);
        }
        let checked = check(&self.root, &self.files, true);
        let snapshot = Arc::new(Snapshot::new(self.root.clone(), checked));
        self.snapshot = Some(Arc::clone(&snapshot));
        snapshot
    }

    /// How many errors the package would have if these files had these texts.
    pub(crate) fn errors_with(&self, snapshot: &Snapshot, texts: &[(FileId, String)]) -> usize {
        let mut files = self.files.clone();
        for (file, text) in texts {
            if let Some(module) = snapshot.module(*file) {
                files.set(module.name, Some(Arc::from(text.as_str())));
            }
        }
        check(&self.root, &files, false).diagnostics.iter().filter(|d| d.is_error()).count()
    }

    /// A file's name below the source root.
    fn name_of(&self, path: &Path) -> Option<String> {
        let names: Option<Vec<&str>> =
            path.strip_prefix(&self.root.folder).ok()?.iter().map(|n| n.to_str()).collect();
        names.map(|n| n.join("/"))
    }
}

fn check(root: &PackageRoot, files: &Overlay, facts: bool) -> Checked {
    let sources = if root.library { Sources::library(files) } else { Sources::load(files, &root.root) };
    sources.parse().check(files, facts)
}
