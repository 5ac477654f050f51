//! The shelf as a folder of text files, one entry a line, each with its checksum as a segment's lines have it.

use super::folder::{Folder, known};
use crate::Error;
use crate::disk::{Cursor, Disk, DiskFile, write_all};
use crate::line::{decode_object, encode_object, sealed, unseal};
use crate::shelf::{Extent, Shelf, Spot};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const FORMAT: &str = "carapace-shelf";
const VERSION: u32 = 1;

/// A file that has as much gets a successor.
const LARGEST: u32 = 16 * 1024 * 1024;

/// So much is written at once.
const BATCH: usize = 256 * 1024;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    file: u32,
}

/// The shelf of a folder.
pub(crate) struct FileShelf {
    folder: Folder,
    largest: u32,
    writing: Mutex<Writing>,
    /// Files that were read, open.
    open: Mutex<BTreeMap<u32, Arc<dyn DiskFile>>>,
}

/// The end that is written to.
#[derive(Default)]
struct Writing {
    /// The first file.
    first: u32,
    /// The last file; 0 before there is one.
    last: u32,
    file: Option<Arc<dyn DiskFile>>,
    /// What is in it.
    written: u32,
    /// What comes behind it.
    pending: Vec<u8>,
    /// How long the files before it are.
    lengths: BTreeMap<u32, u32>,
    /// Files that have something that was not synced.
    unsynced: BTreeMap<u32, Arc<dyn DiskFile>>,
}

impl FileShelf {
    pub(super) fn new(folder: Folder, largest: u32) -> FileShelf {
        let largest = largest.min(LARGEST);
        FileShelf { folder, largest, writing: Mutex::default(), open: Mutex::default() }
    }

    /// A shelf on a disk that nothing else lies on.
    pub(crate) fn alone_on(disk: Arc<dyn Disk>) -> FileShelf {
        FileShelf::new(Folder { disk, root: PathBuf::new() }, LARGEST)
    }

    /// Makes everything that was put durable.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        let unsynced = {
            let mut writing = self.writing();
            self.write_pending(&mut writing)?;
            std::mem::take(&mut writing.unsynced)
        };
        // Not under the lock: whoever puts meanwhile does not wait for the disk. A failure ends the journal, as any
        // failed sync does, so that nobody asks again for what was taken off the list.
        for (number, file) in &unsynced {
            file.sync().map_err(|e| Error::io("sync", self.path(*number), e))?;
        }
        Ok(())
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        // No code that holds the lock can panic half-way through a change.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.shelf().join(format!("{number:010}.jsonl"))
    }

    /// The numbers of all files, in order.
    fn list(&self) -> Result<Vec<u32>, Error> {
        let shelf = self.folder.shelf();
        let names = self.folder.disk.list(&shelf).map_err(|e| Error::io("list", &shelf, e))?;
        let mut numbers: Vec<u32> =
            names.iter().filter_map(|name| name.strip_suffix(".jsonl")?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// How long the files from one up to another are.
    fn lengths(&self, first: u32, last: u32) -> Result<BTreeMap<u32, u32>, Error> {
        let mut lengths = BTreeMap::new();
        for number in first..last {
            let length = self.open(number)?.length().map_err(|e| Error::io("read", self.path(number), e))?;
            lengths.insert(number, u32::try_from(length).unwrap_or(u32::MAX));
        }
        Ok(lengths)
    }

    fn remove(&self, number: u32) -> Result<(), Error> {
        let path = self.path(number);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        self.folder.disk.remove(&path).map_err(|e| Error::io("remove", path, e))
    }

    fn write_pending(&self, writing: &mut Writing) -> Result<(), Error> {
        if let Some(file) = &writing.file
            && !writing.pending.is_empty()
        {
            write_all(&**file, u64::from(writing.written), &writing.pending)
                .map_err(|e| Error::io("write", self.path(writing.last), e))?;
            writing.written = writing.written.saturating_add(size(writing.pending.len()));
            writing.pending.clear();
        }
        Ok(())
    }

    /// Goes on in a new file.
    fn roll_to_next(&self, writing: &mut Writing) -> Result<(), Error> {
        self.write_pending(writing)?;
        if writing.last > 0 {
            writing.lengths.insert(writing.last, writing.written);
        }
        let number = writing.last.saturating_add(1);
        let path = self.path(number);
        let header = Header { format: FORMAT.to_owned(), version: VERSION, file: number };
        let header = encode_object(&header).map_err(|e| Error::io("write", &path, io::Error::other(e)))?;
        self.folder.replace(&path, &[&header])?;
        let file = self.folder.disk.open(&path, false).map_err(|e| Error::io("open", &path, e))?;
        let file: Arc<dyn DiskFile> = Arc::from(file);
        writing.first = if writing.first == 0 { number } else { writing.first };
        writing.last = number;
        writing.written = size(header.len());
        writing.unsynced.insert(number, Arc::clone(&file));
        writing.file = Some(file);
        Ok(())
    }

    fn open(&self, number: u32) -> Result<Arc<dyn DiskFile>, Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&number) {
            return Ok(Arc::clone(file));
        }
        let path = self.path(number);
        let file: Arc<dyn DiskFile> = match self.folder.disk.open_to_read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.damaged(number, 0, "the file is missing"));
            }
            file => Arc::from(file.map_err(|e| Error::io("open", path, e))?),
        };
        open.insert(number, Arc::clone(&file));
        Ok(file)
    }

    /// Visits a file's entries up to a byte.
    fn scan_file(
        &self,
        number: u32,
        end: Option<u32>,
        visit: &mut dyn FnMut(Spot, &[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        let file = self.open(number)?;
        let mut reader = BufReader::with_capacity(256 * 1024, Cursor { file: &*file, offset: 0 });
        let (mut line, mut offset) = (Vec::new(), 0_u32);
        while end.is_none_or(|end| offset < end) {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            let length = size(read.map_err(|e| Error::io("read", self.path(number), e))?);
            if length == 0 {
                break;
            }
            let damaged = |why: &str| self.damaged(number, offset, why);
            if offset == 0 {
                let text = line.strip_suffix(b"\n").unwrap_or_default();
                let header: Header = decode_object(text).map_err(|why| damaged(&why))?;
                known(&self.path(number), &header.format, FORMAT, header.version, VERSION)?;
            } else {
                unseal(&mut line).map_err(|why| damaged(&why))?;
                if visit(Spot { file: number, offset, length }, &line).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            offset = offset.saturating_add(length);
        }
        match end.filter(|end| *end != offset) {
            Some(_) => Err(self.damaged(number, offset, "the end is missing")),
            None => Ok(ControlFlow::Continue(())),
        }
    }

    fn damaged(&self, number: u32, byte: u32, why: &str) -> Error {
        Error::Corrupt { file: self.path(number), byte: u64::from(byte), seq: None, why: why.to_owned() }
    }
}

impl Shelf for FileShelf {
    fn put(&self, object: &[u8]) -> Result<Spot, Error> {
        let entry = sealed(object);
        let mut writing = self.writing();
        let end = writing.written.saturating_add(size(writing.pending.len()));
        if writing.file.is_none() || end >= self.largest {
            let rolled = self.roll_to_next(&mut writing);
            // On a full disk the file before grows, in memory, until there is room.
            if !(writing.file.is_some() && matches!(&rolled, Err(error) if error.is_full())) {
                rolled?;
            }
        }
        let offset = writing.written.saturating_add(size(writing.pending.len()));
        writing.pending.extend_from_slice(&entry);
        let (last, file) = (writing.last, writing.file.clone());
        writing.unsynced.extend(file.map(|file| (last, file)));
        if writing.pending.len() >= BATCH {
            match self.write_pending(&mut writing) {
                // It stays in memory; the next checkpoint is the one that cannot be written.
                Err(error) if error.is_full() => {}
                written => written?,
            }
        }
        Ok(Spot { file: last, offset, length: size(entry.len()) })
    }

    fn get(&self, spot: Spot) -> Result<Vec<u8>, Error> {
        {
            let writing = self.writing();
            if spot.file == writing.last
                && let Some(from) = spot.offset.checked_sub(writing.written)
            {
                let from = usize::try_from(from).unwrap_or(usize::MAX);
                let length = usize::try_from(spot.length).unwrap_or(usize::MAX);
                let entry = writing.pending.get(from..from.saturating_add(length));
                let missing = || self.damaged(spot.file, spot.offset, "the entry is missing");
                let mut entry = entry.ok_or_else(missing)?.to_vec();
                unseal(&mut entry).map_err(|why| self.damaged(spot.file, spot.offset, &why))?;
                return Ok(entry);
            }
        }
        let file = self.open(spot.file)?;
        let mut entry = vec![0; usize::try_from(spot.length).unwrap_or_default()];
        let mut cursor = Cursor { file: &*file, offset: u64::from(spot.offset) };
        match io::Read::read_exact(&mut cursor, &mut entry) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(self.damaged(spot.file, spot.offset, "the entry is missing"));
            }
            read => read.map_err(|e| Error::io("read", self.path(spot.file), e))?,
        }
        unseal(&mut entry).map_err(|why| self.damaged(spot.file, spot.offset, &why))?;
        Ok(entry)
    }

    fn extent(&self) -> Option<Extent> {
        let writing = self.writing();
        let end = writing.written.saturating_add(size(writing.pending.len()));
        (writing.last > 0).then_some(Extent { first: writing.first, last: writing.last, end })
    }

    fn roll(&self) -> Result<u32, Error> {
        let mut writing = self.writing();
        if writing.last > 0 {
            self.roll_to_next(&mut writing)?;
        }
        Ok(writing.last)
    }

    fn bytes(&self, first: u32) -> u64 {
        let writing = self.writing();
        let before: u64 = writing.lengths.range(first..).map(|(_, length)| u64::from(*length)).sum();
        before
            .saturating_add(u64::from(writing.written))
            .saturating_add(u64::from(size(writing.pending.len())))
    }

    fn scan(
        &self,
        extent: Extent,
        visit: &mut dyn FnMut(Spot, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        {
            let mut writing = self.writing();
            self.write_pending(&mut writing)?;
        }
        for number in extent.first..=extent.last {
            let end = (number == extent.last).then_some(extent.end);
            if self.scan_file(number, end, visit)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn resume(&self, extent: Option<Extent>) -> Result<(), Error> {
        let numbers = self.list()?;
        let kept = |number: u32| extent.is_some_and(|e| (e.first..=e.last).contains(&number));
        for number in numbers.iter().filter(|number| !kept(**number)) {
            self.remove(*number)?;
        }
        let mut writing = self.writing();
        *writing = Writing::default();
        let Some(extent) = extent else { return Ok(()) };
        let path = self.path(extent.last);
        let file = self.folder.disk.open(&path, false).map_err(|e| Error::io("open", &path, e))?;
        let file: Arc<dyn DiskFile> = Arc::from(file);
        // What lies behind the extent would be taken for part of the next one.
        file.set_len(u64::from(extent.end)).map_err(|e| Error::io("cut", &path, e))?;
        file.sync().map_err(|e| Error::io("sync", &path, e))?;
        *writing = Writing {
            first: extent.first,
            last: extent.last,
            file: Some(file),
            written: extent.end,
            pending: Vec::new(),
            lengths: self.lengths(extent.first, extent.last)?,
            unsynced: BTreeMap::new(),
        };
        Ok(())
    }

    fn drop_before(&self, first: u32) -> Result<(), Error> {
        for number in self.list()?.into_iter().filter(|number| *number < first) {
            self.remove(number)?;
        }
        let mut writing = self.writing();
        writing.first = writing.first.max(first);
        writing.lengths.retain(|number, _| *number >= first);
        writing.unsynced.retain(|number, _| *number >= first);
        Ok(())
    }
}

impl fmt::Debug for FileShelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileShelf({})", self.folder.root.display())
    }
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
