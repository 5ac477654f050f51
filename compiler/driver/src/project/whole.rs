//! The exact answer: all of the package, checked as the command line checks it.

use super::carried::Carried;
use super::package::Project;
use crate::checked::Checked;
use crate::files::Files;
use crate::parsed::Parsed;
use carapace_check::Scope;
use carapace_diagnostic::FileId;
use std::collections::HashSet;
use std::sync::Arc;

/// A package as it was at one moment, to be checked while it is edited: by another thread, say.
pub struct Snapshot {
    parsed: Parsed,
    stamp: Stamp,
}

/// The package's state that an answer is about.
#[derive(Debug, Clone)]
struct Stamp {
    revision: u64,
    texts: u64,
    interfaces: Arc<[u64]>,
}

/// What a whole check said.
#[derive(Clone)]
pub struct Whole {
    /// The answer.
    pub checked: Arc<Checked>,
    stamp: Stamp,
}

/// The last whole check, as its project keeps it.
pub(super) struct Kept {
    pub(super) whole: Whole,
    /// What only a whole check says.
    pub(super) carried: Vec<Carried>,
    /// Whether anything in the package was wrong: then nothing was said about style.
    pub(super) wrong: bool,
}

impl Snapshot {
    /// Checks it; none where `stop` said so before it was done. It is asked before each body, and a package of a hundred
    /// thousand lines takes about a second.
    pub fn check(self, files: &dyn Files, stop: &dyn Fn() -> bool) -> Option<Whole> {
        let checked = Arc::new(self.parsed.check_unless(files, true, stop)?);
        Some(Whole { checked, stamp: self.stamp })
    }

    /// The state that it is of: see [`Project::revision`].
    pub fn revision(&self) -> u64 {
        self.stamp.revision
    }
}

impl Whole {
    /// The state that it is of: see [`Project::revision`].
    pub fn revision(&self) -> u64 {
        self.stamp.revision
    }

    /// What others could see of the file then.
    pub(super) fn interface(&self, index: usize) -> Option<u64> {
        self.stamp.interfaces.get(index).copied()
    }

    /// Whether the texts that flows name are those of now.
    pub(super) fn same_texts(&self, project: &Project) -> bool {
        self.stamp.texts == project.texts
    }
}

impl Project {
    /// The package as it is now, for a check elsewhere. Nothing is copied but the list of files.
    pub fn snapshot(&self) -> Snapshot {
        let trees = self.entries.iter().map(|entry| Arc::clone(&entry.tree)).collect();
        let diagnostics = self.entries.iter().flat_map(|entry| &entry.told).cloned().collect();
        let interfaces = self.entries.iter().map(|entry| entry.interface).collect();
        Snapshot {
            parsed: Parsed { sources: self.sources(), trees, diagnostics },
            stamp: Stamp { revision: self.revision, texts: self.texts, interfaces },
        }
    }

    /// Takes over what a whole check said, also where the package has changed since: it holds for what has not. One that
    /// was made before a file came or went is left alone.
    pub fn adopt(&mut self, whole: Whole) {
        let files = &whole.checked.sources.files;
        let same = files.len() == self.entries.len()
            && files.iter().zip(&self.entries).all(|(then, now)| then.path == now.source.path);
        if !same {
            return;
        }
        let checked = &whole.checked;
        let tree = |id: FileId| checked.tree(id);
        let told = checked.diagnostics.iter().zip(&checked.scopes);
        let carried = told
            .clone()
            .filter(|(_, scope)| **scope == Scope::Package)
            .map(|(told, _)| Carried::new(told.clone(), tree))
            .collect();
        let errors = told.filter(|(told, scope)| told.is_error() && **scope == Scope::Item);
        let errors: HashSet<FileId> = errors.map(|(told, _)| told.primary.span.file).collect();
        for (entry, then) in self.entries.iter_mut().zip(&checked.trees) {
            // What a file's items say is known better where somebody looked at it since.
            let wrong = errors.contains(&entry.source.id);
            if Arc::ptr_eq(&entry.tree, then) && entry.errors != wrong {
                Arc::make_mut(entry).errors = wrong;
            }
        }
        let wrong = checked.has_errors();
        self.whole = Some(Arc::new(Kept { whole, carried, wrong }));
    }

    /// The exact answer, where it was found out since the last change.
    pub fn whole(&self) -> Option<&Arc<Checked>> {
        let kept = self.whole.as_ref().filter(|kept| kept.whole.revision() == self.revision)?;
        Some(&kept.whole.checked)
    }

    /// Whether the package was ever checked as a whole, and so something of that is known.
    pub fn was_checked(&self) -> bool {
        self.whole.is_some()
    }

    /// The exact answer, kept until something changes.
    pub fn checked(&mut self, files: &dyn Files) -> Arc<Checked> {
        if let Some(known) = self.whole() {
            return Arc::clone(known);
        }
        let snapshot = self.snapshot();
        let stamp = snapshot.stamp;
        let checked = Arc::new(snapshot.parsed.check(files, true));
        self.adopt(Whole { checked: Arc::clone(&checked), stamp });
        checked
    }
}
