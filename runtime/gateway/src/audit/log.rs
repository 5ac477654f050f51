//! The log, written by the one process that has it.

use super::file::{folder, name, numbers};
use super::head::Head;
use super::line::{Act, Entry, NOTHING, Outcome};
use crate::auth::{Limiter, Rate, make_private, private, sync_folder};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes of a file; the next line begins another.
const LARGEST: u64 = 4 << 20;
/// Files that are kept.
const KEPT: usize = 16;
/// How many refusals are written down: who tries much shall not push out what others did.
const REFUSALS: Rate = Rate { burst: 100, every: Duration::from_secs(10) };

/// Writes down who did what. Cheap to clone; each clone is the same log.
#[derive(Debug, Clone, Default)]
pub struct Audit(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    writer: Mutex<Writer>,
    refusals: Limiter<()>,
}

#[derive(Debug)]
struct Writer {
    folder: PathBuf,
    file: File,
    number: u32,
    size: u64,
    largest: u64,
    newest: Head,
    /// Refusals that were not written down.
    missed: u64,
    /// What could not be written, and has to be before anything else is done.
    owed: Option<(Act, i64)>,
}

impl Audit {
    /// Goes on with the log of a data directory. The caller has that directory to itself.
    pub(crate) fn open(data: &Path, now: i64) -> io::Result<Audit> {
        Audit::of_size(data, now, LARGEST)
    }

    fn of_size(data: &Path, now: i64, largest: u64) -> io::Result<Audit> {
        let writer = Mutex::new(Writer::open(folder(data), now, largest)?);
        Ok(Audit(Some(Arc::new(Inner { writer, refusals: Limiter::new(REFUSALS) }))))
    }

    /// Whether what is done next can be written down; tries again what could not be.
    ///
    /// # Errors
    /// What the system says.
    pub fn ready(&self) -> io::Result<()> {
        let Some(mut writer) = self.writer() else { return Ok(()) };
        match writer.owed.take() {
            Some((act, at)) => writer.append(act, at),
            None => Ok(()),
        }
    }

    /// Writes an act down, durably.
    ///
    /// # Errors
    /// What the system says. The next act waits until this one is written.
    pub fn note(&self, act: Act, now: i64) -> io::Result<()> {
        self.writer().map_or(Ok(()), |mut writer| writer.append(act, now))
    }

    /// Writes down that somebody was refused; only counts it where there are very many.
    pub fn refused(&self, act: Act, now: i64) {
        let Some(inner) = &self.0 else { return };
        let few = inner.refusals.check(&()).is_ok();
        let Some(mut writer) = self.writer() else { return };
        if !few || writer.owed.is_some() {
            writer.missed = writer.missed.saturating_add(1);
        } else if let Err(error) = writer.append(act, now) {
            tracing::error!(%error, "the audit log cannot be written");
        }
    }

    fn writer(&self) -> Option<MutexGuard<'_, Writer>> {
        // A line that was half written is cut off by the next start.
        Some(self.0.as_ref()?.writer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Writer {
    fn open(folder: PathBuf, now: i64, largest: u64) -> io::Result<Writer> {
        make_private(&folder)?;
        let head = Head::read(&folder).unwrap_or_default();
        let there = numbers(&folder)?;
        let number = there.last().copied().unwrap_or(1);
        let path = folder.join(name(number));
        let text = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        // What has no end was being written when the power went: nobody was told that it was.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
        let torn = whole < text.len();
        let last =
            text.get(..whole).unwrap_or_default().trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        let last =
            last.and_then(|line| std::str::from_utf8(line).ok()).and_then(|line| Entry::read(line).ok());
        let last = last.map(|entry| Head { seq: entry.seq, hash: entry.hash });
        let nothing = Head { seq: 0, hash: NOTHING.to_owned() };
        // Where lines are gone, this goes on behind them, so that they are missed.
        let newest = match (last, head) {
            (Some(last), Some(head)) if head.seq > last.seq => head,
            (Some(last), _) => last,
            (None, head) => head.unwrap_or(nothing),
        };
        let file = private(OpenOptions::new().create(true).append(true)).open(&path)?;
        let size = u64::try_from(whole).unwrap_or(u64::MAX);
        file.set_len(size)?;
        file.sync_all()?;
        sync_folder(&folder)?;
        let mut writer = Writer { folder, file, number, size, largest, newest, missed: 0, owed: None };
        if torn {
            writer.append(own("audit.torn", None), now)?;
        }
        Ok(writer)
    }

    fn append(&mut self, act: Act, now: i64) -> io::Result<()> {
        let written = self.roll(now).and_then(|()| self.write(act.clone(), now));
        if written.is_err() {
            self.owed = Some((act, now));
        }
        written
    }

    fn write(&mut self, act: Act, now: i64) -> io::Result<()> {
        let seq = self.newest.seq.saturating_add(1);
        let entry = Entry::new(act, seq, now, self.missed, &self.newest.hash);
        let (line, hash) = entry.written().ok_or(io::ErrorKind::InvalidData)?;
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line would be taken for a changed one.
            let _ = self.file.set_len(self.size);
            return Err(error);
        }
        self.size = self.size.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        self.newest = Head { seq, hash };
        self.missed = 0;
        self.newest.write(&self.folder)
    }

    /// Begins another file where this one is full, and lets go of the oldest.
    fn roll(&mut self, now: i64) -> io::Result<()> {
        if self.size < self.largest {
            return Ok(());
        }
        let number = self.number.saturating_add(1);
        let path = self.folder.join(name(number));
        self.file = private(OpenOptions::new().create(true).append(true)).open(path)?;
        (self.number, self.size) = (number, self.file.metadata()?.len());
        sync_folder(&self.folder)?;
        let there = numbers(&self.folder)?;
        for old in there.iter().take(there.len().saturating_sub(KEPT)) {
            let path = self.folder.join(name(*old));
            if let Some(last) = last_of(&path)? {
                // What went is said by what stays, before it goes: anything else that is missing was taken.
                self.write(own("audit.rotated", Some(format!("through {last}"))), now)?;
            }
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

/// The number of a file's last line.
fn last_of(path: &Path) -> io::Result<Option<u64>> {
    let text = fs::read_to_string(path)?;
    Ok(text.lines().next_back().and_then(|line| Entry::read(line).ok()).map(|entry| entry.seq))
}

fn own(what: &str, on: Option<String>) -> Act {
    let (who, from) = ("runtime".to_owned(), String::new());
    Act { who, from, what: what.to_owned(), on, outcome: Outcome::Done }
}

#[cfg(test)]
mod tests {
    use super::super::{Verified, list, verify};
    use super::*;

    fn act(on: usize) -> Act {
        let (who, from, what) = ("ci".to_owned(), "192.0.2.1".to_owned(), "runs.cancel".to_owned());
        Act { who, from, what, on: Some(on.to_string()), outcome: Outcome::Done }
    }

    fn whole(data: &Path) -> Verified {
        let verified = verify(data, None).unwrap();
        assert_eq!(verified.found, []);
        verified
    }

    /// A log of ten lines in files of three or four.
    fn ten(data: &Path) -> Audit {
        let audit = Audit::of_size(data, 0, 900).unwrap();
        (0..10).for_each(|at| audit.note(act(at), at.try_into().unwrap()).unwrap());
        audit
    }

    #[test]
    fn what_is_written_is_whole_also_over_starts_and_files() {
        let folder = tempfile::tempdir().unwrap();
        drop(ten(folder.path()));
        let audit = Audit::open(folder.path(), 0).unwrap();
        audit.note(act(10), 10).unwrap();
        let verified = whole(folder.path());
        assert_eq!((verified.first, verified.last), (1, 11));
        assert!(verified.files > 2, "{verified:?}");
        let newest = list(folder.path(), 2).unwrap();
        assert_eq!(newest.iter().map(|entry| entry.at).collect::<Vec<_>>(), [9, 10]);
        assert_eq!(verify(folder.path(), Some(&newest[0].hash)).unwrap().found, []);
        assert_eq!(verify(folder.path(), Some(NOTHING)).unwrap().found.len(), 1);
    }

    #[test]
    fn a_line_that_is_changed_or_gone_is_found() {
        let folder = tempfile::tempdir().unwrap();
        drop(ten(folder.path()));
        let files = numbers(&super::folder(folder.path())).unwrap();
        for number in &files {
            let path = super::folder(folder.path()).join(name(*number));
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            for at in 0..lines.len() {
                let mut cut = lines.clone();
                cut.remove(at);
                let mut changed = lines.clone();
                let other = lines[at].replace("\"ci\"", "\"me\"");
                changed[at] = &other;
                let mut twice = lines.clone();
                twice.insert(at, lines[at]);
                for some in [cut, changed, twice] {
                    let text: String = some.iter().map(|line| format!("{line}\n")).collect();
                    fs::write(&path, text).unwrap();
                    assert_ne!(verify(folder.path(), None).unwrap().found, [], "{number} {at}");
                }
            }
            fs::remove_file(&path).unwrap();
            assert_ne!(verify(folder.path(), None).unwrap().found, [], "{number}");
            fs::write(&path, &text).unwrap();
            whole(folder.path());
        }
    }

    #[test]
    fn a_cut_at_the_end_stays_found_after_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        drop(ten(folder.path()));
        let number = *numbers(&super::folder(folder.path())).unwrap().last().unwrap();
        let path = super::folder(folder.path()).join(name(number));
        let text = fs::read_to_string(&path).unwrap();
        let kept = text.trim_end().rsplit_once('\n').unwrap().0;
        fs::write(&path, format!("{kept}\n")).unwrap();
        assert_ne!(verify(folder.path(), None).unwrap().found, []);
        Audit::open(folder.path(), 0).unwrap().note(act(11), 11).unwrap();
        assert_ne!(verify(folder.path(), None).unwrap().found, []);
    }

    #[test]
    fn a_torn_line_is_cut_off_and_told() {
        let folder = tempfile::tempdir().unwrap();
        drop(ten(folder.path()));
        let number = *numbers(&super::folder(folder.path())).unwrap().last().unwrap();
        let path = super::folder(folder.path()).join(name(number));
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"seq\":11,\"at").unwrap();
        whole(folder.path());
        Audit::open(folder.path(), 0).unwrap();
        whole(folder.path());
        assert_eq!(list(folder.path(), 1).unwrap()[0].what, "audit.torn");
    }

    #[test]
    fn it_does_not_grow_without_end_and_says_what_went() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::of_size(folder.path(), 0, 300).unwrap();
        (0..60).for_each(|at| audit.note(act(at), 0).unwrap());
        let verified = whole(folder.path());
        assert!(verified.files <= KEPT + 1 && verified.first > 1, "{verified:?}");
        // The oldest that is there goes, and nobody said so.
        let oldest = numbers(&super::folder(folder.path())).unwrap()[0];
        fs::remove_file(super::folder(folder.path()).join(name(oldest))).unwrap();
        assert_ne!(verify(folder.path(), None).unwrap().found, []);
    }

    #[test]
    fn many_refusals_are_counted_and_do_not_fill_it() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::open(folder.path(), 0).unwrap();
        (0..500).for_each(|at| audit.refused(act(at), 0));
        assert_eq!(whole(folder.path()).last, 100);
        audit.note(act(0), 1).unwrap();
        assert_eq!(list(folder.path(), 1).unwrap()[0].missed, 400);
    }
}
