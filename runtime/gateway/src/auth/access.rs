//! Who has access, in a runtime that runs.

use super::caller::Held;
use super::keep::Keep;
use super::pairing::Pending;
use super::tickets::Tickets;
use super::{
    Book, Caller, Entry, Error, Grant, Malformed, NoTicket, Offer, Refused, Scope, Standing, Ticket, Token,
};
use crate::audit::Audit;
use carapace_channel_api::{Shutdown, ShutdownHandle};
use carapace_engine::service::Clock;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who has access: tokens, as they are written down; and the log of what was done with them. Cheap to clone; each clone is the same.
#[derive(Debug, Clone)]
pub struct Access(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    clock: Clock,
    /// Where it is kept; nowhere, for a runtime that keeps nothing.
    keep: Option<Keep>,
    audit: Audit,
}

#[derive(Debug, Default)]
struct State {
    book: Book,
    /// By id: tells those who hold a token that it was taken back.
    revoked: HashMap<String, ShutdownHandle>,
    /// The code that waits for its device.
    pending: Option<Pending>,
    tickets: Tickets,
}

/// A token that was made. It is shown once: nobody can say again what it was.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TokenMade)]
pub struct Made {
    /// The token.
    pub token: String,
    /// What is known of it.
    pub entry: Shown,
}

/// What is shown of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TokenShown)]
pub struct Shown {
    /// Its short name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its holder may do.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Scope>,
    /// Since when it is there, in milliseconds since 1970.
    pub created: i64,
    /// Until when it counts; for good, where that is none.
    pub expires: Option<i64>,
    /// How it stands.
    pub standing: Standing,
}

/// Why a token lets nobody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It is none.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Nobody was given it.
    #[error("nobody was given this token")]
    Unknown,
    /// Its time is over.
    #[error("the time of the token `{0}` is over")]
    Expired(String),
    /// It was taken back.
    #[error("the token `{0}` was taken back")]
    Revoked(String),
    /// The ticket is none, or was used, or its time is over. Which of them, nobody is told.
    #[error("this ticket is none, or none any more")]
    Ticket,
}

/// Why access is not changed.
#[derive(Debug, thiserror::Error)]
pub enum Unchanged {
    /// What is asked for cannot be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The token that somebody brought along is none, or weak.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It could not be written down.
    #[error(transparent)]
    Kept(#[from] Error),
}

/// Why a device is not paired.
#[derive(Debug, thiserror::Error)]
pub enum Unpaired {
    /// The code is none, or not any more. Which of them, nobody is told.
    #[error("this code is none, or none any more")]
    Code,
    /// The code is right, and the token cannot be made. The code still counts.
    #[error(transparent)]
    Unchanged(#[from] Unchanged),
}

impl Default for Access {
    /// Nobody's: what is made is forgotten at the end.
    fn default() -> Access {
        Access(Arc::new(Inner {
            state: Mutex::default(),
            clock: Clock::system(),
            keep: None,
            audit: Audit::default(),
        }))
    }
}

impl Access {
    /// Takes over what is kept in a data directory; nobody else can meanwhile.
    ///
    /// # Errors
    /// Where somebody else has it, or it cannot be read.
    pub fn open(data: &Path, clock: Clock) -> Result<Access, Error> {
        let (keep, book) = Keep::open(data)?;
        let audit = Audit::open(data, clock.now())
            .map_err(|source| Error::Io { path: data.join("audit"), source })?;
        let state = Mutex::new(State { book, ..State::default() });
        Ok(Access(Arc::new(Inner { state, clock, keep: Some(keep), audit })))
    }

    /// What is kept in a data directory, for those who only look.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn look(data: &Path, clock: &Clock) -> Result<Vec<Shown>, Error> {
        let now = clock.now();
        Ok(Keep::look(data)?.all().iter().map(|entry| Shown::of(entry, now)).collect())
    }

    /// Gives out a token: a fresh one, or one that an operator brought along.
    ///
    /// # Errors
    /// Where it cannot be, or cannot be written down; then nobody has it.
    pub fn create(&self, grant: Grant, chosen: Option<&str>) -> Result<Made, Unchanged> {
        let token = chosen.map_or_else(Token::fresh, Token::chosen)?;
        let now = self.now();
        let entry = self.change(|book| book.add(grant, &token, now))?;
        Ok(Made { token: token.reveal().to_owned(), entry: Shown::of(&entry, now) })
    }

    /// Takes a token back, by its name or its id: from here on it lets nobody in, and who came in with it is told.
    ///
    /// # Errors
    /// Where there is none, or it cannot be written down.
    pub fn revoke(&self, which: &str) -> Result<Shown, Unchanged> {
        let now = self.now();
        let entry = self.change(|book| book.revoke(which, now))?;
        // Dropping what tells them is telling them.
        self.state().revoked.remove(&entry.id);
        Ok(Shown::of(&entry, now))
    }

    /// All tokens, in the order in which they were made.
    pub fn list(&self) -> Vec<Shown> {
        let now = self.now();
        self.state().book.all().iter().map(|entry| Shown::of(entry, now)).collect()
    }

    /// Shows a code with which one device can get a token with these permissions, within five minutes. A code that was shown
    /// before counts no more.
    ///
    /// # Errors
    /// Where there are no permissions, or the system gives no random numbers.
    pub fn offer(&self, scopes: BTreeSet<Scope>, lives: Option<i64>) -> Result<Offer, Unchanged> {
        if scopes.is_empty() {
            return Err(Refused::NoScope.into());
        }
        let made = Pending::new(scopes, lives, self.now()).ok_or(Refused::NoEntropy)?;
        let (pending, offer) = made;
        self.state().pending = Some(pending);
        Ok(offer)
    }

    /// Gives the token to a device that knows the code, once. It has the permissions that the operator chose, and no others.
    ///
    /// # Errors
    /// Where the code is none; after a few of them, the one that was shown counts no more.
    pub fn pair(&self, code: &str, name: &str) -> Result<Made, Unpaired> {
        let now = self.now();
        let mut state = self.state();
        let Some(pending) = &mut state.pending else { return Err(Unpaired::Code) };
        if !pending.counts(now) || !pending.is(code) {
            if !pending.counts(now) {
                state.pending = None;
            }
            return Err(Unpaired::Code);
        }
        // Taken out, so that nobody else has it meanwhile.
        let Some(pending) = state.pending.take() else { return Err(Unpaired::Code) };
        drop(state);
        let grant = Grant { name: name.to_owned(), scopes: pending.scopes.clone(), lives: pending.lives };
        let made = self.create(grant, None);
        if made.is_err() {
            self.state().pending.get_or_insert(pending);
        }
        Ok(made?)
    }

    /// The log of what was done.
    pub fn audit(&self) -> &Audit {
        &self.0.audit
    }

    /// Whether somebody has a token that counts.
    pub fn is_given(&self) -> bool {
        self.state().book.live(self.now()) > 0
    }

    /// Who has this token.
    ///
    /// # Errors
    /// Where it lets nobody in.
    pub fn authenticate(&self, text: &str) -> Result<Caller, Denied> {
        let hash = Token::read(text)?.hash();
        let mut state = self.state();
        let State { book, revoked, .. } = &mut *state;
        let entry = book.find(&hash).ok_or(Denied::Unknown)?;
        match entry.standing(self.now()) {
            Standing::Expired => return Err(Denied::Expired(entry.name.clone())),
            Standing::Revoked => return Err(Denied::Revoked(entry.name.clone())),
            Standing::Live => {}
        }
        let told = revoked.entry(entry.id.clone()).or_insert_with(|| Shutdown::new().0);
        let held = Held {
            id: entry.id.as_str().into(),
            expires: entry.expires,
            revoked: told.subscribe(),
            clock: self.0.clock.clone(),
        };
        Ok(Caller::new(entry.name.as_str(), entry.scopes.iter().copied()).holding(held))
    }

    /// Gives somebody who has a token a ticket, with which one WebSocket can be opened within half a minute. It has the permissions
    /// of the token, or those of them that are asked for.
    ///
    /// # Errors
    /// Where they have no token, or it does not permit that, or too many of its tickets wait.
    pub fn ticket(&self, caller: &Caller, scopes: Option<BTreeSet<Scope>>) -> Result<Ticket, NoTicket> {
        let now = self.now();
        self.state().tickets.give(caller, scopes, now)
    }

    /// Who comes with this ticket. From here on it counts no more.
    ///
    /// # Errors
    /// Where it lets nobody in.
    pub fn redeem(&self, text: &str) -> Result<Caller, Denied> {
        let now = self.now();
        self.state().tickets.take(text, now).ok_or(Denied::Ticket)
    }

    /// What time it is.
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// Changes the book as a whole: what could not be written down did not happen.
    fn change<T>(&self, change: impl FnOnce(&mut Book) -> Result<T, Refused>) -> Result<T, Unchanged> {
        let mut state = self.state();
        let mut book = state.book.clone();
        let changed = change(&mut book)?;
        if let Some(keep) = &self.0.keep {
            keep.write(&book)?;
        }
        state.book = book;
        Ok(changed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in it is ever half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn of(entry: &Entry, now: i64) -> Shown {
        Shown {
            id: entry.id.clone(),
            name: entry.name.clone(),
            scopes: entry.scopes.iter().copied().collect(),
            created: entry.created,
            expires: entry.expires,
            standing: entry.standing(now),
        }
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("entry", &self.entry).finish_non_exhaustive()
    }
}

impl Unchanged {
    /// The code of its diagnostic, and the way out.
    pub fn code(&self) -> (&'static str, Option<String>) {
        let help = match self {
            Unchanged::Malformed(Malformed::Weak(_)) => "without a token of your own, a fresh one is made",
            Unchanged::Malformed(_) => return ("E1024", None),
            Unchanged::Refused(Refused::Taken(_)) => "take another name, or revoke that one first",
            Unchanged::Refused(Refused::NoScope) => "`--scope read,deploy` says what it permits",
            Unchanged::Refused(Refused::NoTime) => {
                "`--expires 90d` says how long, `--expires never` for good"
            }
            Unchanged::Refused(Refused::Full) => {
                "revoke those that nobody needs: they are gone after 30 days"
            }
            Unchanged::Refused(Refused::Unknown(_)) => "`carapace token list` lists them",
            Unchanged::Refused(_) => return ("E1025", None),
            Unchanged::Kept(error) => return (error.code(), error.help()),
        };
        let code = if matches!(self, Unchanged::Malformed(_)) { "E1024" } else { "E1025" };
        (code, Some(help.to_owned()))
    }
}

impl Error {
    /// The code of its diagnostic.
    pub fn code(&self) -> &'static str {
        "E1030"
    }

    /// The way out.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Error::Owned { .. } => {
                "a runtime that cannot be reached has it: stop it, or ask it at its own machine"
            }
            Error::Damaged { .. } => {
                "nothing was changed: put a copy back, or move it away and give out new tokens"
            }
            Error::Io { .. } => "the data directory must be readable and writable for the user who runs this",
        };
        Some(help.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Scope;
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicI64, Ordering};

    fn grant(name: &str) -> Grant {
        Grant {
            name: name.to_owned(),
            scopes: BTreeSet::from([Scope::Read, Scope::Deploy]),
            lives: Some(1_000),
        }
    }

    #[test]
    fn what_was_given_is_there_again_and_one_process_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(0));
        let clock = Clock::of({
            let now = now.clone();
            move || now.load(Ordering::SeqCst)
        });
        let access = Access::open(folder.path(), clock.clone()).unwrap();
        let made = access.create(grant("ci"), None).unwrap();
        let error = Access::open(folder.path(), clock.clone()).unwrap_err();
        assert!(matches!(error, Error::Owned { .. }), "{error}");
        drop(access);
        let access = Access::open(folder.path(), clock.clone()).unwrap();
        let caller = access.authenticate(&made.token).unwrap();
        assert_eq!((&*caller.name, caller.token()), ("ci", Some(&*made.entry.id)));
        assert!(caller.may(Scope::Read) && !caller.may(Scope::Admin));
        now.store(1_000, Ordering::SeqCst);
        assert!(!caller.may(Scope::Read), "its time is over for whoever came in before, too");
        assert_eq!(access.authenticate(&made.token), Err(Denied::Expired("ci".to_owned())));
        assert_eq!(Access::look(folder.path(), &clock).unwrap(), access.list());
        for entry in walkdir(folder.path()) {
            let text = std::fs::read(&entry).unwrap();
            assert!(!String::from_utf8_lossy(&text).contains(&made.token), "{}", entry.display());
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mode = std::fs::metadata(&entry).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{}", entry.display());
            }
        }
    }

    fn walkdir(folder: &Path) -> Vec<std::path::PathBuf> {
        std::fs::read_dir(folder.join("access")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[tokio::test]
    async fn one_that_is_taken_back_is_over_at_once_also_for_those_inside() {
        let access = Access::default();
        let made = access.create(grant("ci"), None).unwrap();
        let caller = access.authenticate(&made.token).unwrap();
        assert!(!caller.is_over());
        let waiting = tokio::spawn({
            let caller = caller.clone();
            async move { caller.over().await }
        });
        access.revoke("ci").unwrap();
        waiting.await.unwrap();
        assert!(caller.is_over() && !caller.may(Scope::Read));
        assert_eq!(access.authenticate(&made.token), Err(Denied::Revoked("ci".to_owned())));
        assert!(!access.is_given());
    }

    #[test]
    fn a_code_gives_one_token_with_what_was_chosen() {
        let access = Access::default();
        let scopes = BTreeSet::from([Scope::Read, Scope::Chat]);
        let offer = access.offer(scopes.clone(), Some(1_000)).unwrap();
        let wrong = access.pair("2222-2222", "phone").unwrap_err();
        assert!(matches!(wrong, Unpaired::Code), "{wrong}");
        // A name that cannot be costs no code.
        let unnamed = access.pair(&offer.code, "").unwrap_err();
        assert!(matches!(unnamed, Unpaired::Unchanged(_)), "{unnamed}");
        let made = access.pair(&offer.code, "phone").unwrap();
        assert_eq!(made.entry.scopes, scopes.into_iter().collect::<Vec<_>>());
        assert!(access.authenticate(&made.token).is_ok());
        assert!(matches!(access.pair(&offer.code, "other"), Err(Unpaired::Code)), "once");
        let offer = access.offer([Scope::Read].into(), None).unwrap();
        assert!((0..5).all(|_| access.pair("2222-2222", "phone").is_err()));
        assert!(matches!(access.pair(&offer.code, "tablet"), Err(Unpaired::Code)), "few tries");
        let (first, second) = (
            access.offer([Scope::Read].into(), None).unwrap(),
            access.offer([Scope::Read].into(), None).unwrap(),
        );
        assert!(access.pair(&first.code, "a").is_err() && access.pair(&second.code, "a").is_ok());
    }

    #[test]
    fn what_is_no_file_of_ours_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access/tokens.json");
        std::fs::create_dir(folder.path().join("access")).unwrap();
        for text in ["", "{", r#"{"version":2,"tokens":[]}"#, r#"{"version":1}"#] {
            std::fs::write(&path, text).unwrap();
            let error = Access::open(folder.path(), Clock::system()).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
