//! The vault: one of the places, chosen.

use crate::error::{Error, Silence};
use crate::file::{FILE_NAME, KeySource, Lock, NewKey, SealedFile};
use crate::folder::Folder;
use crate::keychain::Keychain;
use crate::place::{Listed, Place};
use crate::{check_name, check_value};
use carapace_channel_api::{SecretError, SecretString, Secrets};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The service under which secrets lie in a keychain where nothing says another one.
pub const SERVICE: &str = "carapace";

/// Where secrets lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In the keychain of the system.
    Keychain {
        /// The service that its items are of.
        service: String,
    },
    /// In a file that is locked.
    File {
        /// The file.
        path: PathBuf,
        /// What opens it.
        key: KeySource,
    },
    /// In a folder that somebody else fills.
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// Nobody said: in the file of the data directory where there is one, else in the keychain where one answers, else in
    /// that file.
    Usual {
        /// The data directory.
        data: PathBuf,
        /// What opens the file.
        key: KeySource,
    },
}

/// How a vault is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where secrets lie.
    pub place: Where,
    /// How long a keychain may take: its person may have to type.
    pub patience: Duration,
}

/// What somebody has to type before a vault can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// Nothing.
    Nothing,
    /// The passphrase of the file.
    Passphrase,
    /// A passphrase for a file that is made now.
    NewPassphrase,
}

/// Secrets, by name.
pub struct Vault {
    places: Places,
    /// What was said last of why secrets cannot be had: who waits for one asks again and again.
    said: Mutex<Option<String>>,
}

enum Places {
    Keychain(Keychain),
    File(SealedFile),
    Folder(Folder),
    Usual { file: SealedFile, keychain: Keychain },
}

impl Vault {
    /// A vault that nothing was asked of yet: no file is read and no keychain wakened.
    pub fn new(options: Options) -> Vault {
        let Options { place, patience } = options;
        let places = match place {
            Where::Keychain { service } => Places::Keychain(Keychain::new(service, patience)),
            Where::File { path, key } => Places::File(SealedFile::new(path, key)),
            Where::Folder { path } => Places::Folder(Folder::new(path)),
            Where::Usual { data, key } => Places::Usual {
                file: SealedFile::new(data.join(FILE_NAME), key),
                keychain: Keychain::new(SERVICE.to_owned(), patience),
            },
        };
        Vault { places, said: Mutex::default() }
    }

    /// Whether somebody else fills it, and it is only read here.
    pub fn is_only_read(&self) -> bool {
        matches!(self.places, Places::Folder(_))
    }

    /// What there is, by name.
    ///
    /// # Errors
    /// Where the place cannot be read. A file needs no key for it.
    pub fn list(&self) -> Result<Vec<Listed>, Error> {
        self.place()?.list()
    }

    /// Sets a secret; `now` in milliseconds since 1970. A runtime sees it at its next use.
    ///
    /// # Errors
    /// Where the name or the value is none, or the place cannot be written.
    pub fn set(&self, name: &str, value: &SecretString, now: i64) -> Result<(), Error> {
        check_name(name)?;
        check_value(value)?;
        self.place()?.set(name, value, now)
    }

    /// Takes a secret out.
    ///
    /// # Errors
    /// Where there is none of that name, or the place cannot be written.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        check_name(name)?;
        self.place()?.remove(name)
    }

    /// What a secret is.
    ///
    /// # Errors
    /// Where there is none, or the place cannot be read.
    pub fn read(&self, name: &str) -> Result<SecretString, Error> {
        check_name(name)?;
        self.place()?.get(name)
    }

    /// Locks the file anew, and says how many secrets are in it. `old` opens it now, where that is not what usually does.
    ///
    /// # Errors
    /// Where it is no file, or cannot be opened or written.
    pub fn rotate(&self, old: Option<&KeySource>, new: &NewKey) -> Result<usize, Error> {
        self.rotatable()?.rotate(old, new)
    }

    /// Whether there is a file that could be locked anew.
    ///
    /// # Errors
    /// Where there is none, or the place is none.
    pub fn check_rotation(&self) -> Result<(), Error> {
        self.rotatable().map(|_| ())
    }

    fn rotatable(&self) -> Result<&SealedFile, Error> {
        let Some(file) = self.file()? else {
            let place = self.place()?.describe();
            let what = format!("{place} is not locked by carapace: only a file is locked anew");
            return Err(Error::Fixed { what });
        };
        if file.exists()? {
            return Ok(file);
        }
        Err(Error::Fixed { what: format!("{} is not there yet: nothing is locked", file.describe()) })
    }

    /// What somebody has to type first; a secret that is set where there is no file yet makes one.
    ///
    /// # Errors
    /// Where the place cannot be read.
    pub fn wants(&self, writing: bool) -> Result<Wants, Error> {
        let Some(file) = self.file()?.filter(|file| *file.source() == KeySource::Given) else {
            return Ok(Wants::Nothing);
        };
        Ok(match file.lock()? {
            Some(Lock::Passphrase) => Wants::Passphrase,
            None if writing => Wants::NewPassphrase,
            // One that is locked with a key no passphrase opens.
            None | Some(Lock::Key) => Wants::Nothing,
        })
    }

    /// What the file is locked with; none where there is no file, or the place is none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn lock(&self) -> Result<Option<Lock>, Error> {
        self.file()?.map_or(Ok(None), SealedFile::lock)
    }

    /// A passphrase that somebody typed.
    pub fn give(&self, passphrase: SecretString) {
        if let Places::File(file) | Places::Usual { file, .. } = &self.places {
            file.give(passphrase);
        }
    }

    /// Opens the file now, so that a wrong passphrase is known at once; any other place is asked when it is used.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(&self) -> Result<(), Error> {
        self.file()?.map_or(Ok(()), SealedFile::open)
    }

    /// Where the secrets lie, for people: "the file `…`".
    ///
    /// # Errors
    /// Where that cannot be found out.
    pub fn describe(&self) -> Result<String, Error> {
        Ok(self.place()?.describe())
    }

    /// The file in which secrets lie; none where they lie elsewhere.
    ///
    /// # Errors
    /// Where that cannot be found out.
    pub fn path(&self) -> Result<Option<PathBuf>, Error> {
        Ok(self.file()?.map(|file| file.path().to_owned()))
    }

    fn file(&self) -> Result<Option<&SealedFile>, Error> {
        Ok(match &self.places {
            Places::File(file) => Some(file),
            Places::Usual { file, keychain } if usual_is_file(file, keychain)? => Some(file),
            _ => None,
        })
    }

    fn place(&self) -> Result<&dyn Place, Error> {
        Ok(match &self.places {
            Places::File(file) => file,
            Places::Folder(folder) => folder,
            Places::Keychain(keychain) if keychain.answers()? => keychain,
            Places::Keychain(_) => return Err(Error::Keychain(Silence::Absent)),
            Places::Usual { file, keychain } if usual_is_file(file, keychain)? => file,
            Places::Usual { keychain, .. } => keychain,
        })
    }
}

/// A file that is there goes before a keychain, so that what was set on a server is found there again whoever is logged in.
fn usual_is_file(file: &SealedFile, keychain: &Keychain) -> Result<bool, Error> {
    Ok(file.exists()? || !keychain.answers()?)
}

impl Secrets for Vault {
    fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        let read = self.read(name).map_err(|error| match error {
            Error::NotFound { name } => SecretError::NotFound { name },
            error => SecretError::Unavailable { message: error.to_string() },
        });
        let trouble = match &read {
            Err(SecretError::Unavailable { message }) => Some(message.clone()),
            _ => None,
        };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = trouble.as_ref().filter(|trouble| said.as_ref() != Some(trouble)) {
            tracing::warn!(%error, "a secret cannot be had");
        }
        *said = trouble;
        read
    }
}
