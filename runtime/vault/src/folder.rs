//! A folder with a file for each secret, which somebody else fills: credentials of systemd, secrets of a container.

use crate::place::{Listed, Place};
use crate::{Error, LARGEST, check_name};
use carapace_channel_api::SecretString;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

/// The folder. Nothing of it is ever written.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Folder {
        Folder { path }
    }

    fn fixed(&self) -> Error {
        Error::Fixed {
            what: format!("`{}` is a folder that somebody else fills: it is only read", self.path.display()),
        }
    }
}

impl Place for Folder {
    fn get(&self, name: &str) -> Result<SecretString, Error> {
        let path = self.path.join(name);
        let missing = || Error::NotFound { name: name.to_owned() };
        let about = match std::fs::metadata(&path) {
            Ok(about) => about,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(Error::disk(&path, "read", &error)),
        };
        if !about.is_file() {
            return Err(missing());
        }
        if about.len() > u64::try_from(LARGEST).unwrap_or(u64::MAX) {
            return Err(Error::Value { why: "it is larger than 64 KiB" });
        }
        let bytes = std::fs::read(&path).map_err(|e| Error::disk(&path, "read", &e))?;
        crate::file::text_of(bytes).map(SecretString::from)
    }

    fn list(&self) -> Result<Vec<Listed>, Error> {
        let unreadable = |e: std::io::Error| Error::disk(&self.path, "read", &e);
        let mut listed = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link counts as what it leads to: containers mount their secrets so.
            let file = std::fs::metadata(entry.path()).ok().filter(Metadata::is_file);
            if let Some(about) = file.filter(|_| check_name(&name).is_ok()) {
                listed.push(Listed { name, set: modified(&about) });
            }
        }
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listed)
    }

    fn set(&self, _: &str, _: &SecretString, _: i64) -> Result<(), Error> {
        Err(self.fixed())
    }

    fn remove(&self, _: &str) -> Result<(), Error> {
        Err(self.fixed())
    }

    fn describe(&self) -> String {
        format!("the folder `{}`", self.path.display())
    }
}

fn modified(about: &Metadata) -> Option<i64> {
    let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_channel_api::ExposeSecret;

    #[test]
    fn a_file_is_a_secret_and_one_newline_at_its_end_is_none_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::write(path.join("a"), "one\n").unwrap();
        std::fs::write(path.join("b"), "two\r\n").unwrap();
        std::fs::write(path.join("c"), " three\n\n").unwrap();
        std::fs::write(path.join(".hidden"), "x").unwrap();
        std::fs::write(path.join("not text"), [0xff]).unwrap();
        std::fs::write(path.join("bytes"), [0xff]).unwrap();
        std::fs::create_dir(path.join("sub")).unwrap();
        let place = Folder::new(path.to_owned());
        let get = |name: &str| place.get(name).map(|s| s.expose_secret().to_owned());
        assert_eq!(
            (get("a"), get("b"), get("c")),
            (Ok("one".into()), Ok("two".into()), Ok(" three\n".into()))
        );
        assert_eq!(get("sub"), Err(Error::NotFound { name: "sub".into() }));
        assert_eq!(get("no"), Err(Error::NotFound { name: "no".into() }));
        assert!(matches!(get("bytes"), Err(Error::Value { .. })));
        let names: Vec<String> = place.list().unwrap().into_iter().map(|l| l.name).collect();
        assert_eq!(names, ["a", "b", "bytes", "c"]);
        assert!(place.list().unwrap().iter().all(|listed| listed.set.is_some()));
        let value = SecretString::from("x".to_owned());
        assert!(matches!(place.set("a", &value, 0), Err(Error::Fixed { .. })));
        assert!(matches!(place.remove("a"), Err(Error::Fixed { .. })));
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let place = Folder::new("nowhere-at-all".into());
        assert!(matches!(place.list(), Err(Error::Disk { .. })));
        assert!(matches!(place.get("a"), Err(Error::NotFound { .. })));
    }
}
