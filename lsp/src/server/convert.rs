//! Small things that differ between the protocol and us.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, so that one file has one name.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_has_one_name() {
        assert_eq!(plain(Path::new("/a/./b/../c.flow")), Path::new("/a/c.flow"));
        assert_eq!(plain(Path::new("/../../x")), Path::new("/x"));
    }
}
