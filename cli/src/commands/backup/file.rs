//! The file of a backup: compressed with zstd, a line of JSON that lists the files with their hashes, then the files.

use super::failed;
use super::snapshot::{KEPT, is_passing};
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write as _};
use std::path::{Component, Path, PathBuf};

const FORMAT: &str = "carapace-backup";
const VERSION: u32 = 1;

/// How hard it is tried to make it small: what journals are made of shrinks to a tenth with little.
const EFFORT: i32 = 3;

/// The longest list of files, in bytes.
const LONGEST: u64 = 256 << 20;

/// What stands before the files.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Listed {
    format: String,
    version: u32,
    pub(super) files: Vec<Entry>,
}

/// A file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its path in the data directory, with `/`.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) blake3: String,
}

impl Entry {
    /// Where it lies below a folder; none where its path leads out of that.
    pub(super) fn below(&self, folder: &Path) -> Option<PathBuf> {
        let path = Path::new(&self.path);
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let kept =
            path.components().next().is_some_and(|first| KEPT.iter().any(|kept| first.as_os_str() == *kept));
        (plain && kept).then(|| folder.join(path))
    }
}

/// Writes what lies in a folder; gives the number of files.
pub(super) fn write(target: &Path, folder: &Path) -> Result<usize, Problem> {
    let part = target.with_extension("part");
    let written = pack(&part, folder);
    let written = written.and_then(|count| fs::rename(&part, target).map(|()| count));
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        failed(target, &error)
    })
}

fn pack(part: &Path, folder: &Path) -> io::Result<usize> {
    let mut paths = Vec::new();
    for name in KEPT {
        list(&folder.join(name), &mut paths)?;
    }
    let files = paths.iter().map(|path| entry(folder, path)).collect::<io::Result<Vec<_>>>()?;
    let listed = Listed { format: FORMAT.to_owned(), version: VERSION, files };
    // One that was broken off.
    let _ = fs::remove_file(part);
    crate::data::write_private(part, b"")?;
    let file = File::options().write(true).open(part)?;
    let mut out = zstd::Encoder::new(BufWriter::new(file), EFFORT)?;
    out.include_checksum(true)?;
    serde_json::to_writer(&mut out, &listed)?;
    out.write_all(b"\n")?;
    for (path, entry) in paths.iter().zip(&listed.files) {
        let copied = io::copy(&mut File::open(path)?.take(entry.bytes), &mut out)?;
        if copied != entry.bytes {
            return Err(io::Error::other(format!("`{}` changed meanwhile", entry.path)));
        }
    }
    let file = out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(listed.files.len())
}

fn list(path: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() && !is_passing(path) {
        paths.push(path.to_owned());
    } else if path.is_dir() && !is_passing(path) {
        let mut inside: Vec<PathBuf> =
            fs::read_dir(path)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
        inside.sort();
        for path in inside {
            list(&path, paths)?;
        }
    }
    Ok(())
}

fn entry(folder: &Path, path: &Path) -> io::Result<Entry> {
    let inside = path.strip_prefix(folder).map_err(io::Error::other)?;
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let (bytes, blake3) = hash(path)?;
    Ok(Entry { path: parts.join("/"), bytes, blake3 })
}

/// The length and the hash of a file.
pub(super) fn hash(path: &Path) -> io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

/// Opens a backup: what it lists, and what comes behind that.
pub(super) fn open(path: &Path) -> Result<(Listed, impl Read + use<>), Problem> {
    let file = File::open(path).map_err(|e| Problem::unreadable(path, &e))?;
    let read = || -> io::Result<(Listed, BufReader<zstd::Decoder<'static, BufReader<File>>>)> {
        let mut content = BufReader::new(zstd::Decoder::new(file)?);
        let mut line = String::new();
        (&mut content).take(LONGEST).read_line(&mut line)?;
        Ok((serde_json::from_str(&line)?, content))
    };
    let none = |why: String| {
        Problem::new("E1049", format!("`{}` is no backup, or not all of one: {why}", path.display()))
            .help("take another one, or fetch this one again")
    };
    let (listed, content) = read().map_err(|e| none(e.to_string()))?;
    match (listed.format == FORMAT, listed.version) {
        (true, VERSION) => Ok((listed, content)),
        (true, newer) => Err(none(format!("its form is version {newer}, and this command knows {VERSION}"))),
        (false, _) => Err(none("its form is another".to_owned())),
    }
}
