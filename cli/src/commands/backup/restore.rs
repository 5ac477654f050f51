//! `carapace restore`: a data directory, made of a backup.

use super::failed;
use super::file::{Entry, hash, open};
use crate::args::Restore;
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::Problem;
use crate::progress::Progress;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

pub(crate) fn run(options: &Restore) -> Result<Exit, Problem> {
    let data = &options.data;
    refuse_full(data)?;
    let (listed, mut content) = open(&options.file)?;
    let _sign = Progress::of(format!("restoring {}", data.display()));
    let part = beside(data);
    put_together(options, &part, &listed.files, &mut content).map_err(|problem| {
        let part = part.display();
        problem.more_help(format!(
            "what was put together lies in `{part}`: remove it, or restore again, which goes on with it"
        ))
    })?;
    if data.exists() {
        fs::remove_dir(data).map_err(|e| failed(data, &e))?;
    }
    fs::rename(&part, data).map_err(|e| failed(data, &e))?;
    let shown = data.display();
    output::note(&format!(
        "{shown} is as it was: {}, each as it was written",
        plural(listed.files.len(), "file")
    ));
    output::note(&format!(
        "`carapace journal verify --data {shown}` reads all of it; `carapace run --data {shown}` goes on from there"
    ));
    output::note("what was sent since may be sent again, and secrets have to be set again");
    Ok(Exit::Fine)
}

/// Puts together what a backup lists.
fn put_together(
    options: &Restore,
    part: &Path,
    files: &[Entry],
    content: &mut impl Read,
) -> Result<(), Problem> {
    crate::data::make_private(part).map_err(|e| failed(part, &e))?;
    for entry in files {
        let path = entry.below(part).ok_or_else(|| {
            Problem::new("E1049", format!("`{}` does not belong into a data directory", entry.path))
                .help("somebody changed the backup: take another one")
        })?;
        one(entry, &path, content).map_err(|e| damaged(&options.file, entry, &e))?;
    }
    whole(&options.file, content)?;
    // What a restore that was broken off left and this backup does not have must not come along.
    tidy(part, part, files).map_err(|e| failed(part, &e))
}

/// Reads to the end, where the checksum of all of it stands.
fn whole(backup: &Path, content: &mut impl Read) -> Result<(), Problem> {
    match io::copy(content, &mut io::sink()) {
        Ok(0) => Ok(()),
        Ok(_) => Err(Problem::new("E1049", format!("`{}` goes on after its last file", backup.display()))
            .help("somebody changed the backup: take another one")),
        Err(error) => Err(Problem::new("E1049", format!("`{}` is damaged: {error}", backup.display()))
            .help("take another one, or fetch this one again")),
    }
}

/// A directory that holds something is left alone.
fn refuse_full(data: &Path) -> Result<(), Problem> {
    let full = match fs::read_dir(data) {
        Ok(mut inside) => inside.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(Problem::unreadable(data, &error)),
    };
    if !full {
        return Ok(());
    }
    Err(Problem::new("E1049", format!("`{}` holds something already", data.display()))
        .help("a restore takes the place of nothing: name another directory, or move that one away"))
}

/// The folder in which it is put together. One that is there is gone on with.
fn beside(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    data.with_file_name(name)
}

/// Takes one file out of the content; one that is there and right stays.
fn one(entry: &Entry, path: &Path, content: &mut impl Read) -> io::Result<()> {
    let mut content = content.take(entry.bytes);
    let there =
        path.is_file() && hash(path).is_ok_and(|(bytes, hash)| bytes == entry.bytes && hash == entry.blake3);
    if there {
        let passed = io::copy(&mut content, &mut io::sink())?;
        return if passed == entry.bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
    }
    if let Some(folder) = path.parent() {
        crate::data::make_private(folder)?;
    }
    let _ = fs::remove_file(path);
    crate::data::write_private(path, b"")?;
    let mut file = File::options().write(true).open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut some = vec![0; 64 * 1024];
    loop {
        let count = content.read(&mut some)?;
        let Some(read) = some.get(..count).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
        file.write_all(read)?;
    }
    file.sync_all()?;
    if hasher.finalize().to_hex().as_str() == entry.blake3 {
        return Ok(());
    }
    Err(io::Error::other("it is not what was written into it"))
}

/// Removes files that are not listed.
fn tidy(root: &Path, folder: &Path, files: &[Entry]) -> io::Result<()> {
    for path in fs::read_dir(folder)?.map(|entry| Ok::<_, io::Error>(entry?.path())) {
        let path = path?;
        if path.is_dir() {
            tidy(root, &path, files)?;
        } else if !files.iter().any(|entry| entry.below(root).as_deref() == Some(&path)) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn damaged(backup: &Path, entry: &Entry, error: &io::Error) -> Problem {
    let message = format!("`{}` in `{}` cannot be restored: {error}", entry.path, backup.display());
    Problem::new("E1049", message).help(
        "take another backup where it is damaged; where the disk was full, make room and restore again: what is right stays",
    )
}
