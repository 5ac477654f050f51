//! What tools looked like when they were seen first.
//!
//! A tool is trusted as it was when somebody wrote its server into the configuration. A server that says something else of
//! it later may be another one, or lead a model astray: the tool is not used until a person says that it may be.

use super::Taken;
use super::known::Known;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Bytes of such a file at most.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Tools of a server that are kept at most, those included that it does not have any more.
const MOST: usize = 4096;

/// Where it is kept for one server.
#[derive(Debug, Clone)]
pub(super) struct Pinned {
    pub(super) file: PathBuf,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// The hash of each tool, by its name.
    tools: BTreeMap<String, String>,
}

impl Pinned {
    /// Marks those that changed since they were seen first, and keeps what is new.
    ///
    /// # Errors
    /// Where it cannot be read or written: what cannot be compared is not used.
    pub(super) fn compare(&self, tools: &mut [Known]) -> io::Result<()> {
        let before = self.read()?;
        let mut kept = before.clone().unwrap_or_default();
        for tool in tools {
            match kept.tools.get(&*tool.name) {
                Some(hash) if *hash == tool.hash => {}
                Some(_) if tool.taken == Taken::Used => tool.taken = Taken::Changed,
                Some(_) => {}
                None if kept.tools.len() < MOST => {
                    kept.tools.insert(tool.name.to_string(), tool.hash.clone());
                }
                None => tool.taken = Taken::Unusable("its server has had too many tools".to_owned()),
            }
        }
        if before.as_ref() == Some(&kept) { Ok(()) } else { self.write(&kept) }
    }

    /// These are right as they are now.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn trust(&self, tools: &[Known]) -> io::Result<()> {
        let mut kept = self.read()?.unwrap_or_default();
        kept.tools.extend(tools.iter().map(|tool| (tool.name.to_string(), tool.hash.clone())));
        self.write(&kept)
    }

    fn read(&self) -> io::Result<Option<Kept>> {
        match std::fs::metadata(&self.file) {
            Ok(about) if about.len() > LONGEST => return Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        let kept: Kept = serde_json::from_slice(&std::fs::read(&self.file)?)?;
        if kept.version == 1 { Ok(Some(kept)) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    /// Beside it first, so that a file that is cut off is never read.
    fn write(&self, kept: &Kept) -> io::Result<()> {
        let kept = Kept { version: 1, tools: kept.tools.clone() };
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec_pretty(&kept)?)?;
        std::fs::rename(&beside, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn known(name: &str, hash: &str, taken: Taken) -> Known {
        Known {
            name: name.into(),
            description: "".into(),
            schema: Arc::default(),
            hash: hash.into(),
            repeatable: false,
            taken,
        }
    }

    #[test]
    fn what_changed_is_not_used_until_it_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let pinned = Pinned { file: folder.path().join("mcp/files.json") };
        let look = |tools: &[(&str, &str)]| {
            let mut tools: Vec<Known> =
                tools.iter().map(|(name, hash)| known(name, hash, Taken::Used)).collect();
            pinned.compare(&mut tools).unwrap();
            tools.iter().map(|tool| tool.taken.name()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(look(&[("a", "1"), ("b", "1")]), "used used");
        assert_eq!(look(&[("a", "2"), ("b", "1"), ("c", "1")]), "changed used used");
        assert_eq!(look(&[("a", "2")]), "changed");
        pinned.trust(&[known("a", "2", Taken::Changed)]).unwrap();
        assert_eq!(look(&[("a", "2"), ("c", "2")]), "used changed");
        // One that was away comes back as it was.
        assert_eq!(look(&[("a", "1"), ("b", "1")]), "changed used");
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let pinned = Pinned { file: folder.path().join("files.json") };
        for text in ["", "{", "[]", "{\"version\":2,\"tools\":{}}"] {
            std::fs::write(&pinned.file, text).unwrap();
            assert!(pinned.compare(&mut [known("a", "1", Taken::Used)]).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&pinned.file).unwrap(), text);
        }
    }
}
