//! How far was told, over restarts.

use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// How far was told. Losing it has nothing lost but that some spans are told twice, with the same ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Everything up to this line was told.
    pub(crate) through: u64,
    /// From this line on it has to be read to know the runs that were not over.
    pub(crate) first: u64,
}

impl Mark {
    /// The one that was kept; none where none was, or it cannot be read.
    pub(crate) fn read(path: &Path) -> Option<Mark> {
        let bytes = std::fs::read(path).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps it: beside, and moved over the one before.
    pub(crate) fn write(self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("json.new");
        std::fs::write(&beside, serde_json::to_vec(&self)?)?;
        std::fs::rename(&beside, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_and_what_is_none_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telemetry.json");
        assert_eq!(Mark::read(&path), None);
        for through in [7, 9] {
            let mark = Mark { through, first: 3 };
            mark.write(&path).unwrap();
            assert_eq!(Mark::read(&path), Some(mark));
        }
        std::fs::write(&path, "{\"through\":").unwrap();
        assert_eq!(Mark::read(&path), None);
    }
}
