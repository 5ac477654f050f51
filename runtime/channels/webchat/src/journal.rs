//! Files of one JSON value a line, only ever appended to.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that is open for appending.
#[derive(Debug)]
pub(crate) struct Journal {
    file: Arc<File>,
    path: PathBuf,
    /// Bytes that are whole lines. What stands behind them after a failed write is cut off before the next one.
    length: u64,
    /// Whether something may stand behind them.
    torn: bool,
}

impl Journal {
    /// Opens or creates `path` and reads what stands in it. A torn last line, which nobody was told is safe, is
    /// cut off; a line that cannot be read is passed over, with a warning, and stays where it is.
    pub(crate) fn open<T: DeserializeOwned>(path: &Path) -> io::Result<(Journal, Vec<T>)> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let bytes = std::fs::read(path)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < bytes.len() {
            tracing::warn!(path = %path.display(), "cut off a last line that was not written to its end");
            file.set_len(whole as u64)?;
        }
        let lines = lines(path, bytes.get(..whole).unwrap_or_default());
        let journal =
            Journal { file: Arc::new(file), path: path.to_owned(), length: whole as u64, torn: false };
        Ok((journal, lines))
    }

    /// What stands in it now.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> io::Result<Vec<T>> {
        let bytes = std::fs::read(&self.path)?;
        let whole = usize::try_from(self.length).unwrap_or(usize::MAX).min(bytes.len());
        Ok(lines(&self.path, bytes.get(..whole).unwrap_or_default()))
    }

    /// Appends a line; with `durable`, returns only when the disk has it.
    pub(crate) async fn append<T: Serialize>(&mut self, value: &T, durable: bool) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        let added = line.len() as u64;
        let (file, length, torn) = (self.file.clone(), self.length, self.torn);
        // Until the write is known to be whole, it is not: this future may be dropped while it waits.
        self.torn = true;
        let write = move || {
            if torn {
                file.set_len(length)?;
            }
            (&*file).write_all(&line)?;
            if durable { file.sync_data() } else { Ok(()) }
        };
        tokio::task::spawn_blocking(write).await.map_err(io::Error::other)??;
        self.torn = false;
        self.length += added;
        Ok(())
    }

    /// Bytes in the file.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Puts `values` in the place of everything, all or nothing.
    pub(crate) fn rewrite<T: Serialize>(&mut self, values: &[T]) -> io::Result<()> {
        let next = self.path.with_extension("next");
        let mut text = Vec::new();
        for value in values {
            serde_json::to_writer(&mut text, value)?;
            text.push(b'\n');
        }
        let mut file = File::create(&next)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&next, &self.path)?;
        if let Some(folder) = self.path.parent().filter(|_| cfg!(unix)) {
            // The name is durable only when the folder is.
            File::open(folder)?.sync_all()?;
        }
        self.file = Arc::new(OpenOptions::new().read(true).append(true).open(&self.path)?);
        self.length = text.len() as u64;
        self.torn = false;
        Ok(())
    }
}

/// Lines, without those that cannot be read.
fn lines<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Vec<T> {
    let mut lines = Vec::new();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(value) => lines.push(value),
            Err(error) => {
                tracing::warn!(path = %path.display(), line = number + 1, %error, "passed over a line that cannot be read");
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_appended_is_read_again_also_behind_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let (mut journal, lines) = Journal::open::<u32>(&path).unwrap();
        assert!(lines.is_empty());
        journal.append(&1, true).await.unwrap();
        journal.append(&2, false).await.unwrap();
        drop(journal);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"what\n3\n44");
        std::fs::write(&path, bytes).unwrap();
        let (mut journal, lines) = Journal::open::<u32>(&path).unwrap();
        assert_eq!(lines, [1, 2, 3]);
        journal.append(&5, true).await.unwrap();
        assert_eq!(Journal::open::<u32>(&path).unwrap().1, [1, 2, 3, 5]);
        journal.rewrite(&[7]).unwrap();
        journal.append(&8, true).await.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "7\n8\n");
        assert_eq!(journal.length(), 4);
    }

    #[tokio::test]
    async fn a_failed_write_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let (mut journal, _) = Journal::open::<u32>(&path).unwrap();
        journal.append(&1, false).await.unwrap();
        // As a write that failed half-way leaves it.
        (&*journal.file).write_all(b"99").unwrap();
        journal.torn = true;
        journal.append(&2, false).await.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n");
    }
}
