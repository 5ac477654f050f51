//! Who may talk to the accounts: asked for, approved, taken back.

use super::{Methods, written};
use crate::rpc::Fault;
use carapace_channel_api::access::{AccessError, Gate, Listed, Paired};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::{Arc, PoisonError};

/// The gate of an account, by its name.
pub type Gates = Vec<(String, Arc<Gate>)>;

/// The gates of all accounts that have one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessListed {
    /// In the order of the configuration.
    pub accounts: Vec<AccountAccess>,
}

/// The gate of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAccess {
    /// The account.
    pub account: String,
    /// Its rules, and who stands in its book.
    #[serde(flatten)]
    pub listed: Listed,
}

/// Somebody who was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The account.
    pub account: String,
    /// Who.
    #[serde(flatten)]
    pub paired: Paired,
}

impl Methods {
    /// The same, with the gates of accounts.
    #[must_use]
    pub fn with_gates(self, gates: Gates) -> Methods {
        self.set_gates(gates);
        self
    }

    /// From now on accounts have these gates.
    pub fn set_gates(&self, gates: Gates) {
        *self.gates.write().unwrap_or_else(PoisonError::into_inner) = gates;
    }

    /// Those that there are now.
    fn gates(&self) -> Gates {
        self.gates.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) async fn list_gates(&self) -> Result<Json, Fault> {
        let mut accounts = Vec::new();
        for (account, gate) in &self.gates() {
            accounts.push(AccountAccess { account: account.clone(), listed: gate.list().await });
        }
        written(&AccessListed { accounts })
    }

    pub(super) async fn approve(&self, code: &str) -> Result<Json, Fault> {
        for (account, gate) in &self.gates() {
            match gate.approve(code).await {
                Ok(paired) => return written(&Approved { account: account.clone(), paired }),
                // Another account may have given it out.
                Err(AccessError::NoCode { .. } | AccessError::NotPaired { .. }) => {}
                Err(error @ AccessError::Io(_)) => {
                    return Err(Fault::refused("E1063", error.to_string(), None));
                }
            }
        }
        let help = "a code holds for an hour; `carapace access list` shows those that do, and who writes again gets a new one";
        Err(Fault::refused("E1061", format!("no code `{code}` holds"), Some(help.to_owned())))
    }

    pub(super) async fn revoke(&self, person: &str) -> Result<Json, Fault> {
        let (wanted, id) = person.split_once(':').unwrap_or(("", person));
        let gates = self.gates();
        let found = gates.iter().find(|(account, _)| account == wanted);
        let help = "`carapace access list` shows who was let in, each as `ACCOUNT:PERSON`";
        let nobody =
            || Fault::refused("E1062", format!("`{person}` was let in by no code"), Some(help.to_owned()));
        let (_, gate) = found.ok_or_else(nobody)?;
        match gate.revoke(id).await {
            Ok(()) => Ok(serde_json::json!({ "person": person })),
            Err(error @ AccessError::Io(_)) => Err(Fault::refused("E1063", error.to_string(), None)),
            Err(AccessError::NoCode { .. } | AccessError::NotPaired { .. }) => Err(nobody()),
        }
    }
}
