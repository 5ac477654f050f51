//! Configurations of runtimes among the open files: known by their name, and no part of any package.

use super::Snapshot;
use crate::host::PackageRoot;
use carapace_config::FILE_NAME;
use carapace_diagnostic::FileId;
use carapace_driver::{Checked, MemoryFiles};
use std::path::Path;
use std::sync::Arc;

/// Whether a file is one.
pub(super) fn is_one(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == FILE_NAME)
}

/// A package that has nothing but this file.
pub(super) fn alone(path: &Path) -> PackageRoot {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    PackageRoot { folder, root: FILE_NAME.to_owned(), library: false }
}

/// What there is to know of the flows in one: that there are none. Whatever an editor asks of flows has an answer then.
pub(crate) fn empty(path: &Path) -> Option<(Arc<Snapshot>, FileId)> {
    let checked = Checked::of(&MemoryFiles::new([(FILE_NAME, "")]), FILE_NAME);
    super::numbered(Arc::new(Snapshot::new(alone(path), checked)), path)
}
