//! What is kept for those who asked: responses that they may refer to, and answers to requests that they may send again.
//!
//! Each is a file of its own in `responses/` in the data directory, and somebody's: nobody else is told that it is there. It goes when its
//! time is over, and the oldest go where there are too many.

use crate::auth::{make_private, private, sync_folder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

/// The folder in the data directory.
const FOLDER: &str = "responses";
/// How a file's name ends.
const ENDING: &str = ".json";

/// How much is kept.
const BOUNDS: Bounds = Bounds { each: 5_000, each_bytes: 128 << 20, all_bytes: 1 << 30 };

/// What something is, and so for how long it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A response: 30 days, as with OpenAI.
    Response,
    /// An answer to a request that may be sent again: one day.
    Request,
}

/// What is kept for those who asked. Cheap to clone; each clone is the same.
#[derive(Debug, Clone)]
pub(super) struct Kept(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Nowhere, for a runtime that keeps nothing.
    folder: Option<PathBuf>,
    bounds: Bounds,
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// Things of one owner.
    each: usize,
    each_bytes: u64,
    all_bytes: u64,
}

#[derive(Debug, Default)]
struct Shelf {
    things: BTreeMap<String, Thing>,
    order: BTreeSet<(i64, String)>,
    bytes: u64,
}

#[derive(Debug, Clone)]
struct Thing {
    at: i64,
    bytes: u64,
    /// Itself, where there is no folder.
    text: Option<Arc<[u8]>>,
}

impl Kind {
    fn letter(self) -> char {
        match self {
            Kind::Response => 'r',
            Kind::Request => 'k',
        }
    }

    /// For how long, in milliseconds.
    fn lives(letter: char) -> i64 {
        let days = if letter == 'r' { 30 } else { 1 };
        days * 86_400_000
    }

    /// The name of such a thing: whose it is, what, and which.
    pub(super) fn name(self, owner: &str, id: &str) -> String {
        format!("{owner}-{}-{id}", self.letter())
    }
}

/// Whose something of this name is, and what; none where it is none of ours.
fn read_name(name: &str) -> Option<(&str, char)> {
    let (owner, rest) = name.split_once('-')?;
    let (letter, id) = rest.split_once('-')?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let letter = letter.chars().next().filter(|_| matches!(letter, "r" | "k"))?;
    (plain(owner) && plain(id)).then_some((owner, letter))
}

impl Default for Kept {
    /// As long as the process lives.
    fn default() -> Kept {
        Kept::of(None, BOUNDS)
    }
}

impl Kept {
    /// What lies in a data directory.
    pub(super) fn open(data: &Path, now: i64) -> Kept {
        Kept::bounded(data, now, BOUNDS)
    }

    fn bounded(data: &Path, now: i64, bounds: Bounds) -> Kept {
        let folder = data.join(FOLDER);
        let there = shelf(&folder);
        let kept = Kept::of(Some(folder), bounds);
        *kept.shelf() = there;
        kept.clear(now);
        kept
    }

    fn of(folder: Option<PathBuf>, bounds: Bounds) -> Kept {
        Kept(Arc::new(Inner { folder, bounds, shelf: Mutex::default() }))
    }

    /// Keeps something, durably; what was kept under that name is gone.
    ///
    /// # Errors
    /// What the system says.
    pub(super) async fn put<T: Serialize>(&self, name: &str, value: &T, now: i64) -> io::Result<()> {
        let text: Arc<[u8]> = serde_json::to_vec(value)?.into();
        let (kept, name) = (self.clone(), name.to_owned());
        on_disk(move || kept.write(&name, text, now)).await
    }

    /// What is kept under a name; none where it is damaged, which is told.
    ///
    /// # Errors
    /// What the system says.
    pub(super) async fn get<T: DeserializeOwned + Send + 'static>(
        &self,
        name: &str,
        now: i64,
    ) -> io::Result<Option<T>> {
        let (kept, name) = (self.clone(), name.to_owned());
        on_disk(move || {
            let Some(text) = kept.read(&name, now)? else { return Ok(None) };
            let read = serde_json::from_slice(&text);
            Ok(read
                .inspect_err(|error| tracing::warn!(%error, name, "a response that was kept cannot be read"))
                .ok())
        })
        .await
    }

    /// Whether something is kept under a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.shelf().things.contains_key(name)
    }

    /// Lets go of something; says whether it was there.
    ///
    /// # Errors
    /// What the system says.
    pub(super) async fn remove(&self, name: &str) -> io::Result<bool> {
        let (kept, name) = (self.clone(), name.to_owned());
        on_disk(move || {
            let there = kept.drop_one(&name)?;
            if let Some(folder) = kept.0.folder.as_ref().filter(|_| there) {
                sync_folder(folder)?;
            }
            Ok(there)
        })
        .await
    }

    fn write(&self, name: &str, text: Arc<[u8]>, now: i64) -> io::Result<()> {
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.clear(now);
        self.make_room(name, bytes);
        let mut thing = Thing { at: now, bytes, text: None };
        match &self.0.folder {
            None => thing.text = Some(text),
            Some(folder) => {
                make_private(folder)?;
                let new = folder.join(format!("{name}.new"));
                let mut file =
                    private(OpenOptions::new().create(true).truncate(true).write(true)).open(&new)?;
                file.write_all(&text)?;
                file.sync_all()?;
                fs::rename(&new, folder.join(format!("{name}{ENDING}")))?;
                sync_folder(folder)?;
            }
        }
        self.shelf().put(name, thing);
        Ok(())
    }

    fn read(&self, name: &str, now: i64) -> io::Result<Option<Arc<[u8]>>> {
        let Some(thing) = self.shelf().things.get(name).cloned() else { return Ok(None) };
        let over =
            read_name(name).is_none_or(|(_, letter)| thing.at.saturating_add(Kind::lives(letter)) <= now);
        match (&self.0.folder, thing.text) {
            _ if over => Ok(None),
            (None, text) => Ok(text),
            (Some(folder), _) => match fs::read(folder.join(format!("{name}{ENDING}"))) {
                Ok(text) => Ok(Some(text.into())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    /// Lets go of what is over.
    fn clear(&self, now: i64) {
        let over = |(at, name): &&(i64, String)| {
            read_name(name).is_none_or(|(_, letter)| at.saturating_add(Kind::lives(letter)) <= now)
        };
        let names: Vec<String> =
            self.shelf().order.iter().filter(over).map(|(_, name)| name.clone()).collect();
        names.iter().for_each(|name| self.let_go(name));
    }

    /// Lets go of the oldest, where one of so many bytes would be too much. What it takes the place of does not count.
    fn make_room(&self, name: &str, bytes: u64) {
        let bounds = self.0.bounds;
        let owner = read_name(name).map_or("", |(owner, _)| owner).to_owned();
        loop {
            let oldest = {
                let shelf = self.shelf();
                let others = || shelf.order.iter().map(|(_, other)| other).filter(|other| *other != name);
                let is_theirs = |name: &&String| read_name(name).is_some_and(|(other, _)| other == owner);
                let theirs = || others().filter(is_theirs);
                let size = |name: &str| shelf.things.get(name).map_or(0, |thing| thing.bytes);
                let used: u64 = theirs().map(|name| size(name)).sum();
                let all = shelf.bytes.saturating_sub(size(name)).saturating_add(bytes);
                if theirs().count() >= bounds.each || used.saturating_add(bytes) > bounds.each_bytes {
                    theirs().next().cloned()
                } else if all > bounds.all_bytes {
                    others().next().cloned()
                } else {
                    None
                }
            };
            match oldest {
                Some(oldest) => self.let_go(&oldest),
                None => return,
            }
        }
    }

    fn let_go(&self, name: &str) {
        if let Err(error) = self.drop_one(name) {
            tracing::warn!(%error, name, "a response that is kept no longer cannot be removed");
            self.shelf().take(name);
        }
    }

    fn drop_one(&self, name: &str) -> io::Result<bool> {
        let there = self.shelf().things.contains_key(name);
        if let Some(folder) = self.0.folder.as_ref().filter(|_| there) {
            match fs::remove_file(folder.join(format!("{name}{ENDING}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.shelf().take(name);
        Ok(there)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Nothing in here is left half done by a panic.
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn put(&mut self, name: &str, thing: Thing) {
        self.take(name);
        self.bytes = self.bytes.saturating_add(thing.bytes);
        self.order.insert((thing.at, name.to_owned()));
        self.things.insert(name.to_owned(), thing);
    }

    fn take(&mut self, name: &str) {
        if let Some(thing) = self.things.remove(name) {
            self.bytes = self.bytes.saturating_sub(thing.bytes);
            self.order.remove(&(thing.at, name.to_owned()));
        }
    }
}

/// What a folder holds. Whatever is none of ours stays where it is; what was being written when the power went, goes.
fn shelf(folder: &Path) -> Shelf {
    let mut shelf = Shelf::default();
    let Ok(files) = fs::read_dir(folder) else { return shelf };
    for file in files.filter_map(Result::ok) {
        let name = file.file_name();
        let Some(name) = name.to_str() else { continue };
        if name.strip_suffix(".new").is_some_and(|name| read_name(name).is_some()) {
            let _ = fs::remove_file(file.path());
        }
        let Some(name) = name.strip_suffix(ENDING).filter(|name| read_name(name).is_some()) else { continue };
        let Ok(about) = file.metadata() else { continue };
        let since = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let at = since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default();
        shelf.put(name, Thing { at, bytes: about.len(), text: None });
    }
    shelf
}

/// Work that waits for the disk, where it holds up nobody.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn now() -> i64 {
        i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
    }

    async fn text(kept: &Kept, name: &str, now: i64) -> Option<String> {
        kept.get::<String>(name, now).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_kept_is_there_again_until_its_time_is_over() {
        let (data, now) = (tempfile::tempdir().unwrap(), now());
        let (response, request) = (Kind::Response.name("local", "1"), Kind::Request.name("local", "2"));
        let kept = Kept::open(data.path(), now);
        for name in [&response, &request] {
            kept.put(name, &"said", now).await.unwrap();
        }
        fs::write(data.path().join("responses/notes.txt"), "mine").unwrap();
        fs::write(data.path().join("responses/local-r-3.new"), "half").unwrap();
        drop(kept);
        let kept = Kept::open(data.path(), now);
        assert_eq!(text(&kept, &response, now).await.as_deref(), Some("said"));
        assert_eq!(text(&kept, &request, now + DAY + 1_000).await, None, "a day");
        assert!(!data.path().join("responses/local-r-3.new").exists());
        let kept = Kept::open(data.path(), now + 2 * DAY);
        assert!(kept.has(&response) && !kept.has(&request));
        assert!(kept.remove(&response).await.unwrap() && !kept.remove(&response).await.unwrap());
        let left: Vec<_> = fs::read_dir(data.path().join("responses")).unwrap().collect();
        assert_eq!(left.len(), 1, "what is somebody else's stays: {left:?}");
    }

    #[tokio::test]
    async fn the_oldest_of_whoever_has_too_much_go() {
        let bounds = Bounds { each: 3, each_bytes: 1_000, all_bytes: 1_500 };
        let data = tempfile::tempdir().unwrap();
        for kept in [Kept::of(None, bounds), Kept::bounded(data.path(), 0, bounds)] {
            let name = |owner: &str, id: u32| Kind::Response.name(owner, &id.to_string());
            kept.put(&name("ana", 0), &"x", 1).await.unwrap();
            for id in 0..5 {
                kept.put(&name("ben", id), &"x", 10 + i64::from(id)).await.unwrap();
            }
            let has = |owner: &str| (0..9).filter(|id| kept.has(&name(owner, *id))).collect::<Vec<_>>();
            assert_eq!((has("ana"), has("ben")), (vec![0], vec![2, 3, 4]));
            kept.put(&name("ben", 4), &"y", 15).await.unwrap();
            assert_eq!(has("ben"), [2, 3, 4], "what takes a place needs no other");
            kept.put(&name("ben", 5), &"x".repeat(900), 20).await.unwrap();
            assert_eq!(has("ben"), [3, 4, 5]);
            kept.put(&name("ben", 6), &"x".repeat(900), 21).await.unwrap();
            assert_eq!(has("ben"), [6]);
            kept.put(&name("cem", 7), &"x".repeat(800), 22).await.unwrap();
            assert_eq!((has("ana"), has("ben"), has("cem")), (vec![], vec![], vec![7]));
        }
    }

    #[tokio::test]
    async fn what_is_damaged_is_not_there() {
        let data = tempfile::tempdir().unwrap();
        let kept = Kept::open(data.path(), 0);
        let name = Kind::Response.name("local", "1");
        kept.put(&name, &"said", 0).await.unwrap();
        fs::write(data.path().join("responses/local-r-1.json"), "{").unwrap();
        assert_eq!(text(&kept, &name, 0).await, None);
        for name in ["", "a", "a-r", "a-x-1", "../x-r-1", "a-r-", "-r-1", "a-r-1/2", "a-rk-1"] {
            assert_eq!(read_name(name), None, "{name}");
        }
    }
}
