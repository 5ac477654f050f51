//! The files of a package that is edited.

use super::answer::Known;
use super::entry::Entry;
use super::whole::Kept;
use crate::files::{Files, ReadProblem};
use crate::library::{Library, library};
use crate::package::{LARGEST_FILE, Sources, module_path, text_of, unreadable};
use crate::parsed::shared_out;
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::ast::File;
use std::collections::HashMap;
use std::sync::Arc;

/// A package whose files change: those of an editor.
///
/// Files are numbered as [`Sources::load`] numbers them, the root first and the others by path; a file that comes or goes gives
/// others new numbers. A clone is cheap, shares everything that does not change in either, and stays as it is.
#[derive(Clone)]
pub struct Project {
    pub(super) package: Arc<str>,
    pub(super) root: Arc<str>,
    pub(super) library: Arc<Library>,
    /// The root first, the others by path.
    pub(super) entries: Vec<Arc<Entry>>,
    pub(super) by_module: Arc<HashMap<Arc<str>, usize>>,
    /// Paths of all modules, the library's first.
    pub(super) modules: Arc<[Arc<str>]>,
    /// How often anything changed.
    pub(super) revision: u64,
    /// How often a text changed that flows name with `file("…")`.
    pub(super) texts: u64,
    pub(super) whole: Option<Arc<Kept>>,
    /// The facts that were asked for last.
    pub(super) known: Option<(u64, Known)>,
}

impl Project {
    /// Reads the package whose root module is the file `root`, as [`Sources::load`] does.
    pub fn load(files: &dyn Files, root: &str) -> Project {
        let mut project = Project {
            package: Arc::from(files.package()),
            root: Arc::from(root),
            library: Arc::clone(library()),
            entries: Vec::new(),
            by_module: Arc::default(),
            modules: Arc::default(),
            revision: 0,
            texts: 0,
            whole: None,
            known: None,
        };
        let (mut paths, unlisted) = match files.list() {
            Ok(found) => (found, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        paths.retain(|path| path != root);
        paths.sort();
        paths.dedup();
        paths.insert(0, root.to_owned());
        let mut read: Vec<_> = (0..)
            .zip(paths)
            .map(|(index, path)| {
                let id = project.id(index);
                (text_of(files.read(&path, LARGEST_FILE), id), path, id)
            })
            .collect();
        if let (Some(problem), Some((root, _, id))) = (unlisted, read.first_mut()) {
            *root = Err(Box::new(unreadable(*id, &problem)));
        }
        let bytes = |(read, ..): &(Result<String, _>, String, FileId)| read.as_ref().map_or(0, String::len);
        project.entries = shared_out(read, bytes, |(read, path, id)| Arc::new(Entry::new(&path, id, read)));
        project.number();
        project
    }

    /// Gives a file another text; one that there was not is added. Gives whether anything changed.
    ///
    /// What is no `.flow` file is one that flows may name with `file("…")`: what was said about those is forgotten.
    pub fn set(&mut self, path: &str, text: &str) -> bool {
        self.put(path, Ok(text.to_owned()))
    }

    /// The same with what is on the disk; what is there no more, is taken out.
    pub fn read(&mut self, files: &dyn Files, path: &str) -> bool {
        if *path != *self.root && files.read(path, 0) == Err(ReadProblem::Missing) {
            return self.remove(path);
        }
        let id = self.index(path).map_or(FileId(0), |index| self.id(index));
        self.put(path, text_of(files.read(path, LARGEST_FILE), id))
    }

    /// Reads everything again: files that changed on the disk, came or went.
    pub fn reload(&mut self, files: &dyn Files) {
        let listed = files.list().unwrap_or_default();
        let root = self.root.clone();
        let known: Vec<Arc<str>> = self.paths().cloned().collect();
        for gone in known.iter().filter(|path| **path != root && !listed.iter().any(|new| **new == ***path)) {
            self.remove(gone);
        }
        for path in std::iter::once(&*root).chain(listed.iter().map(String::as_str)) {
            self.read(files, path);
        }
        if *self.package != *files.package() {
            self.package = Arc::from(files.package());
            self.entries.iter_mut().for_each(|entry| Arc::make_mut(entry).forget());
            self.whole = None;
        }
        self.forget_texts();
    }

    /// Takes a file out. Gives whether there was one. The root stays: without it nothing is a package.
    pub fn remove(&mut self, path: &str) -> bool {
        if !path.ends_with(".flow") {
            self.forget_texts();
            return true;
        }
        let Some(index) = self.index(path).filter(|index| *index > 0) else { return false };
        self.entries.remove(index);
        self.number();
        true
    }

    /// Says that a text may have changed that flows name with `file("…")`.
    pub fn forget_texts(&mut self) {
        self.texts = self.texts.wrapping_add(1);
        self.changed();
    }

    /// How often the package changed: an answer is of one of these states.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.entry(path).map(|entry| &entry.source.text)
    }

    /// The tree of a file.
    pub fn tree(&self, path: &str) -> Option<&Arc<File>> {
        self.entry(path).map(|entry| &entry.tree)
    }

    /// The number of a file in diagnostics.
    pub fn file(&self, path: &str) -> Option<FileId> {
        self.entry(path).map(|entry| entry.source.id)
    }

    /// Path and text of a file by its number, the library's included.
    pub fn source(&self, id: FileId) -> Option<(&str, &str)> {
        if let Some(module) = self.library.modules.iter().find(|module| module.file == id) {
            return Some((&module.name, &module.text));
        }
        self.of(id).map(|entry| (&*entry.source.path, &*entry.source.text))
    }

    /// The paths of the package's files, the root's first.
    pub fn paths(&self) -> impl Iterator<Item = &Arc<str>> {
        self.entries.iter().map(|entry| &entry.source.path)
    }

    /// The files as they are now.
    pub fn sources(&self) -> Sources {
        Sources {
            package: self.package.clone(),
            root: Arc::from(module_path(&self.root)),
            files: self.entries.iter().map(|entry| entry.source.clone()).collect(),
            diagnostics: Vec::new(),
            library: Arc::clone(&self.library),
        }
    }

    fn put(&mut self, path: &str, read: Result<String, Box<Diagnostic>>) -> bool {
        if !path.ends_with(".flow") {
            self.forget_texts();
            return true;
        }
        let Some(index) = self.index(path) else {
            let at = self.entries.iter().skip(1).position(|entry| *entry.source.path > *path);
            let at = at.map_or(self.entries.len(), |at| at.saturating_add(1));
            self.entries.insert(at, Arc::new(Entry::new(path, self.id(at), read)));
            self.number();
            return true;
        };
        let Some(entry) = self.entries.get_mut(index) else { return false };
        let (text, unread) = match read {
            Ok(text) => (text, None),
            Err(told) => (String::new(), Some(*told)),
        };
        if !entry.differs(&text, unread.as_ref()) {
            return false;
        }
        Arc::make_mut(entry).set(text, unread);
        self.changed();
        true
    }

    /// Numbers all files anew; everything that has numbers in it is forgotten.
    fn number(&mut self) {
        let mut modules: Vec<Arc<str>> =
            self.library.modules.iter().map(|module| module.path.clone()).collect();
        let mut by_module = HashMap::with_capacity(self.entries.len());
        let first = self.id(0);
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let id = FileId(first.0.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)));
            Arc::make_mut(entry).renumber(id);
            by_module.entry(entry.source.module.clone()).or_insert(index);
            modules.push(entry.source.module.clone());
        }
        (self.by_module, self.modules) = (Arc::new(by_module), Arc::from(modules));
        self.whole = None;
        self.changed();
    }

    fn changed(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// The library has the first numbers.
    fn id(&self, index: usize) -> FileId {
        let number = self.library.modules.len().saturating_add(index);
        FileId(u32::try_from(number).unwrap_or(u32::MAX))
    }

    pub(super) fn index(&self, path: &str) -> Option<usize> {
        let found = self.by_module.get(module_path(path)).copied()?;
        self.entries.get(found).filter(|entry| *entry.source.path == *path).map(|_| found)
    }

    /// The file of that number.
    pub(super) fn of(&self, file: FileId) -> Option<&Entry> {
        self.entries.get(file.0.checked_sub(self.id(0).0)? as usize).map(|entry| &**entry)
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.get(self.index(path)?).map(|entry| &**entry)
    }
}
