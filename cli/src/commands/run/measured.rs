//! The disk under the journal, with what it does counted.

use carapace_gateway::{JournalFigures, Times};
use carapace_store::disk::{Disk, DiskFile, OsDisk};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Up to so many microseconds a sync counts to each bucket: from what a good disk takes to what nobody waits for.
const BUCKETS: [u64; 11] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

/// The system's disk, which counts what happens to the files of a journal.
#[derive(Clone)]
pub(super) struct Measured {
    journal: PathBuf,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    bytes: AtomicU64,
    /// Microseconds, in all.
    took: AtomicU64,
    /// One for each bucket, and one for what took longer.
    syncs: [AtomicU64; BUCKETS.len() + 1],
}

impl Measured {
    /// That of a data directory.
    pub(super) fn new(data: &Path) -> Measured {
        Measured { journal: data.join("journal"), counts: Arc::default() }
    }

    /// What was counted since the start.
    pub(super) fn figures(&self) -> JournalFigures {
        let counted = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let bounds = BUCKETS.iter().map(|micros| seconds(*micros)).chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(self.counts.syncs.iter().map(counted)).collect();
        let syncs = Times { seconds: seconds(counted(&self.counts.took)), buckets };
        let segments = OsDisk.list(&self.journal).map_or(0, |names| names.len() as u64);
        JournalFigures { bytes: counted(&self.counts.bytes), syncs, segments }
    }

    fn measured(&self, path: &Path, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        if path.starts_with(&self.journal) {
            return Box::new(MeasuredFile { file, counts: self.counts.clone() });
        }
        file
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is shown to people")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}

impl Disk for Measured {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        OsDisk.create_dir(path)
    }

    fn open(&self, path: &Path, create: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.measured(path, OsDisk.open(path, create)?))
    }

    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        OsDisk.open_to_read(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        OsDisk.remove(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        OsDisk.list(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        OsDisk.sync_dir(path)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>> {
        OsDisk.lock(path)
    }
}

struct MeasuredFile {
    file: Box<dyn DiskFile>,
    counts: Arc<Counts>,
}

impl DiskFile for MeasuredFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write_at(offset, bytes)?;
        self.counts.bytes.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn sync(&self) -> io::Result<()> {
        let begun = Instant::now();
        self.file.sync()?;
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.counts.took.fetch_add(micros, Ordering::Relaxed);
        let bucket = BUCKETS.iter().position(|most| micros <= *most).unwrap_or(BUCKETS.len());
        if let Some(count) = self.counts.syncs.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_the_journal_is_counted_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Measured::new(folder.path());
        disk.create_dir(&folder.path().join("journal")).unwrap();
        for (path, length) in [("journal/1.jsonl", 3), ("blobs", 5)] {
            let file = disk.open(&folder.path().join(path), true).unwrap();
            file.write_at(0, &vec![b'x'; length]).unwrap();
            file.sync().unwrap();
        }
        let figures = disk.figures();
        let syncs: u64 = figures.syncs.buckets.iter().map(|(_, count)| count).sum();
        assert_eq!((figures.bytes, syncs, figures.segments), (3, 1, 1));
        assert_eq!(figures.syncs.buckets.len(), BUCKETS.len() + 1);
    }
}
