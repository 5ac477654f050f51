//! Looking through the log, without changing anything or needing it for oneself.

use super::file::{folder, name, numbers};
use super::head::Head;
use super::line::{Entry, NOTHING};
use serde::Serialize;
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::Path;

/// Findings in one answer; one is enough to know.
const MOST_FOUND: usize = 100;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The file; none where it is about the log as a whole.
    pub file: Option<String>,
    /// The line in it, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub why: String,
}

/// What was found in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Files that were read.
    pub files: usize,
    /// The number of the first line that is there; 0 where there is none.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// The hash of the last: who notes it elsewhere notices a log that was written anew.
    pub newest: String,
    /// What is not as it was written; nothing where the log is whole.
    pub found: Vec<Damage>,
}

/// Reads everything. Where somebody noted a hash before, it has to be that of a line that is there.
///
/// # Errors
/// Where a file cannot be read.
pub fn verify(data: &Path, noted: Option<&str>) -> io::Result<Verified> {
    let folder = folder(data);
    let head = Head::read(&folder);
    let mut walk = Walk { head: head.as_ref().ok().and_then(Clone::clone), noted, ..Walk::default() };
    let numbers = numbers(&folder)?;
    for (at, number) in numbers.iter().enumerate() {
        let file = name(*number);
        let text = fs::read(folder.join(&file))?;
        walk.file(&file, &text, at.saturating_add(1) == numbers.len());
    }
    walk.verified.files = numbers.len();
    if head.is_err() {
        walk.damage(None, None, "`head`, which says what the newest line is, cannot be understood");
    }
    Ok(walk.end())
}

/// The newest lines, the oldest of them first. What is no line is passed over.
///
/// # Errors
/// Where a file cannot be read.
pub fn list(data: &Path, most: usize) -> io::Result<Vec<Entry>> {
    let folder = folder(data);
    let mut found = VecDeque::new();
    for number in numbers(&folder)? {
        let text = fs::read(folder.join(name(number)))?;
        for entry in String::from_utf8_lossy(&text).lines().filter_map(|line| Entry::read(line).ok()) {
            if found.len() >= most {
                found.pop_front();
            }
            found.push_back(entry);
        }
    }
    found.truncate(most);
    Ok(found.into())
}

/// What is known while the lines go by.
#[derive(Default)]
struct Walk<'a> {
    head: Option<Head>,
    noted: Option<&'a str>,
    last: Option<Entry>,
    /// Lines up to here went by rotation, the log says.
    rotated: u64,
    seen_head: bool,
    seen_noted: bool,
    verified: Verified,
}

impl Walk<'_> {
    fn damage(&mut self, file: Option<&str>, line: Option<usize>, why: impl Into<String>) {
        if self.verified.found.len() < MOST_FOUND {
            self.verified.found.push(Damage { file: file.map(str::to_owned), line, why: why.into() });
        }
    }

    fn file(&mut self, file: &str, text: &[u8], is_last: bool) {
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
        if whole < text.len() && !is_last {
            self.damage(Some(file), None, "its last line has no end");
        }
        let lines = text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
        let count = lines.clone().count().saturating_sub(1);
        for (at, line) in lines.take(count).enumerate() {
            let number = at.saturating_add(1);
            match std::str::from_utf8(line).map_err(|_| "it is no text").and_then(Entry::read) {
                Ok(entry) => self.entry(file, number, entry),
                Err(why) => self.damage(Some(file), Some(number), why),
            }
        }
    }

    fn entry(&mut self, file: &str, number: usize, entry: Entry) {
        match &self.last {
            None => {
                self.verified.first = entry.seq;
                if entry.seq == 1 && entry.prev != NOTHING {
                    self.damage(Some(file), Some(number), "the first line says that there was one before it");
                }
            }
            Some(last) if last.hash == entry.prev && last.seq.checked_add(1) == Some(entry.seq) => {}
            Some(last) => {
                let why = format!("it does not follow line {}: something was cut out or put in", last.seq);
                self.damage(Some(file), Some(number), why);
            }
        }
        if entry.what == "audit.rotated" && entry.who == "runtime" {
            let through = entry.on.as_deref().and_then(|on| on.strip_prefix("through ")?.parse().ok());
            self.rotated = self.rotated.max(through.unwrap_or(0));
        }
        if let Some(head) = &self.head {
            self.seen_head |= head.seq == entry.seq && head.hash == entry.hash;
        }
        self.seen_noted |= self.noted == Some(entry.hash.as_str());
        self.verified.last = entry.seq;
        self.verified.newest.clone_from(&entry.hash);
        self.last = Some(entry);
    }

    fn end(mut self) -> Verified {
        let first = self.verified.first;
        if first > self.rotated.saturating_add(1) {
            self.damage(
                None,
                None,
                format!("the lines before {first} are gone, and the log does not say that they went"),
            );
        }
        match &self.head {
            Some(head) if !self.seen_head => {
                let why =
                    format!("line {} is not there, which was the newest: the end was cut off", head.seq);
                self.damage(None, None, why);
            }
            None if self.last.is_some() && self.verified.found.is_empty() => {
                self.damage(None, None, "`head` is gone, which says what the newest line is");
            }
            _ => {}
        }
        if let Some(noted) = self.noted
            && !self.seen_noted
        {
            self.damage(
                None,
                None,
                format!("there is no line `{noted}`: the log was written anew, or that line went long ago"),
            );
        }
        self.verified
    }
}
