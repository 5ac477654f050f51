//! A source root on disk.

use crate::problem::Problem;
use carapace_driver::{Files, ReadProblem};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The files below a folder. Nothing outside it is ever read, whatever a path or link says.
#[derive(Debug, Clone)]
pub(crate) struct DiskFiles {
    /// The source root.
    pub(crate) root: PathBuf,
    /// The package's name.
    pub(crate) package: String,
    /// Only the root file belongs to the package, because it was named alone and has no `main.flow` beside it.
    pub(crate) alone: Option<String>,
}

impl Files for DiskFiles {
    fn package(&self) -> &str {
        &self.package
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadProblem> {
        let full = self.root.join(path);
        let problem = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => ReadProblem::Missing,
            _ => ReadProblem::Other(crate::problem::reason(&error)),
        };
        let root = self.root.canonicalize().map_err(problem)?;
        let real = full.canonicalize().map_err(problem)?;
        if !real.starts_with(&root) {
            return Err(ReadProblem::Other("it leads out of the source root".to_owned()));
        }
        let file = File::open(&real).map_err(problem)?;
        if !file.metadata().map_err(problem)?.is_file() {
            return Err(ReadProblem::NotAFile);
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(most).read_to_end(&mut bytes).map_err(problem)?;
        Ok(bytes)
    }

    fn list(&self) -> Result<Vec<String>, ReadProblem> {
        let mut found = Vec::new();
        walk(&self.root, &mut found).map_err(|e| ReadProblem::Other(crate::problem::reason(&e)))?;
        let mut paths: Vec<String> = found.iter().filter_map(|p| relative(&self.root, p)).collect();
        if let Some(alone) = &self.alone {
            paths.retain(|p| p == alone || p.contains('/'));
        }
        paths.sort();
        Ok(paths)
    }
}

/// Folders that nobody means.
fn skipped(name: &str) -> bool {
    name.starts_with('.') || name == "target" || name == "node_modules"
}

/// Every `.flow` file below `folder`; a link to a folder is not followed, so there is no way around in a circle.
pub(crate) fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if kind.is_dir() && !skipped(&name) {
                folders.push(entry.path());
            } else if !kind.is_dir() && name.ends_with(".flow") {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(())
}

/// Files below `root` that are no flows, by their paths from there, sorted; no more than `most`, those nearer to the root first.
/// Where a folder cannot be read, there are none.
pub(crate) fn others(root: &Path, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = VecDeque::from([root.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else { continue };
            if skipped(&name) || name.ends_with(".flow") {
                continue;
            }
            if kind.is_dir() {
                folders.push_back(entry.path());
            } else if kind.is_file() {
                found.extend(relative(root, &entry.path()));
            }
            if found.len() >= most {
                folders.clear();
                break;
            }
        }
    }
    found.sort();
    found
}

/// Written beside and moved over it, so that a crash leaves the old text or the new one.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Problem> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let permissions = std::fs::metadata(path).map(|m| m.permissions()).ok();
    std::fs::write(&beside, text).map_err(|e| Problem::unwritable(&beside, &e))?;
    if let Some(permissions) = permissions {
        std::fs::set_permissions(&beside, permissions).map_err(|e| Problem::unwritable(&beside, &e))?;
    }
    std::fs::rename(&beside, path).map_err(|e| Problem::unwritable(path, &e))
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    let names: Option<Vec<&str>> = path.strip_prefix(root).ok()?.iter().map(|n| n.to_str()).collect();
    names.map(|n| n.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_found_the_nearest_first_and_not_without_end() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["a.md", "main.flow", "b/c.md", "b/d/e.md", ".git/f.md", "node_modules/g.md"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        assert_eq!(others(folder.path(), 10), ["a.md", "b/c.md", "b/d/e.md"]);
        assert_eq!(others(folder.path(), 2), ["a.md", "b/c.md"]);
        assert_eq!(others(&folder.path().join("none"), 2), [""; 0]);
    }
}
