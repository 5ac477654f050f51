//! Who is to be forgotten.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A person as events name them: `telegram:12345`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sender {
    /// The account that they wrote to.
    pub account: Arc<str>,
    /// Their id there.
    pub id: Arc<str>,
}

impl Sender {
    /// Reads `ACCOUNT:ID`. Names of accounts have no colon; ids may.
    pub fn read(text: &str) -> Option<Sender> {
        let (account, id) = text.split_once(':')?;
        let both = !account.is_empty() && !id.is_empty();
        both.then(|| Sender { account: account.into(), id: id.into() })
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.account, self.id)
    }
}
