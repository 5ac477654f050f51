//! The disk, as the language server wants it: by the same rules by which every command finds packages.

use crate::disk::DiskFiles;
use crate::package::Package;
use carapace_driver::Files;
use carapace_lsp::{Host, PackageRoot};
use std::path::{Path, PathBuf};

/// As many files as are looked through for what `file("…")` may name.
const MOST_TEXTS: usize = 1000;

/// The disk.
pub(super) struct Disk {
    reference: Option<PathBuf>,
}

impl Disk {
    pub(super) fn new() -> Disk {
        let reference = reference().inspect_err(|error| {
            tracing::warn!(%error, "the library cannot be shown: its pages could not be written");
        });
        Disk { reference: reference.ok() }
    }
}

impl Host for Disk {
    fn package_of(&self, file: &Path) -> PackageRoot {
        root(&Package::of_file(file))
    }

    fn packages_below(&self, folder: &Path) -> Vec<PackageRoot> {
        // A folder without a flow has no package; that is no mistake in an editor.
        Package::find(&[folder.to_owned()]).unwrap_or_default().iter().map(root).collect()
    }

    fn files(&self, package: &PackageRoot) -> Box<dyn Files + Send + Sync> {
        Box::new(files(package))
    }

    fn texts(&self, package: &PackageRoot) -> Vec<String> {
        crate::disk::others(&package.folder, MOST_TEXTS)
    }

    fn reference(&self) -> Option<PathBuf> {
        self.reference.clone()
    }
}

/// A package's files on disk.
pub(super) fn files(package: &PackageRoot) -> DiskFiles {
    match package.library {
        true => Package::library(&package.folder).files,
        false => Package::at(&package.folder.join(&package.root)).files,
    }
}

fn root(package: &Package) -> PackageRoot {
    PackageRoot { folder: package.files.root.clone(), root: package.root.clone(), library: package.library }
}

/// Writes what the binary holds in itself to where an editor can open it: the library's modules and the pages of the
/// codes. One folder for each version of them, so that two binaries do not overwrite each other's.
fn reference() -> std::io::Result<PathBuf> {
    let caches =
        crate::caches::caches().ok_or_else(|| std::io::Error::other("there is no folder for caches"))?;
    let mut hasher = blake3::Hasher::new();
    let modules = carapace_stdlib::MODULES.iter().map(|m| (format!("library/{}.flow", m.path), m.text));
    let codes = carapace_diagnostic::codes()
        .filter_map(|code| Some((format!("codes/{code}.md"), carapace_diagnostic::page_text(code)?)));
    let pages: Vec<(String, &str)> = modules.chain(codes).collect();
    for (name, text) in &pages {
        hasher.update(name.as_bytes()).update(&[0]).update(text.as_bytes()).update(&[0]);
    }
    let version = hasher.finalize().to_hex();
    let folder = caches.join("reference").join(version.get(..16).unwrap_or("any"));
    if folder.join("complete").is_file() {
        return Ok(folder);
    }
    for (name, text) in &pages {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        if std::fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        let part = path.with_extension(format!("{}.tmp", std::process::id()));
        std::fs::write(&part, text)?;
        // What is edited there would be edited nowhere.
        let mut permissions = std::fs::metadata(&part)?.permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&part, permissions)?;
        std::fs::rename(&part, &path)?;
    }
    std::fs::write(folder.join("complete"), "")?;
    Ok(folder)
}
