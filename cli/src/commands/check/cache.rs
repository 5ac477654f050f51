//! What a check of a package said, kept for the next: when nothing has changed, nothing is checked.
//!
//! One file a package, in the user's cache folder. It begins with the hash of what follows, and holds the hash of
//! everything that the answer depends on: this program, the package's name, each source file, and each text file that a
//! flow names. What does not agree, or cannot be read, is as good as not there. Nothing else depends on it.

use crate::package::Package;
use carapace_diagnostic::{Code, Diagnostic, Edit, Fix, Label, Span, codes};
use carapace_driver::{Checked, Files, LARGEST_FILE, ReadProblem, Sources};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Answers that are kept.
pub(super) struct Cache {
    folder: PathBuf,
    /// What this program is.
    program: String,
}

/// What is kept of one package.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Of everything that it was made of.
    key: String,
    /// Text files that flows name, and the hashes of their bytes; none where there was no such file.
    files: Vec<(String, Option<String>)>,
    diagnostics: Vec<Told>,
}

/// A diagnostic as it is kept.
#[derive(Serialize, Deserialize)]
struct Told {
    code: String,
    message: String,
    primary: Place,
    secondary: Vec<Place>,
    help: Option<String>,
    fix: Option<(String, Vec<Place>)>,
}

#[derive(Serialize, Deserialize)]
struct Place {
    span: Span,
    text: String,
}

impl Cache {
    /// The user's; none where there is no place for it.
    pub(super) fn of_user() -> Option<Cache> {
        let caches = crate::caches::caches()?;
        // A program that was built again is another one, also under the same version.
        let built = std::env::current_exe().and_then(std::fs::metadata).ok()?;
        let modified = built.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        let program = format!("{} {} {}", env!("CARGO_PKG_VERSION"), built.len(), modified.as_nanos());
        Some(Cache { folder: caches.join("check"), program })
    }

    /// What was said about the package as it is now, if that is known.
    pub(super) fn answer(&self, package: &Package) -> Option<(Sources, Vec<Diagnostic>)> {
        let place = self.place(package)?;
        // Without an entry the files need not be read for it.
        let bytes = std::fs::read(place).ok()?;
        let (hash, body) = bytes.split_at_checked(blake3::OUT_LEN)?;
        if *hash != *blake3::hash(body).as_bytes() {
            return None;
        }
        let kept: Kept = serde_json::from_slice(body).ok()?;
        let sources = Sources::load(&package.files, &package.root);
        let same = |(path, hash): &(String, Option<String>)| text_hash(&package.files, path) == *hash;
        if !sources.diagnostics.is_empty() || kept.key != self.key(&sources) || !kept.files.iter().all(same) {
            return None;
        }
        let diagnostics = kept.diagnostics.into_iter().map(Told::back).collect::<Option<_>>()?;
        Some((sources, diagnostics))
    }

    /// Checks the package, and keeps what there was to say. That it cannot be kept is nobody's trouble.
    pub(super) fn check(&self, package: &Package) -> Checked {
        let files = Noting { files: &package.files, read: RefCell::default() };
        let checked = package.check_in(&files);
        if checked.sources.diagnostics.is_empty() {
            let read = files.read.into_inner().into_iter();
            let named = read.filter(|(path, _)| !checked.sources.files.iter().any(|f| *f.path == **path));
            let kept = Kept {
                key: self.key(&checked.sources),
                files: named.collect(),
                diagnostics: checked.diagnostics.iter().map(Told::of).collect(),
            };
            if let Err(error) = self.keep(package, &kept) {
                tracing::debug!(%error, "the answer of the check could not be kept");
            }
        }
        checked
    }

    fn keep(&self, package: &Package, kept: &Kept) -> std::io::Result<()> {
        let Some(place) = self.place(package) else { return Ok(()) };
        crate::data::make_private(&self.folder)?;
        let body = serde_json::to_vec(kept)?;
        let mut bytes = blake3::hash(&body).as_bytes().to_vec();
        bytes.extend(body);
        // Another check of the same package may write at the same time.
        let part = place.with_extension(std::process::id().to_string());
        std::fs::write(&part, bytes)?;
        std::fs::rename(part, place)
    }

    /// Where the package's answer lies: one file, whatever the package says today.
    fn place(&self, package: &Package) -> Option<PathBuf> {
        let root = package.files.root.canonicalize().ok()?.join(&package.root);
        Some(self.folder.join(blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex().as_str()))
    }

    /// The hash of everything that the answer depends on, but for text files that flows name.
    fn key(&self, sources: &Sources) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut add = |text: &str| {
            // With its length in front, no two lists of texts are the same bytes.
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        };
        add(&self.program);
        add(&sources.package);
        add(&sources.root);
        for file in &sources.files {
            add(&file.path);
            add(&file.text);
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn text_hash(files: &dyn Files, path: &str) -> Option<String> {
    hash(&files.read(path, LARGEST_FILE))
}

fn hash(read: &Result<Vec<u8>, ReadProblem>) -> Option<String> {
    read.as_ref().ok().map(|bytes| blake3::hash(bytes).to_hex().to_string())
}

/// Files that notes what was read, as it was then.
struct Noting<'a> {
    files: &'a dyn Files,
    read: RefCell<BTreeMap<String, Option<String>>>,
}

impl Files for Noting<'_> {
    fn package(&self) -> &str {
        self.files.package()
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadProblem> {
        let read = self.files.read(path, limit);
        self.read.borrow_mut().insert(path.to_owned(), hash(&read));
        read
    }

    fn list(&self) -> Result<Vec<String>, ReadProblem> {
        self.files.list()
    }
}

impl Told {
    fn of(told: &Diagnostic) -> Told {
        let label = |label: &Label| Place { span: label.span, text: label.text.clone() };
        let edit = |edit: &Edit| Place { span: edit.span, text: edit.text.clone() };
        Told {
            code: told.code.0.to_owned(),
            message: told.message.clone(),
            primary: label(&told.primary),
            secondary: told.secondary.iter().map(label).collect(),
            help: told.help.clone(),
            fix: told.fix.as_ref().map(|fix| (fix.title.clone(), fix.edits.iter().map(edit).collect())),
        }
    }

    /// None where this program has no such code.
    fn back(self) -> Option<Diagnostic> {
        let code = Code(codes().find(|known| *known == self.code)?);
        let label = |place: Place| Label { span: place.span, text: place.text };
        let edit = |place: Place| Edit { span: place.span, text: place.text };
        let mut told = Diagnostic::new(code, self.primary.span, self.message);
        told.primary = label(self.primary);
        told.secondary = self.secondary.into_iter().map(label).collect();
        told.help = self.help;
        told.fix = self.fix.map(|(title, edits)| Fix { title, edits: edits.into_iter().map(edit).collect() });
        Some(told)
    }
}
