//! The data directory.

use std::io;
use std::path::Path;

/// Makes a data directory, or a folder in it with those above it, for its owner alone: what people wrote lies there. One
/// that is there keeps the rights that somebody gave it.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
