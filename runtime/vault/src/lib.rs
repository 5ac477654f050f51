//! Where secrets lie, and how they are had by name: in the keychain of the system, in a file that a passphrase or a key
//! opens, or in a folder that somebody else fills.
//!
//! [`Vault`] is one of the three, or whichever of the first two there is; it is asked at each use, so that a secret that
//! was set anew counts at once. What a secret is stands in no message, and is wiped from memory where it was only on its
//! way. Deliberately not here: asking people (a passphrase is given, or read from a file), and what a secret is for.

mod error;
mod file;
mod folder;
mod keychain;
mod name;
mod place;
mod vault;

pub use error::{Error, Silence};
pub use file::{FILE_NAME, KeySource, Lock, NewKey, passphrase_of, text_of};
pub use name::{LARGEST, check_name, check_value};
pub use place::Listed;
pub use vault::{Options, SERVICE, Vault, Wants, Where};
