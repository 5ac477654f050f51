//! The file, read when it changed, and written by one at a time.

use super::disk::{self, Stamp};
use super::form::{self, Names, Secret, Secrets};
use super::key::{self, Key, KeySource, Lock, NewKey};
use crate::Error;
use crate::place::{Listed, Place};
use age::x25519::Identity;
use carapace_channel_api::SecretString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file, and what of it is known.
pub(crate) struct SealedFile {
    path: PathBuf,
    source: KeySource,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// A passphrase that was typed.
    given: Option<SecretString>,
    /// What was opened last.
    opened: Option<Opened>,
    /// What could not be opened, so that the same is not tried again at each use: guessing is made slow.
    failed: Option<Failed>,
}

struct Opened {
    stamp: Stamp,
    secrets: Secrets,
    key: Key,
}

struct Failed {
    file: Stamp,
    source: Option<Stamp>,
    names: Names,
    error: Error,
}

impl SealedFile {
    pub(crate) fn new(path: PathBuf, source: KeySource) -> SealedFile {
        SealedFile { path, source, known: Mutex::default() }
    }

    pub(crate) fn source(&self) -> &KeySource {
        &self.source
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is one.
    pub(crate) fn exists(&self) -> Result<bool, Error> {
        disk::stamp(&self.path).map(|stamp| stamp.is_some())
    }

    /// What it is locked with; none where there is no file.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, Error> {
        if !self.exists()? {
            return Ok(None);
        }
        let bytes = disk::read(&self.path)?;
        Ok(Some(form::read(&self.path, &bytes)?.lock))
    }

    /// A passphrase that somebody typed.
    pub(crate) fn give(&self, passphrase: SecretString) {
        let mut known = self.known();
        known.given = Some(passphrase);
        known.failed = None;
    }

    /// Opens it now.
    pub(crate) fn open(&self) -> Result<(), Error> {
        self.fresh(&mut self.known())
    }

    /// Locks it anew. `old` opens it now, where that is not what usually does. A crash at any moment leaves a file that
    /// one of the keys at hand opens.
    pub(crate) fn rotate(&self, old: Option<&KeySource>, new: &NewKey) -> Result<usize, Error> {
        let mut known = self.known();
        let _writing = disk::writing(&self.path)?;
        let bytes = disk::read(&self.path)?;
        let sealed = form::read(&self.path, &bytes)?;
        let old = match old {
            Some(old) => old.read(known.given.as_ref())?,
            None => match &known.opened {
                Some(opened) => opened.key.clone(),
                None => self.source.read(known.given.as_ref())?,
            },
        };
        let secrets = sealed.open(&self.path, &old)?;
        let key = match new {
            NewKey::Passphrase(words) => {
                let key = Key::Passphrase(words.clone());
                disk::replace(&self.path, &form::seal(&self.path, &secrets, &key)?)?;
                key
            }
            NewKey::KeyFile(path) => {
                let fresh = Identity::generate();
                let mut both = vec![fresh.clone()];
                if let Key::Keys(old) = old {
                    both.extend(old);
                }
                let _keys = disk::writing(path)?;
                key::write_keys(path, &both)?;
                let key = Key::Keys(vec![fresh.clone()]);
                disk::replace(&self.path, &form::seal(&self.path, &secrets, &key)?)?;
                key::write_keys(path, &[fresh])?;
                key
            }
        };
        let count = secrets.len();
        self.remember(&mut known, secrets, key)?;
        Ok(count)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // What a thread that panicked left is looked at again anyway.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads it again where it changed.
    fn fresh(&self, known: &mut Known) -> Result<(), Error> {
        let Some(stamp) = disk::stamp(&self.path)? else {
            known.opened = None;
            return Ok(());
        };
        if known.opened.as_ref().is_some_and(|opened| opened.stamp == stamp) {
            return Ok(());
        }
        let source = self.source.stamp();
        if let Some(failed) = &known.failed
            && failed.file == stamp
            && failed.source == source
        {
            return Err(failed.error.clone());
        }
        let bytes = disk::read(&self.path)?;
        let sealed = form::read(&self.path, &bytes)?;
        match self.unlock(known, &sealed) {
            Ok((secrets, key)) => {
                known.opened = Some(Opened { stamp, secrets, key });
                known.failed = None;
                Ok(())
            }
            Err(error) => {
                known.failed =
                    Some(Failed { file: stamp, source, names: sealed.names, error: error.clone() });
                Err(error)
            }
        }
    }

    /// With the key that opened it last, and else with what its source says now.
    fn unlock(&self, known: &Known, sealed: &form::Sealed<'_>) -> Result<(Secrets, Key), Error> {
        if let Some(Opened { key, .. }) = &known.opened
            && let Ok(secrets) = sealed.open(&self.path, key)
        {
            return Ok((secrets, key.clone()));
        }
        if sealed.lock == Lock::Passphrase && self.source.lock() == Lock::Key {
            return Err(Error::StillPassphrase { path: self.path.clone() });
        }
        let key = self.source.read(known.given.as_ref())?;
        Ok((sealed.open(&self.path, &key)?, key))
    }

    /// Changes the secrets, and writes them.
    fn change(&self, change: impl FnOnce(&mut Secrets) -> Result<(), Error>) -> Result<(), Error> {
        let mut known = self.known();
        let _writing = disk::writing(&self.path)?;
        self.fresh(&mut known)?;
        let (mut secrets, key) = match &known.opened {
            Some(opened) => (opened.secrets.clone(), opened.key.clone()),
            None => (Secrets::new(), self.first_key(&known)?),
        };
        change(&mut secrets)?;
        disk::replace(&self.path, &form::seal(&self.path, &secrets, &key)?)?;
        self.remember(&mut known, secrets, key)
    }

    /// What a file that is not there yet is locked with.
    fn first_key(&self, known: &Known) -> Result<Key, Error> {
        if let KeySource::KeyFile(path) = &self.source
            && disk::stamp(path)?.is_none()
        {
            let fresh = Identity::generate();
            let _keys = disk::writing(path)?;
            key::write_keys(path, std::slice::from_ref(&fresh))?;
            return Ok(Key::Keys(vec![fresh]));
        }
        self.source.read(known.given.as_ref())
    }

    fn remember(&self, known: &mut Known, secrets: Secrets, key: Key) -> Result<(), Error> {
        known.failed = None;
        known.opened = disk::stamp(&self.path)?.map(|stamp| Opened { stamp, secrets, key });
        Ok(())
    }
}

impl Place for SealedFile {
    fn get(&self, name: &str) -> Result<SecretString, Error> {
        let mut known = self.known();
        let missing = || Error::NotFound { name: name.to_owned() };
        let error = match self.fresh(&mut known) {
            Ok(()) => {
                let secret = known.opened.as_ref().and_then(|opened| opened.secrets.get(name));
                return secret.map(|secret| secret.value.clone()).ok_or_else(missing);
            }
            Err(error) => error,
        };
        // It was locked anew, or is damaged. What was known before and was not set since is still what it was.
        let Some(failed) = &known.failed else { return Err(error) };
        let Some(set) = failed.names.get(name) else { return Err(missing()) };
        let before = known.opened.as_ref().and_then(|opened| opened.secrets.get(name));
        match before.filter(|secret| secret.set == *set) {
            Some(Secret { value, .. }) => Ok(value.clone()),
            None => Err(error),
        }
    }

    fn list(&self) -> Result<Vec<Listed>, Error> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        let bytes = disk::read(&self.path)?;
        let names = form::read(&self.path, &bytes)?.names;
        Ok(names.into_iter().map(|(name, set)| Listed { name, set: Some(set) }).collect())
    }

    fn set(&self, name: &str, value: &SecretString, now: i64) -> Result<(), Error> {
        self.change(|secrets| {
            secrets.insert(name.to_owned(), Secret { value: value.clone(), set: now });
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        self.change(|secrets| match secrets.remove(name) {
            Some(_) => Ok(()),
            None => Err(Error::NotFound { name: name.to_owned() }),
        })
    }

    fn describe(&self) -> String {
        format!("the file `{}`", self.path.display())
    }
}
