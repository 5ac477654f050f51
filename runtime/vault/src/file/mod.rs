//! A file with all secrets in it, which a passphrase or a key opens.

mod disk;
mod form;
mod key;
mod sealed;

pub use disk::text_of;
pub use key::{KeySource, Lock, NewKey, passphrase_of};
pub(crate) use sealed::SealedFile;

/// What the file is called in a data directory.
pub const FILE_NAME: &str = "secrets.vault";
