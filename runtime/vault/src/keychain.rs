//! The keychain of the system: Secret Service, the keychain of macOS, the credential store of Windows.
//!
//! A keychain may ask its person for a password, and wait for them. So all that is asked of it is asked on a thread of
//! its own, and who asks waits for a while only. Keychains cannot be listed alike, so that the names are an item of their
//! own, under a name that no secret can have; an item that somebody else made is found by its name all the same.

use crate::error::{Error, Silence};
use crate::place::{Listed, Place};
use carapace_channel_api::{ExposeSecret, SecretString};
use keyring::Entry;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The item with the names; no secret can be called so.
const NAMES: &str = "(names)";
/// How often the names are written again where somebody else wrote them meanwhile.
const TRIES: u32 = 5;

/// The items of one service.
pub(crate) struct Keychain {
    service: String,
    patience: Duration,
    worker: Mutex<Option<Worker>>,
    /// Whether there is one; asked once, as one that is not there at the start does not come.
    there: OnceLock<bool>,
}

type Job = Box<dyn FnOnce() + Send>;

struct Worker {
    jobs: mpsc::Sender<Job>,
    /// Whether the last job is done; while it is not, another would wait behind it.
    free: Arc<AtomicBool>,
}

impl Keychain {
    pub(crate) fn new(service: String, patience: Duration) -> Keychain {
        Keychain { service, patience, worker: Mutex::default(), there: OnceLock::new() }
    }

    /// Whether one answers.
    pub(crate) fn answers(&self) -> Result<bool, Error> {
        if let Some(there) = self.there.get() {
            return Ok(*there);
        }
        let there = self.ask(|_| Ok(Entry::store_status().is_ok()))?;
        Ok(*self.there.get_or_init(|| there))
    }

    /// Has something done on the keychain's thread. What nobody waits for any more is not begun.
    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&str) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let late = || Error::Keychain(Silence::Late);
        let working = match worker.take() {
            Some(working) if working.free.load(Ordering::Acquire) => working,
            Some(stuck) => {
                *worker = Some(stuck);
                return Err(late());
            }
            None => start()?,
        };
        let (tell, told) = mpsc::channel();
        let (free, service) = (working.free.clone(), self.service.clone());
        free.store(false, Ordering::Release);
        let job: Job = Box::new(move || {
            let result = job(&service);
            free.store(true, Ordering::Release);
            // Whoever asked may have gone.
            let _ = tell.send(result);
        });
        let gone = || Error::Keychain(Silence::Failed("its thread ended".to_owned()));
        working.jobs.send(job).map_err(|_| gone())?;
        *worker = Some(working);
        match told.recv_timeout(self.patience) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(late()),
            Err(RecvTimeoutError::Disconnected) => {
                // The thread panicked; the next question starts another.
                *worker = None;
                Err(gone())
            }
        }
    }
}

fn start() -> Result<Worker, Error> {
    let (jobs, asked) = mpsc::channel::<Job>();
    let work = move || asked.into_iter().for_each(|job| job());
    let thread = std::thread::Builder::new().name("keychain".to_owned()).spawn(work);
    thread.map_err(|e| Error::Keychain(Silence::Failed(e.to_string())))?;
    Ok(Worker { jobs, free: Arc::new(AtomicBool::new(true)) })
}

impl Place for Keychain {
    fn get(&self, name: &str) -> Result<SecretString, Error> {
        let name = name.to_owned();
        self.ask(move |service| {
            let value = entry(service, &name)?.get_password();
            value.map(SecretString::from).map_err(|e| told(&name, &e))
        })
    }

    fn list(&self) -> Result<Vec<Listed>, Error> {
        self.ask(|service| {
            let mut listed = Vec::new();
            for (name, set) in names(service)? {
                // The names may say more than there is: somebody took it out with another program.
                match entry(service, &name)?.inner.get_credential() {
                    Ok(_) => listed.push(Listed { name, set: Some(set) }),
                    Err(keyring::Error::NoEntry) => {}
                    Err(error) => return Err(told(&name, &error)),
                }
            }
            Ok(listed)
        })
    }

    fn set(&self, name: &str, value: &SecretString, now: i64) -> Result<(), Error> {
        let (name, value) = (name.to_owned(), value.clone());
        self.ask(move |service| {
            entry(service, &name)?.set_password(value.expose_secret()).map_err(|e| told(&name, &e))?;
            rename(service, |names| names.insert(name.clone(), now) != Some(now))
        })
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        self.ask(move |service| {
            entry(service, &name)?.delete_credential().map_err(|e| told(&name, &e))?;
            rename(service, |names| names.remove(&name).is_some())
        })
    }

    fn describe(&self) -> String {
        format!("the keychain of the system, service `{}`", self.service)
    }
}

fn entry(service: &str, name: &str) -> Result<Entry, Error> {
    Entry::new(service, name).map_err(|e| told(name, &e))
}

/// The names, and when each was set.
fn names(service: &str) -> Result<BTreeMap<String, i64>, Error> {
    match entry(service, NAMES)?.get_password() {
        // What somebody else wrote there is written over: the secrets are found without it.
        Ok(text) => Ok(serde_json::from_str(&text).unwrap_or_default()),
        Err(keyring::Error::NoEntry) => Ok(BTreeMap::new()),
        Err(error) => Err(told(NAMES, &error)),
    }
}

/// Changes the names, and looks whether the change is still there: another process may write them at the same time.
/// `change` says whether anything changed.
fn rename(service: &str, change: impl Fn(&mut BTreeMap<String, i64>) -> bool) -> Result<(), Error> {
    for _ in 0..TRIES {
        let mut names = names(service)?;
        if !change(&mut names) {
            break;
        }
        let text = serde_json::to_string(&names).unwrap_or_default();
        entry(service, NAMES)?.set_password(&text).map_err(|e| told(NAMES, &e))?;
    }
    Ok(())
}

/// What the keychain said, in our words. Nothing of a secret is in it.
fn told(name: &str, error: &keyring::Error) -> Error {
    use keyring::Error as Keychain;
    Error::Keychain(match error {
        Keychain::NoEntry => return Error::NotFound { name: name.to_owned() },
        Keychain::NoDefaultStore => Silence::Absent,
        Keychain::NoStorageAccess(_) => Silence::Locked,
        Keychain::BadEncoding(_) | Keychain::BadDataFormat(..) => {
            Silence::Failed(format!("what is kept as `{name}` is no text"))
        }
        Keychain::Ambiguous(items) => {
            Silence::Failed(format!("it has {} items that are called `{name}`", items.len()))
        }
        Keychain::TooLong(_, most) => Silence::Failed(format!("it takes no more than {most} characters")),
        Keychain::PlatformFailure(why) => Silence::Failed(first_line(&why.to_string())),
        _ => Silence::Failed("it refused".to_owned()),
    })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keychain_that_does_not_answer_holds_nobody_up_and_the_next_question_is_refused_at_once() {
        let keychain = Keychain::new("carapace-test".to_owned(), Duration::from_millis(20));
        let (go, wait) = mpsc::channel::<()>();
        let stuck = keychain.ask(move |_| {
            wait.recv().unwrap();
            Ok(())
        });
        assert_eq!(stuck, Err(Error::Keychain(Silence::Late)));
        let begun = Arc::new(AtomicBool::new(false));
        let seen = begun.clone();
        let behind = keychain.ask(move |_| {
            seen.store(true, Ordering::Release);
            Ok(())
        });
        assert_eq!(behind, Err(Error::Keychain(Silence::Late)));
        go.send(()).unwrap();
        let free = keychain.worker.lock().unwrap().as_ref().unwrap().free.clone();
        while !free.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        let patient = Keychain { patience: Duration::from_secs(60), ..keychain };
        assert_eq!(patient.ask(|service| Ok(service.to_owned())).as_deref(), Ok("carapace-test"));
        assert!(!begun.load(Ordering::Acquire), "what nobody waited for was not begun");
    }

    #[test]
    fn a_thread_that_panics_is_replaced() {
        let keychain = Keychain::new("carapace-test".to_owned(), Duration::from_secs(60));
        let gone = keychain.ask(|_| -> Result<(), Error> { panic!("as planned") });
        assert!(matches!(gone, Err(Error::Keychain(Silence::Failed(_)))), "{gone:?}");
        assert_eq!(keychain.ask(|_| Ok(7)), Ok(7));
    }
}
