//! The files an author has open, the packages they belong to, and what the compiler says about them.
//!
//! Deliberately not here: the protocol, and what is made of the answers.

mod configuration;
mod document;
mod lines;
mod overlay;
mod package;
mod snapshot;

pub(crate) use configuration::empty;
pub(crate) use document::{Change, Document};
pub use lines::{Encoding, Lines, Place};
pub(crate) use overlay::Overlay;
pub(crate) use package::Package;
pub use snapshot::Snapshot;

use crate::host::{Host, PackageRoot};
use carapace_diagnostic::FileId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that is known of the author's files.
pub(crate) struct Workspace {
    pub(crate) host: Box<dyn Host>,
    /// What a column counts.
    pub(crate) encoding: Encoding,
    documents: BTreeMap<PathBuf, Document>,
    packages: BTreeMap<PackageRoot, Package>,
    /// Configurations of runtimes that are open: they are no flows, and belong to no package.
    configurations: BTreeMap<PathBuf, Document>,
    folders: Vec<PathBuf>,
}

impl Workspace {
    pub(crate) fn new(host: Box<dyn Host>) -> Workspace {
        Workspace {
            host,
            encoding: Encoding::default(),
            documents: BTreeMap::new(),
            packages: BTreeMap::new(),
            configurations: BTreeMap::new(),
            folders: Vec::new(),
        }
    }

    /// The folders that are open in the editor.
    pub(crate) fn set_folders(&mut self, folders: Vec<PathBuf>) {
        self.folders = folders;
        self.find_packages();
    }

    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    fn find_packages(&mut self) {
        let found: Vec<PackageRoot> = self.folders.iter().flat_map(|f| self.host.packages_below(f)).collect();
        for root in found {
            self.package(root);
        }
    }

    fn package(&mut self, root: PackageRoot) -> &mut Package {
        let host = &self.host;
        self.packages.entry(root).or_insert_with_key(|root| Package::new(root.clone(), host.files(root)))
    }

    /// A file was opened, with this text.
    pub(crate) fn open(&mut self, path: PathBuf, text: String, version: i32) {
        if configuration::is_one(&path) {
            let alone = configuration::alone(&path);
            self.configurations.insert(path, Document::new(text, version, alone));
            return;
        }
        let root = self.host.package_of(&path);
        let document = Document::new(text, version, root.clone());
        let text = Arc::clone(document.text());
        self.documents.insert(path.clone(), document);
        self.package(root).set(&path, Some(text));
    }

    /// A file was edited. False where it is not open.
    pub(crate) fn change(&mut self, path: &Path, changes: Vec<Change>, version: i32) -> bool {
        let encoding = self.encoding;
        if let Some(configuration) = self.configurations.get_mut(path) {
            configuration.apply(changes, version, encoding);
            return true;
        }
        let Some(document) = self.documents.get_mut(path) else { return false };
        document.apply(changes, version, encoding);
        let (root, text) = (document.package.clone(), Arc::clone(document.text()));
        self.package(root).set(path, Some(text));
        true
    }

    /// A file was closed: from now on what stands on disk counts.
    pub(crate) fn close(&mut self, path: &Path) {
        if self.configurations.remove(path).is_some() {
            return;
        }
        let Some(document) = self.documents.remove(path) else { return };
        self.package(document.package).set(path, None);
    }

    /// Files came, went or were changed on disk, or folders did.
    pub(crate) fn disk_changed(&mut self, path: &Path) {
        for package in self.packages.values_mut() {
            if path.starts_with(&package.root.folder) || package.root.folder.starts_with(path) {
                package.disk_changed(path);
            }
        }
        // What an open file belongs to may have changed with it (`main.flow` came or went).
        let moved: Vec<(PathBuf, PackageRoot)> = self
            .documents
            .iter()
            .map(|(path, document)| (path.clone(), self.host.package_of(path), &document.package))
            .filter(|(_, now, before)| now != *before)
            .map(|(path, now, _)| (path, now))
            .collect();
        for (path, now) in moved {
            let Some(document) = self.documents.get_mut(&path) else { continue };
            let before = std::mem::replace(&mut document.package, now.clone());
            let text = Arc::clone(document.text());
            self.package(before).set(&path, None);
            self.package(now).set(&path, Some(text));
        }
        self.find_packages();
    }

    /// An open file.
    pub(crate) fn document(&self, path: &Path) -> Option<&Document> {
        self.documents.get(path)
    }

    /// A configuration that is open.
    pub(crate) fn configuration(&self, path: &Path) -> Option<&Document> {
        self.configurations.get(path)
    }

    /// All packages that are known.
    pub(crate) fn packages_mut(&mut self) -> impl Iterator<Item = &mut Package> {
        self.packages.values_mut()
    }

    /// The package of a file.
    pub(crate) fn package_of(&mut self, path: &Path) -> &mut Package {
        let root = match self.documents.get(path) {
            Some(document) => document.package.clone(),
            None => self.host.package_of(path),
        };
        self.package(root)
    }

    /// What the compiler says of the package of a file, and the file's number in it. None for a file that is not there.
    pub(crate) fn snapshot(&mut self, path: &Path) -> Option<(Arc<Snapshot>, FileId)> {
        numbered(self.package_of(path).snapshot(), path)
    }

    /// The same of the file: of a large package that was edited, what can be known without looking at all of it.
    pub(crate) fn view(&mut self, path: &Path) -> Option<(Arc<Snapshot>, FileId)> {
        numbered(self.package_of(path).view(path)?, path)
    }

    /// The same of what there is to say about the file.
    pub(crate) fn judged(&mut self, path: &Path) -> Option<(Arc<Snapshot>, FileId)> {
        numbered(self.package_of(path).judged(path), path)
    }

    /// The same of the file as it is being written, whether or not anything of it was looked at.
    pub(crate) fn written(&mut self, path: &Path) -> Option<(Arc<Snapshot>, FileId)> {
        numbered(self.package_of(path).written(), path)
    }

    /// The same of what stands at a place of an open file, as soon as it can be.
    pub(crate) fn near(&mut self, path: &Path, place: Place) -> Option<(Arc<Snapshot>, FileId)> {
        let Some(document) = self.documents.get(path) else { return self.view(path) };
        let text = Arc::clone(document.text());
        let offset = Lines::of(&text).offset(&text, place, self.encoding);
        numbered(self.package_of(path).near(path, offset)?, path)
    }
}

fn numbered(snapshot: Arc<Snapshot>, path: &Path) -> Option<(Arc<Snapshot>, FileId)> {
    let file = snapshot.file_at(path)?;
    Some((snapshot, file))
}
