//! Who is to be forgotten still, kept in the data directory until both the journal and the channel have forgotten them.

use std::io;
use std::path::{Path, PathBuf};

/// Its name in the data directory.
const FILE: &str = "forgetting.json";

fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Who is to be forgotten still; nobody where that cannot be read, since half of a name is nobody's.
pub(crate) fn all(data: &Path) -> Vec<String> {
    std::fs::read(file(data)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Writes down, durably, that somebody is to be forgotten.
pub(crate) fn begin(data: &Path, sender: &str) -> io::Result<()> {
    let mut all = all(data);
    if !all.iter().any(|known| known == sender) {
        all.push(sender.to_owned());
        write(data, &all)?;
    }
    Ok(())
}

/// Strikes somebody out. Where that fails they are looked for again at the next start, which is no harm.
pub(crate) fn end(data: &Path, sender: &str) {
    let mut all = all(data);
    all.retain(|known| known != sender);
    let done = if all.is_empty() { std::fs::remove_file(file(data)) } else { write(data, &all) };
    if let Err(error) = done
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "it cannot be written down that somebody was forgotten");
    }
}

fn write(data: &Path, all: &[String]) -> io::Result<()> {
    let next = data.join("forgetting.json.new");
    match std::fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    crate::data::write_private(&next, &serde_json::to_vec(all)?)?;
    std::fs::rename(&next, file(data))?;
    if cfg!(unix) {
        // The name is durable only when the folder is.
        std::fs::File::open(data)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_began_is_there_until_it_ends_and_half_a_file_is_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        assert!(all(data).is_empty());
        begin(data, "web:1").unwrap();
        begin(data, "web:2").unwrap();
        begin(data, "web:1").unwrap();
        assert_eq!(all(data), ["web:1", "web:2"]);
        end(data, "web:1");
        assert_eq!(all(data), ["web:2"]);
        end(data, "web:2");
        assert_eq!(std::fs::read_dir(data).unwrap().count(), 0);
        std::fs::write(file(data), "[\"web:").unwrap();
        assert!(all(data).is_empty());
        begin(data, "web:3").unwrap();
        assert_eq!(all(data), ["web:3"]);
    }
}
