//! A line of the log.

use crate::auth::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Letters of a text in a line at most.
const LONGEST: usize = 120;
/// What stands before a line's own hash.
const HASH: &str = ",\"hash\":\"";
/// The hash of what is before the first line.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, with the code of a diagnostic.
    Refused(String),
}

/// What is written down of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who: the name of a token, or `local`; `?` where nobody knows.
    pub who: String,
    /// From where: an address, or `control socket`.
    pub from: String,
    /// What: the name of a method.
    pub what: String,
    /// On what: a run, a package, a token's name.
    pub on: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number; the first is 1.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who: the name of a token, or `local`; `?` where nobody knows.
    pub who: String,
    /// From where: an address, or `control socket`.
    pub from: String,
    /// What: the name of a method.
    pub what: String,
    /// On what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// `done`, or `refused` and a code.
    pub outcome: String,
    /// How many refusals before this one were too many to be written down.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missed: u64,
    /// The hash of the line before.
    pub prev: String,
    /// SHA-256 of the line up to here.
    #[serde(default, skip_serializing)]
    pub hash: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Entry {
    /// The line after `prev`.
    pub(super) fn new(act: Act, seq: u64, at: i64, missed: u64, prev: &str) -> Entry {
        let Act { who, from, what, on, outcome } = act;
        let outcome = match outcome {
            Outcome::Done => "done".to_owned(),
            Outcome::Refused(code) => format!("refused {}", plain(&code)),
        };
        let (who, from, what, on) = (plain(&who), plain(&from), plain(&what), on.as_deref().map(plain));
        let prev = prev.to_owned();
        Entry { seq, at, who, from, what, on, outcome, missed, prev, hash: String::new() }
    }

    /// As it is written, with its line break; and its hash.
    pub(super) fn written(&self) -> Option<(String, String)> {
        let text = serde_json::to_string(self).ok()?;
        let open = text.strip_suffix('}')?;
        let hash = hash(open);
        Some((format!("{open}{HASH}{hash}\"}}\n"), hash))
    }

    /// As it was written, without its line break; none where its hash is another.
    pub(super) fn read(line: &str) -> Result<Entry, &'static str> {
        let entry: Entry = serde_json::from_str(line).map_err(|_| "it is no line of this log")?;
        let (open, _) = line.rsplit_once(HASH).ok_or("it has no hash")?;
        if hash(open) != entry.hash || line != format!("{open}{HASH}{}\"}}", entry.hash) {
            return Err("it was changed: its hash is another");
        }
        Ok(entry)
    }
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// A text of bounded length in which nothing steers a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written_and_no_other() {
        let act = Act {
            who: "ci\u{1b}".to_owned(),
            from: "192.0.2.1".to_owned(),
            what: "deploy".to_owned(),
            on: Some("x".repeat(500)),
            outcome: Outcome::Refused("E0974".to_owned()),
        };
        let entry = Entry::new(act, 7, 5, 2, NOTHING);
        let (line, hash) = entry.written().unwrap();
        let read = Entry::read(line.trim_end()).unwrap();
        assert_eq!(read, Entry { hash, ..entry });
        assert_eq!((read.who.as_str(), read.on.as_ref().unwrap().len()), ("ci ", 120));
        let line = line.trim_end();
        for at in 0..line.len() {
            let mut other = line.as_bytes().to_vec();
            other[at] ^= 1;
            if let Ok(other) = String::from_utf8(other) {
                assert!(Entry::read(&other).is_err(), "{other}");
            }
        }
        for other in
            [line.replace("}", ",\"x\":1}"), line.replace("{", "{ "), format!("{line} "), String::new()]
        {
            assert!(Entry::read(&other).is_err(), "{other}");
        }
    }
}
