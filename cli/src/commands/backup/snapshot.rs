//! A copy of a data directory, of one moment: what never changes again has a second name, the rest is copied.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a data directory keeps, and a backup has. Whatever else lies there is made anew, or is secret.
pub(super) const KEPT: [&str; 11] = [
    "manifest.json",
    "journal",
    "checkpoints",
    "shelf",
    "archive",
    "blobs",
    "sources",
    "channels",
    "access",
    "responses",
    "audit",
];

/// Folders in which files get their name when they are whole, and are not changed under it.
const WHOLE: [&str; 3] = ["archive", "blobs", "checkpoints"];

/// What the folder of a copy begins with.
const FOLDER: &str = "backup-";

/// How often a copy is begun anew into which a checkpoint fell.
const TRIES: usize = 20;

/// Copies a data directory into a folder in it, and gives its name. While nobody decides anything.
pub(crate) fn take(data: &Path) -> Result<String, String> {
    for left in fs::read_dir(data).map_err(|e| e.to_string())?.filter_map(Result::ok) {
        if left.file_name().to_string_lossy().starts_with(FOLDER) {
            // Of one that was broken off.
            let _ = fs::remove_dir_all(left.path());
        }
    }
    let name = format!("{FOLDER}{}", std::process::id());
    let copy = data.join(&name);
    let mut tries = TRIES;
    loop {
        let taken = once(data, &copy);
        let _ = taken.is_ok() || fs::remove_dir_all(&copy).is_ok();
        tries = tries.saturating_sub(1);
        match taken {
            Ok(()) => return Ok(name),
            Err(error) if tries == 0 => return Err(error.to_string()),
            // A checkpoint that was begun before takes its time, and then nothing more changes.
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(100)),
        }
    }
}

fn once(data: &Path, copy: &Path) -> io::Result<()> {
    crate::data::make_private(copy)?;
    let before = fs::read(data.join("manifest.json"))?;
    for name in KEPT {
        let from = data.join(name);
        if from.is_dir() {
            folder(&from, &copy.join(name), WHOLE.contains(&name))?;
        } else if from.is_file() {
            fs::write(copy.join(name), fs::read(from)?)?;
        }
    }
    if fs::read(data.join("manifest.json"))? == before {
        return Ok(());
    }
    Err(io::Error::other("it changed while it was copied"))
}

fn folder(from: &Path, to: &Path, whole: bool) -> io::Result<()> {
    crate::data::make_private(to)?;
    let mut entries: Vec<PathBuf> = fs::read_dir(from)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
    // The audit log's newest line is told before the lines are copied: one that comes meanwhile is one more, and none is missing.
    entries.sort_by_key(|path| (path.file_name() != Some(OsStr::new("head")), path.clone()));
    for path in entries {
        let Some(name) = path.file_name() else { continue };
        if is_passing(&path) {
            continue;
        }
        let target = to.join(name);
        if path.is_dir() {
            folder(&path, &target, whole)?;
        } else if !(whole && fs::hard_link(&path, &target).is_ok()) {
            at_rest(&path, &target)?;
        }
    }
    Ok(())
}

/// Copies a file that somebody may just be finishing: until it is the same twice.
fn at_rest(from: &Path, to: &Path) -> io::Result<()> {
    let mut last = fs::read(from)?;
    loop {
        let again = fs::read(from)?;
        if again == last {
            return fs::write(to, last);
        }
        last = again;
    }
}

/// Whether a file is only there for a moment.
pub(super) fn is_passing(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(ending, "tmp" | "new" | "sock" | "part") || name == "lock" || path.is_symlink()
}
