//! What opens the file: a passphrase, or a key of age.

use super::disk::{self, Stamp, text_of};
use crate::Error;
use age::secrecy::zeroize::Zeroizing;
use age::x25519::Identity;
use carapace_channel_api::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};

/// What a file is locked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// A passphrase.
    Passphrase,
    /// A key.
    Key,
}

/// Where the passphrase or the key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Somebody types the passphrase: it is given to the vault.
    Given,
    /// The passphrase is the first line of a file, or of a pipe (`/dev/fd/3`).
    PassphraseFile(PathBuf),
    /// The key is in a file, as `age-keygen` writes it; it is made where there is none and nothing is locked yet.
    KeyFile(PathBuf),
}

/// What the file is locked with from now on.
#[derive(Debug, Clone)]
pub enum NewKey {
    /// This passphrase.
    Passphrase(SecretString),
    /// A new key, in this file, in the place of those that are there.
    KeyFile(PathBuf),
}

/// A passphrase or keys, as they are used. The first key locks; all of them open.
#[derive(Clone)]
pub(super) enum Key {
    Passphrase(SecretString),
    Keys(Vec<Identity>),
}

impl Lock {
    pub(crate) fn given(self) -> &'static str {
        match self {
            Lock::Passphrase => "this passphrase",
            Lock::Key => "this key",
        }
    }
}

impl KeySource {
    /// What it opens.
    pub fn lock(&self) -> Lock {
        match self {
            KeySource::Given | KeySource::PassphraseFile(_) => Lock::Passphrase,
            KeySource::KeyFile(_) => Lock::Key,
        }
    }

    /// The file that somebody must keep from others.
    pub fn file(&self) -> Option<&Path> {
        match self {
            KeySource::Given => None,
            KeySource::PassphraseFile(path) | KeySource::KeyFile(path) => Some(path),
        }
    }

    /// The state of its file, so that it is not asked twice for the same.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.file().and_then(|path| disk::stamp(path).ok().flatten())
    }

    /// What it says now.
    pub(super) fn read(&self, given: Option<&SecretString>) -> Result<Key, Error> {
        match self {
            KeySource::Given => given.cloned().map(Key::Passphrase).ok_or_else(|| Error::NoKey {
                why: "the secrets are locked with a passphrase, and nobody gave it".to_owned(),
                lock: Lock::Passphrase,
            }),
            KeySource::PassphraseFile(path) => passphrase_of(path).map(Key::Passphrase),
            KeySource::KeyFile(path) => keys_of(path).map(Key::Keys),
        }
    }
}

/// The passphrase in a file: its first line.
///
/// # Errors
/// Where the file cannot be read, or has none.
pub fn passphrase_of(path: &Path) -> Result<SecretString, Error> {
    let missing = |why: String| Error::NoKey { why, lock: Lock::Passphrase };
    let shown = path.display();
    let bytes = disk::read(path).map_err(|e| missing(e.to_string()))?;
    let text = Zeroizing::new(
        text_of(bytes.to_vec()).map_err(|_| missing(format!("what is in `{shown}` is no passphrase")))?,
    );
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(SecretString::from(line.to_owned())),
        None => Err(missing(format!("there is no passphrase in `{shown}`"))),
    }
}

/// The keys in a file, as `age-keygen` writes them: a line each, and comments.
pub(super) fn keys_of(path: &Path) -> Result<Vec<Identity>, Error> {
    let missing = |why: String| Error::NoKey { why, lock: Lock::Key };
    let shown = path.display();
    let bytes = disk::read(path).map_err(|e| missing(e.to_string()))?;
    let no_key = |line: usize| missing(format!("line {line} of `{shown}` is no key of age"));
    let text = std::str::from_utf8(&bytes).map_err(|_| no_key(1))?;
    let mut keys = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            keys.push(line.parse::<Identity>().map_err(|_| no_key(number))?);
        }
    }
    if keys.is_empty() {
        return Err(missing(format!("there is no key in `{shown}`")));
    }
    Ok(keys)
}

/// Writes keys as `age-keygen` does.
pub(super) fn write_keys(path: &Path, keys: &[Identity]) -> Result<(), Error> {
    let mut text =
        Zeroizing::new(String::from("# The key of carapace's secrets: whoever has it can read them.\n"));
    for key in keys {
        text.push_str(&format!("# public key: {}\n", key.to_public()));
        text.push_str(key.to_string().expose_secret());
        text.push('\n');
    }
    disk::replace(path, text.as_bytes())
}
