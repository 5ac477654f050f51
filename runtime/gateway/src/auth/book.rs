//! Who was given a token: the records, without the tokens.

use super::{Scope, Token, TokenHash};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Tokens that are kept at most, those that count no more included.
const MOST: usize = 1_000;
/// How long one is remembered that counts no more, so that its holder is told why: 30 days, in milliseconds.
const REMEMBERED: i64 = 30 * 24 * 3_600_000;
/// The longest name of a token.
const LONGEST_NAME: usize = 64;

/// What is kept of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its short name for people, of random letters; never part of the token.
    pub id: String,
    /// The name under which what is done with it is written down.
    pub name: String,
    /// What its holder may do.
    pub scopes: BTreeSet<Scope>,
    /// Since when it is there, in milliseconds since 1970.
    pub created: i64,
    /// Until when it counts; for good, where that is none.
    #[serde(default)]
    pub expires: Option<i64>,
    /// Since when it was taken back.
    #[serde(default)]
    pub revoked: Option<i64>,
    /// SHA-256 of the token, as 64 hexadecimal digits.
    sha256: String,
}

/// What a token shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name.
    pub name: String,
    /// What its holder may do.
    pub scopes: BTreeSet<Scope>,
    /// How long it counts, in milliseconds; for good, where that is none.
    pub lives: Option<i64>,
}

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TokenStanding)]
pub enum Standing {
    /// It counts.
    Live,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// Why a token is not made, or not taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No name.
    #[error(
        "`{0}` is no name for a token: one has up to {LONGEST_NAME} letters, digits, `-`, `_`, `.` and spaces"
    )]
    Name(String),
    /// Somebody has that name.
    #[error("there is a token called `{0}` already")]
    Taken(String),
    /// It may nothing.
    #[error("a token that permits nothing is of no use")]
    NoScope,
    /// It would be over at once.
    #[error("a token counts for some time, or for good")]
    NoTime,
    /// There are too many.
    #[error("there are {MOST} tokens")]
    Full,
    /// It is there already.
    #[error("this token is there already")]
    Same,
    /// There is no such token.
    #[error("there is no token `{0}` that counts")]
    Unknown(String),
    /// No random numbers.
    #[error("the system gives no random numbers")]
    NoEntropy,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    tokens: Vec<Entry>,
}

impl Entry {
    /// How it stands.
    pub fn standing(&self, now: i64) -> Standing {
        match (self.revoked, self.expires) {
            (Some(_), _) => Standing::Revoked,
            (None, Some(expires)) if expires <= now => Standing::Expired,
            (None, _) => Standing::Live,
        }
    }
}

impl Book {
    /// All of them, in the order in which they were made.
    pub fn all(&self) -> &[Entry] {
        &self.tokens
    }

    /// Writes a token down.
    ///
    /// # Errors
    /// Where it cannot be as it shall be.
    pub fn add(&mut self, grant: Grant, token: &Token, now: i64) -> Result<Entry, Refused> {
        let Grant { name, scopes, lives } = grant;
        check_name(&name)?;
        if scopes.is_empty() {
            return Err(Refused::NoScope);
        }
        if lives.is_some_and(|lives| lives <= 0) {
            return Err(Refused::NoTime);
        }
        let over = |entry: &Entry| {
            entry.revoked.or(entry.expires).is_some_and(|at| now.saturating_sub(at) > REMEMBERED)
        };
        self.tokens.retain(|entry| entry.standing(now) == Standing::Live || !over(entry));
        let live = |entry: &&Entry| entry.standing(now) == Standing::Live;
        if self.tokens.iter().filter(live).any(|entry| entry.name == name) {
            return Err(Refused::Taken(name));
        }
        if self.find(&token.hash()).is_some() {
            return Err(Refused::Same);
        }
        if self.tokens.len() >= MOST {
            return Err(Refused::Full);
        }
        let mut id = [0_u8; 4];
        getrandom::fill(&mut id).map_err(|_| Refused::NoEntropy)?;
        let entry = Entry {
            id: super::hex(&id),
            name,
            scopes,
            created: now,
            expires: lives.map(|lives| now.saturating_add(lives)),
            revoked: None,
            sha256: token.hash().written(),
        };
        self.tokens.push(entry.clone());
        Ok(entry)
    }

    /// Takes one back, by its name or its id.
    ///
    /// # Errors
    /// Where none that counts is called so.
    pub fn revoke(&mut self, which: &str, now: i64) -> Result<Entry, Refused> {
        let meant = |entry: &&mut Entry| {
            entry.standing(now) == Standing::Live && (entry.name == which || entry.id == which)
        };
        let found = self.tokens.iter_mut().find(meant);
        let entry = found.ok_or_else(|| Refused::Unknown(which.chars().take(LONGEST_NAME).collect()))?;
        entry.revoked = Some(now);
        Ok(entry.clone())
    }

    /// The one with this hash. All are looked at, so that the time it takes says nothing.
    pub fn find(&self, hash: &TokenHash) -> Option<&Entry> {
        let mut found = None;
        for entry in &self.tokens {
            if TokenHash::read(&entry.sha256).is_some_and(|known| known.is(hash)) {
                found = Some(entry);
            }
        }
        found
    }

    /// How many count.
    pub fn live(&self, now: i64) -> usize {
        self.tokens.iter().filter(|entry| entry.standing(now) == Standing::Live).count()
    }
}

/// Whether something may be called so.
fn check_name(name: &str) -> Result<(), Refused> {
    let fits = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let plain = name.trim() == name && name.chars().all(fits);
    if plain && (1..=LONGEST_NAME).contains(&name.chars().count()) && name != super::caller::LOCAL {
        return Ok(());
    }
    Err(Refused::Name(name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(name: &str, lives: Option<i64>) -> Grant {
        Grant { name: name.to_owned(), scopes: BTreeSet::from([Scope::Read]), lives }
    }

    #[test]
    fn a_token_is_found_until_it_is_over() {
        let (mut book, token) = (Book::default(), Token::fresh().unwrap());
        let entry = book.add(grant("ci", Some(10)), &token, 100).unwrap();
        assert_eq!(book.find(&token.hash()), Some(&entry));
        assert!(book.find(&Token::fresh().unwrap().hash()).is_none());
        assert_eq!((entry.standing(109), entry.standing(110)), (Standing::Live, Standing::Expired));
        assert_eq!((book.live(109), book.live(110)), (1, 0));
        let written = serde_json::to_string(&book).unwrap();
        assert!(!written.contains(token.reveal()), "{written}");
        assert_eq!(serde_json::from_str::<Book>(&written).unwrap(), book);
    }

    #[test]
    fn names_are_of_one_at_a_time() {
        let mut book = Book::default();
        let fresh = || Token::fresh().unwrap();
        let token = fresh();
        let first = book.add(grant("ci", None), &token, 0).unwrap();
        assert_eq!(book.add(grant("ci", None), &fresh(), 0), Err(Refused::Taken("ci".to_owned())));
        assert_eq!(book.add(grant("other", None), &token, 0), Err(Refused::Same));
        assert_eq!(book.revoke("ci", 5).unwrap().standing(5), Standing::Revoked);
        assert_eq!(book.revoke("ci", 6), Err(Refused::Unknown("ci".to_owned())));
        let second = book.add(grant("ci", None), &fresh(), 7).unwrap();
        assert_ne!(first.id, second.id);
        assert_eq!(book.revoke(&second.id, 8).unwrap().name, "ci");
        // What is long over is forgotten with the next.
        book.add(grant("later", None), &fresh(), 9 + REMEMBERED).unwrap();
        assert_eq!(book.all().len(), 1);
    }

    #[test]
    fn what_would_be_of_no_use_is_not_made() {
        let (mut book, token) = (Book::default(), Token::fresh().unwrap());
        for name in ["", " ci", "a\nb", "local", "a/b", &"x".repeat(65)] {
            assert!(matches!(book.add(grant(name, None), &token, 0), Err(Refused::Name(_))), "{name}");
        }
        let none = Grant { scopes: BTreeSet::new(), ..grant("a", None) };
        assert_eq!(book.add(none, &token, 0), Err(Refused::NoScope));
        assert_eq!(book.add(grant("a", Some(0)), &token, 0), Err(Refused::NoTime));
        assert!(book.add(grant("Ana's".trim_end_matches("'s"), None), &token, 0).is_ok());
    }
}
