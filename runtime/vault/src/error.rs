//! What keeps a secret from being had or kept.

use crate::file::Lock;
use std::path::{Path, PathBuf};

/// What keeps a secret from being had or kept. No variant holds anything of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody set it.
    #[error("there is no secret `{name}`")]
    NotFound {
        /// Its name.
        name: String,
    },
    /// It is no name.
    #[error("`{begins}` is no name of a secret: letters, digits, `-`, `_` and `.`, at most 64 of them")]
    Name {
        /// How it begins: it may be the secret itself.
        begins: String,
    },
    /// It can be no secret.
    #[error("that cannot be a secret: {why}")]
    Value {
        /// Why.
        why: &'static str,
    },
    /// The passphrase or key that was given is another one.
    #[error("{} does not open `{}`", .lock.given(), path.display())]
    WrongKey {
        /// The file.
        path: PathBuf,
        /// What it is locked with.
        lock: Lock,
    },
    /// There is no passphrase, or no key.
    #[error("{why}")]
    NoKey {
        /// What is missing.
        why: String,
        /// What it is.
        lock: Lock,
    },
    /// A passphrase opens it, and the configuration names a key by now.
    #[error("`{}` is still locked with a passphrase, and the configuration names a key", path.display())]
    StillPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The file is not as it was written.
    #[error("`{}` is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A newer version wrote it.
    #[error("`{}` has a form that this carapace does not know yet", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// The keychain does not answer as it should.
    #[error("{}", .0.told())]
    Keychain(Silence),
    /// The disk said no.
    #[error("`{}` cannot be {action}: {why}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `read`, `written`.
        action: &'static str,
        /// The system's words.
        why: String,
    },
    /// Somebody else is writing.
    #[error("somebody else is writing to `{}`", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be changed from here.
    #[error("{what}")]
    Fixed {
        /// What cannot be done where.
        what: String,
    },
}

/// Why a keychain says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// There is none.
    Absent,
    /// It is locked, and nobody unlocked it.
    Locked,
    /// It did not answer in time.
    Late,
    /// Something else, in its words.
    Failed(String),
}

impl Silence {
    fn told(&self) -> String {
        match self {
            Silence::Absent => "no keychain answers here".to_owned(),
            Silence::Locked => "the keychain is locked".to_owned(),
            Silence::Late => "the keychain did not answer in time: somebody may have to unlock it".to_owned(),
            Silence::Failed(why) => format!("the keychain could not do that: {why}"),
        }
    }
}

impl Error {
    pub(crate) fn disk(path: &Path, action: &'static str, error: &std::io::Error) -> Error {
        let text = error.to_string();
        let words = text.split(" (os error").next().unwrap_or(&text);
        let mut chars = words.chars();
        let why = chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect());
        Error::Disk { path: path.to_owned(), action, why }
    }

    /// The code under which `carapace explain` tells more.
    pub fn code(&self) -> &'static str {
        match self {
            Error::NotFound { .. } => "E1001",
            Error::WrongKey { .. } => "E1003",
            Error::NoKey { .. } | Error::StillPassphrase { .. } => "E1004",
            Error::Damaged { .. } | Error::Newer { .. } => "E1005",
            Error::Keychain(_) => "E1006",
            Error::Disk { .. } | Error::Busy { .. } => "E1007",
            Error::Fixed { .. } => "E1008",
            Error::Name { .. } | Error::Value { .. } => "E1009",
        }
    }

    /// The way out.
    pub fn help(&self) -> String {
        match self {
            Error::NotFound { name } => format!("`carapace secret set {name}` sets it"),
            Error::Name { .. } => "choose a name such as `support_bot`; what the secret is, is asked for then".to_owned(),
            Error::Value { .. } => "it is a text: type it, or give it with `--stdin` or `--file FILE`".to_owned(),
            Error::WrongKey { lock: Lock::Passphrase, .. } => {
                "nothing was changed; without the passphrase nobody can open it: set the secrets anew in another file".to_owned()
            }
            Error::WrongKey { lock: Lock::Key, .. } => {
                "nothing was changed; name the key that it was written with: `key_file` of `vault` in carapace.json5".to_owned()
            }
            Error::NoKey { lock: Lock::Passphrase, .. } => {
                "start it at a terminal, or name a file: `--passphrase-file FILE`, or `passphrase_file` of `vault` in carapace.json5".to_owned()
            }
            Error::NoKey { lock: Lock::Key, .. } => {
                "put the key back from where you keep a copy; without it nobody can open the secrets".to_owned()
            }
            Error::StillPassphrase { .. } => {
                "`carapace secret rotate` asks for the passphrase, and locks it with a key, which it makes".to_owned()
            }
            Error::Damaged { .. } => "put it back from a backup, or remove it and set the secrets anew".to_owned(),
            Error::Newer { .. } => "use the version that wrote it: nothing was changed".to_owned(),
            Error::Keychain(Silence::Absent) => {
                "say where secrets lie instead: `vault: { kind: \"file\" }` in carapace.json5".to_owned()
            }
            Error::Keychain(_) => {
                "unlock it, or say where secrets lie instead: `vault: { kind: \"file\" }` in carapace.json5".to_owned()
            }
            Error::Disk { .. } => "it must be there, and readable and writable for the user who runs this".to_owned(),
            Error::Busy { .. } => "try again when that is done".to_owned(),
            Error::Fixed { .. } => "docs/secrets.md says what each kind of vault can do".to_owned(),
        }
    }
}
