//! Who is let in, durably.

use super::code::{code, normal};
use super::rules::{Direct, Rules};
use crate::{Kept, UnixMillis};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// How long a code holds, in milliseconds: an hour.
const HOLDS: i64 = 60 * 60 * 1_000;

/// Strangers who ask at the same time; the one who asked first gives way, so that nobody fills the disk.
const MOST_ASKING: usize = 200;

/// The gate of one account.
#[derive(Debug)]
pub struct Gate {
    rules: Rules,
    book: Kept<Book>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Book {
    asking: Vec<Asking>,
    paired: Vec<Paired>,
}

/// Somebody who was given a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// The code.
    pub code: String,
    /// Their id at the network.
    pub person: String,
    /// What they are called there.
    pub name: String,
    /// Until when the code holds.
    pub until: UnixMillis,
}

/// Somebody whose code was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paired {
    /// Their id at the network.
    pub person: String,
    /// What they were called there.
    pub name: String,
    /// When they were let in.
    pub since: UnixMillis,
}

/// The rules of a gate, and who stands in its book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What the configuration says.
    pub rules: Rules,
    /// Whose codes hold.
    pub asking: Vec<Asking>,
    /// Who was let in.
    pub paired: Vec<Paired>,
}

/// What becomes of somebody who writes directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They are heard.
    Heard,
    /// They are not, and nobody tells them so.
    Unheard,
    /// They are not heard yet, and are to be told this code; it was not told them before.
    Code(String),
}

/// Why a gate does not do as it is told.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The code is not one, or holds no more.
    #[error("no code `{code}` holds")]
    NoCode {
        /// As it was typed.
        code: String,
    },
    /// Somebody is not in the book.
    #[error("`{person}` was let in by no code")]
    NotPaired {
        /// Who.
        person: String,
    },
    /// The book cannot be written.
    #[error("who is let in cannot be written down: {0}")]
    Io(#[from] io::Error),
}

impl Gate {
    /// Opens it in the folder of its account.
    ///
    /// # Errors
    /// Where its book cannot be read.
    pub fn open(folder: &Path, rules: Rules) -> io::Result<Gate> {
        Ok(Gate { rules, book: Kept::open(folder.join("access.json"))? })
    }

    /// What the configuration says.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What becomes of what somebody wrote directly; `name` is theirs at the network, without the `@`.
    ///
    /// # Errors
    /// Where a code cannot be written down: it must not be told then.
    pub async fn direct(&self, person: &str, name: Option<&str>, shown: &str) -> io::Result<Verdict> {
        if self.rules.direct == Direct::Open || self.rules.lists(person, name) {
            return Ok(Verdict::Heard);
        }
        if self.rules.direct == Direct::List {
            return Ok(Verdict::Unheard);
        }
        let now = UnixMillis::now();
        let known = |book: &Book| {
            let paired = book.paired.iter().any(|paired| paired.person == person);
            let asks = book.asking.iter().any(|asking| asking.person == person && asking.until > now);
            (paired, asks)
        };
        match self.book.look(known).await {
            (true, _) => Ok(Verdict::Heard),
            // One code an hour: whoever writes a hundred times is not answered a hundred times.
            (false, true) => Ok(Verdict::Unheard),
            (false, false) => {
                let mut bytes = [0; 8];
                getrandom::fill(&mut bytes).map_err(io::Error::other)?;
                let code = code(bytes);
                let asking = Asking {
                    code: code.clone(),
                    person: person.to_owned(),
                    name: shown.chars().take(100).collect(),
                    until: UnixMillis(now.0.saturating_add(HOLDS)),
                };
                self.book
                    .change(|book| {
                        book.asking.retain(|asking| asking.until > now);
                        if book.asking.len() >= MOST_ASKING {
                            book.asking.remove(0);
                        }
                        book.asking.push(asking);
                    })
                    .await?;
                Ok(Verdict::Code(code))
            }
        }
    }

    /// Whether something is heard that was said in a group.
    pub fn group(&self, chat: &str, name: Option<&str>, addressed: bool) -> bool {
        self.rules.hears(chat, name, addressed)
    }

    /// Who stands in the book.
    pub async fn list(&self) -> Listed {
        let now = UnixMillis::now();
        let mut book = self.book.look(Clone::clone).await;
        book.asking.retain(|asking| asking.until > now);
        Listed { rules: self.rules.clone(), asking: book.asking, paired: book.paired }
    }

    /// Lets in who was given a code.
    ///
    /// # Errors
    /// Where no such code holds, or the book cannot be written.
    pub async fn approve(&self, typed: &str) -> Result<Paired, AccessError> {
        let (now, wanted) = (UnixMillis::now(), normal(typed));
        let approve = |book: &mut Book| {
            book.asking.retain(|asking| asking.until > now);
            let at = book.asking.iter().position(|asking| normal(&asking.code) == wanted)?;
            let Asking { person, name, .. } = book.asking.remove(at);
            let paired = Paired { person, name, since: now };
            book.paired.retain(|before| before.person != paired.person);
            book.paired.push(paired.clone());
            Some(paired)
        };
        self.book.change(approve).await?.ok_or_else(|| AccessError::NoCode { code: typed.to_owned() })
    }

    /// Lets somebody in no longer, by their id or by what they are called; also who only asks.
    ///
    /// # Errors
    /// Where nobody like that was let in, or the book cannot be written.
    pub async fn revoke(&self, person: &str) -> Result<(), AccessError> {
        let revoke = |book: &mut Book| {
            let before = book.paired.len() + book.asking.len();
            book.paired.retain(|paired| paired.person != person);
            book.asking.retain(|asking| asking.person != person);
            before > book.paired.len() + book.asking.len()
        };
        if self.book.change(revoke).await? {
            return Ok(());
        }
        Err(AccessError::NotPaired { person: person.to_owned() })
    }

    /// Erases somebody from the book, by their id; says how often they stood in it. With `dry_run` it only says that.
    ///
    /// # Errors
    /// Where the book cannot be written.
    pub async fn forget(&self, person: &str, dry_run: bool) -> io::Result<usize> {
        let count = |book: &Book| {
            let paired = book.paired.iter().filter(|paired| paired.person == person).count();
            paired + book.asking.iter().filter(|asking| asking.person == person).count()
        };
        let there = self.book.look(count).await;
        if there > 0 && !dry_run {
            self.book
                .change(|book| {
                    book.paired.retain(|paired| paired.person != person);
                    book.asking.retain(|asking| asking.person != person);
                })
                .await?;
        }
        Ok(there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(direct: Direct) -> Rules {
        Rules { direct, people: vec!["1".to_owned()], ..Rules::default() }
    }

    #[tokio::test]
    async fn a_stranger_gets_one_code_and_is_heard_when_it_is_approved() {
        let folder = tempfile::tempdir().unwrap();
        let gate = Gate::open(folder.path(), rules(Direct::Pairing)).unwrap();
        assert_eq!(gate.direct("1", None, "Ana").await.unwrap(), Verdict::Heard);
        let Verdict::Code(code) = gate.direct("2", None, "Bo").await.unwrap() else { panic!() };
        assert_eq!(gate.direct("2", None, "Bo").await.unwrap(), Verdict::Unheard);
        assert!(matches!(gate.approve("AAAA-AAAA").await, Err(AccessError::NoCode { .. })));
        assert_eq!(gate.list().await.asking[0].person, "2");
        let typed = code.to_lowercase().replace('-', "");
        assert_eq!(gate.approve(&typed).await.unwrap().name, "Bo");
        assert!(gate.approve(&typed).await.is_err(), "a code is good for once");
        drop(gate);
        let gate = Gate::open(folder.path(), rules(Direct::Pairing)).unwrap();
        assert_eq!(gate.direct("2", None, "Bo").await.unwrap(), Verdict::Heard);
        gate.revoke("2").await.unwrap();
        assert!(matches!(gate.revoke("2").await, Err(AccessError::NotPaired { .. })));
        assert!(matches!(gate.direct("2", None, "Bo").await.unwrap(), Verdict::Code(_)));
    }

    #[tokio::test]
    async fn a_code_ends_and_askers_have_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let gate = Gate::open(folder.path(), rules(Direct::Pairing)).unwrap();
        let Verdict::Code(code) = gate.direct("2", None, "Bo").await.unwrap() else { panic!() };
        gate.book.change(|book| book.asking[0].until = UnixMillis(0)).await.unwrap();
        assert!(gate.list().await.asking.is_empty());
        assert!(matches!(gate.approve(&code).await, Err(AccessError::NoCode { .. })));
        for person in 0..MOST_ASKING + 5 {
            gate.direct(&format!("p{person}"), None, "x").await.unwrap();
        }
        assert_eq!(gate.list().await.asking.len(), MOST_ASKING);
    }

    #[tokio::test]
    async fn a_list_is_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let gate = Gate::open(folder.path(), rules(Direct::List)).unwrap();
        assert_eq!(gate.direct("1", None, "Ana").await.unwrap(), Verdict::Heard);
        assert_eq!(gate.direct("2", None, "Bo").await.unwrap(), Verdict::Unheard);
        assert!(gate.list().await.asking.is_empty());
    }
}
