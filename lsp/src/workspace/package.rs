//! One package: its files as they stand in the editor, and what the compiler says of them.

use super::{Overlay, Snapshot};
use crate::host::PackageRoot;
use carapace_diagnostic::FileId;
use carapace_driver::{Checked, Files, Known, Project, Sources};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A package of the workspace.
pub(crate) struct Package {
    pub(crate) root: PackageRoot,
    files: Overlay,
    /// The package as it is edited, since somebody asked for the first time. None for the library.
    project: Option<Project>,
    /// What was found out of all of it since the last change.
    snapshot: Option<Arc<Snapshot>>,
    /// The same of the file that was asked about last.
    view: Option<(FileId, Arc<Snapshot>)>,
    /// Whether what is known has been told to the editor.
    pub(crate) told: bool,
    /// The files about which the editor was told something that is to be taken back when it is no longer so.
    pub(crate) marked: Vec<PathBuf>,
}

impl Package {
    pub(crate) fn new(root: PackageRoot, disk: Box<dyn Files + Send + Sync>) -> Package {
        let files = Overlay::new(disk);
        Package { root, files, project: None, snapshot: None, view: None, told: false, marked: Vec::new() }
    }

    /// What stands in the editor for a file of it, or nothing any more.
    pub(crate) fn set(&mut self, path: &Path, text: Option<Arc<str>>) {
        if let Some(name) = self.name_of(path) {
            if let (Some(project), Some(text)) = (&mut self.project, &text) {
                project.set(&name, text);
            }
            let closed = text.is_none();
            self.files.set(&name, text);
            if let (Some(project), true) = (&mut self.project, closed) {
                project.read(&self.files, &name);
            }
        }
        self.forget();
    }

    /// Something of it changed on disk: a file, or a folder with files.
    pub(crate) fn disk_changed(&mut self, path: &Path) {
        let name = self.name_of(path).filter(|name| name.ends_with(".flow"));
        match (&mut self.project, name) {
            (Some(project), Some(name)) => drop(project.read(&self.files, &name)),
            (Some(project), None) => project.reload(&self.files),
            (None, _) => {}
        }
        self.forget();
    }

    /// Forgets everything that was found out.
    pub(crate) fn start_anew(&mut self) {
        self.project = None;
        self.forget();
    }

    fn forget(&mut self) {
        (self.snapshot, self.view) = (None, None);
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
        let root = self.root.clone();
        let made = match self.edited() {
            Some((project, files)) => {
                let checked = project.checked(files);
                Snapshot::of(root, checked, project, files)
            }
            None => Snapshot::new(root, library(&self.files)),
        };
        let snapshot = Arc::new(made);
        self.snapshot = Some(Arc::clone(&snapshot));
        snapshot
    }

    /// The same, as long as nobody wants something else: none where `stop` said so.
    pub(crate) fn snapshot_unless(&mut self, stop: &dyn Fn() -> bool) -> Option<Arc<Snapshot>> {
        if self.snapshot.is_none()
            && let Some((project, files)) = self.edited()
        {
            let whole = project.snapshot().check(files, stop)?;
            project.adopt(whole);
        }
        Some(self.snapshot())
    }

    /// What is known of a file: of a package that is not large, or was looked at since the last change, everything.
    pub(crate) fn view(&mut self, path: &Path) -> Option<Arc<Snapshot>> {
        let name = self.name_of(path);
        match (self.edited(), name) {
            (Some((project, files)), Some(name)) if project.whole().is_none() && !project.is_small() => {
                let known = project.known(files, &name)?;
                Some(self.view_of(known))
            }
            _ => Some(self.snapshot()),
        }
    }

    fn view_of(&mut self, known: Known) -> Arc<Snapshot> {
        if let Some((file, view)) = &self.view
            && *file == known.file
        {
            return Arc::clone(view);
        }
        let file = known.file;
        let view = Arc::new(self.of_known(known));
        self.view = Some((file, Arc::clone(&view)));
        view
    }

    fn of_known(&self, known: Known) -> Snapshot {
        match &self.project {
            Some(project) => Snapshot::of(self.root.clone(), known.checked, project, &self.files),
            None => Snapshot::new(self.root.clone(), known.checked),
        }
    }

    /// Whether all of it was looked at before some of it was edited.
    pub(crate) fn was_checked(&self) -> bool {
        self.project.as_ref().is_some_and(Project::was_checked)
    }

    /// What is known of the item at a byte of a file, as soon as it can be.
    pub(crate) fn near(&mut self, path: &Path, offset: u32) -> Option<Arc<Snapshot>> {
        if self.snapshot.is_some() {
            return self.snapshot.clone();
        }
        let name = self.name_of(path)?;
        let Some((project, files)) = self.edited() else { return Some(self.snapshot()) };
        let text = Arc::clone(project.text(&name)?);
        let known = project.probe(files, &name, (&text, offset), |_| true)?;
        Some(Arc::new(self.of_known(known)))
    }

    /// The files as they are being written, in which something can be tried; nothing of them need have been looked at.
    pub(crate) fn written(&mut self) -> Arc<Snapshot> {
        if self.snapshot.is_some() {
            return self.snapshot();
        }
        let root = self.root.clone();
        match self.edited() {
            Some((project, files)) => {
                Arc::new(Snapshot::of(root, Arc::new(project.unchecked()), project, files))
            }
            None => self.snapshot(),
        }
    }

    /// What there is to say about a file right after it was edited, once all of the package was looked at.
    pub(crate) fn quick(&mut self, path: &Path) -> Option<Snapshot> {
        let name = self.name_of(path)?;
        let (project, files) = self.edited().filter(|(project, _)| project.was_checked())?;
        let quick = project.quick(files, &name)?;
        let told = project.told(quick);
        Some(Snapshot::new(self.root.clone(), told))
    }

    /// What there is to say about a file, as far as it can be known soon.
    pub(crate) fn judged(&mut self, path: &Path) -> Arc<Snapshot> {
        let is_known = |project: &Project| project.whole().is_some() || project.is_small();
        match self.edited() {
            Some((project, _)) if !is_known(project) => match self.quick(path) {
                Some(quick) => Arc::new(quick),
                None => self.snapshot(),
            },
            _ => self.snapshot(),
        }
    }

    /// The package as it is edited, and its files; none for the library.
    fn edited(&mut self) -> Option<(&mut Project, &Overlay)> {
        if self.root.library {
            return None;
        }
        let (files, root) = (&self.files, &self.root.root);
        Some((self.project.get_or_insert_with(|| Project::load(files, root)), files))
    }

    /// What the compiler would say of the package if these files had these texts.
    pub(crate) fn with_texts(&self, snapshot: &Snapshot, texts: &[(FileId, String)]) -> Arc<Checked> {
        let mut files = self.files.clone();
        let mut project = self.project.clone();
        for (file, text) in texts {
            let Some(module) = snapshot.module(*file) else { continue };
            match &mut project {
                Some(project) => drop(project.set(module.name, text)),
                None => files.set(module.name, Some(Arc::from(text.as_str()))),
            }
        }
        match project {
            Some(mut project) => project.checked(&files),
            None if self.root.library => Arc::new(library(&files)),
            None => Arc::new(Sources::load(&files, &self.root.root).parse().check(&files, true)),
        }
    }

    /// A file's name below the source root.
    fn name_of(&self, path: &Path) -> Option<String> {
        let names: Option<Vec<&str>> =
            path.strip_prefix(&self.root.folder).ok()?.iter().map(|n| n.to_str()).collect();
        names.map(|n| n.join("/"))
    }
}

fn library(files: &Overlay) -> Checked {
    Sources::library(files).parse().check(files, true)
}
