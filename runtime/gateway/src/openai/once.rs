//! A request that may be sent again: it is done once, and its answer is always the same.
//!
//! What is written down first is that it was sent; then its run; then the answer. So what is sent again after a crash is answered by the run
//! that was started, and where nobody knows whether one was, that is said: it is never done twice.

use super::answer::Answer;
use super::kept::{Kept, Kind};
use super::trouble::Trouble;
use crate::auth::{Caller, hex};
use crate::methods::{Key, owner};
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// A request with a key.
#[derive(Debug, Clone)]
pub(super) struct Once {
    /// Under this name it is kept.
    name: String,
    /// What it is told from others by: a hash of its address and its body.
    print: String,
}

/// The run of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Began {
    pub(super) run: RunId,
    /// In seconds since 1970 UTC.
    pub(super) created: u64,
    pub(super) model: String,
}

/// What came of it.
pub(super) type Outcome = Result<Answer, Trouble>;

/// What is kept of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    print: String,
    #[serde(default)]
    began: Option<Began>,
    #[serde(default)]
    outcome: Option<Outcome>,
}

/// Requests that are being answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(Arc<Mutex<HashMap<String, Flight>>>);

#[derive(Debug, Clone)]
struct Flight {
    print: String,
    /// Closed when it is over.
    over: watch::Receiver<()>,
}

/// A request that is ours to answer, until this is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    once: Once,
    began: Option<Began>,
    kept: Kept,
    claims: Claims,
    /// Dropped with this, which tells those who wait.
    _over: watch::Sender<()>,
}

/// How a request stands that was sent.
#[derive(Debug)]
pub(super) enum Claimed {
    /// It is to be done.
    New(Claim),
    /// Its run was started before.
    Begun(Claim, Began),
    /// It was answered.
    Over(Began, Outcome),
}

impl Once {
    /// That of a request with a key.
    pub(super) fn new(caller: &Caller, key: &Key, path: &str, body: &[u8]) -> Once {
        let id = hex(&Sha256::digest(key.text().as_bytes()));
        let print = Sha256::new().chain_update(path.as_bytes()).chain_update(b"\n").chain_update(body);
        Once { name: Kind::Request.name(owner(caller), &id), print: hex(&print.finalize()) }
    }
}

impl Claims {
    /// Takes a request on, once nobody else is answering it.
    pub(super) async fn claim(&self, kept: &Kept, once: Once, now: i64) -> Result<Claimed, Trouble> {
        let mut claim = loop {
            let mut over = match self.begin(kept, &once) {
                Ok(claim) => break claim,
                Err(flight) if flight.print != once.print => return Err(Trouble::another_request()),
                Err(flight) => flight.over,
            };
            // Closed is what it becomes.
            while over.changed().await.is_ok() {}
        };
        let record = kept.get::<Record>(&claim.once.name, now).await.map_err(|e| Trouble::not_kept(&e))?;
        match record {
            None => Ok(Claimed::New(claim)),
            Some(record) if record.print != claim.once.print => Err(Trouble::another_request()),
            Some(Record { began: Some(began), outcome: Some(outcome), .. }) => {
                Ok(Claimed::Over(began, outcome))
            }
            Some(Record { began: Some(began), .. }) => {
                claim.began = Some(began.clone());
                Ok(Claimed::Begun(claim, began))
            }
            Some(Record { began: None, .. }) => Err(Trouble::not_known()),
        }
    }

    /// A claim, or who has one.
    fn begin(&self, kept: &Kept, once: &Once) -> Result<Claim, Flight> {
        let mut flights = self.flights();
        if let Some(flight) = flights.get(&once.name) {
            return Err(flight.clone());
        }
        let (tell, over) = watch::channel(());
        flights.insert(once.name.clone(), Flight { print: once.print.clone(), over });
        let (kept, claims) = (kept.clone(), self.clone());
        Ok(Claim { once: once.clone(), began: None, kept, claims, _over: tell })
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<String, Flight>> {
        // Nothing in here is left half done by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    /// It is about to be done.
    pub(super) async fn begin(&self, now: i64) -> Result<(), Trouble> {
        self.write(None, now).await.map_err(|e| Trouble::not_kept(&e))
    }

    /// Its run was started.
    pub(super) async fn started(&mut self, began: Began, now: i64) {
        self.began = Some(began);
        self.tried(self.write(None, now).await);
    }

    /// That is the answer.
    pub(super) async fn done(self, outcome: Outcome, now: i64) {
        self.tried(self.write(Some(outcome), now).await);
    }

    /// It was not done: who sends it again has it done then.
    pub(super) async fn free(self) {
        self.tried(self.kept.remove(&self.once.name).await);
    }

    async fn write(&self, outcome: Option<Outcome>, now: i64) -> io::Result<()> {
        let record = Record { print: self.once.print.clone(), began: self.began.clone(), outcome };
        self.kept.put(&self.once.name, &record, now).await
    }

    fn tried<T>(&self, done: io::Result<T>) {
        if let Err(error) = done {
            let name = &self.once.name;
            tracing::warn!(%error, name, "what came of a request that may be sent again cannot be kept");
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.flights().remove(&self.once.name);
    }
}
