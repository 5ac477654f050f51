//! What each place can do.

use crate::Error;
use carapace_channel_api::SecretString;

/// A secret as it is listed: never what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// When it was set, in milliseconds since 1970, where that is known.
    pub set: Option<i64>,
}

/// A place in which secrets lie. Names and values were checked.
pub(crate) trait Place: Send + Sync {
    /// What a secret is now.
    fn get(&self, name: &str) -> Result<SecretString, Error>;

    /// What there is, by name.
    fn list(&self) -> Result<Vec<Listed>, Error>;

    /// Sets a secret; `now` in milliseconds since 1970.
    fn set(&self, name: &str, value: &SecretString, now: i64) -> Result<(), Error>;

    /// Takes a secret out.
    fn remove(&self, name: &str) -> Result<(), Error>;

    /// What it is, for people: "the file `…`".
    fn describe(&self) -> String;
}
