//! Having a person forgotten: by a runtime that runs, and by one that does not.

use super::handle::{Gone, Handle, Request};
use crate::command::{Input, Rejection};
use crate::forget::{Found, Known, Living, Report};
use carapace_store::Store;
use std::time::Duration;
use tokio::sync::oneshot;

/// Somebody wants a person forgotten of whom this is there.
pub(super) struct Asked {
    pub(super) found: Box<Found>,
    pub(super) answer: oneshot::Sender<Result<Report, Rejection>>,
}

/// How it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct How {
    /// Runs that live are asked to end first.
    pub cancel: bool,
    /// It is only said what there is.
    pub dry_run: bool,
}

/// How long runs that were asked to end may take: an undo may wait for a network, or for a person.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether they have.
const OFTEN: Duration = Duration::from_millis(100);

/// How often a journal is read again that changed while it was.
const TRIES: u32 = 3;

impl Handle {
    /// Forgets a person, as they were typed: `telegram:12345`. Returns once nothing of them is there any more, which may take
    /// as long as reading and writing the whole journal does; the engine goes on meanwhile.
    ///
    /// # Errors
    /// Why they are not forgotten, and nothing was changed; that the engine has ended is its [`Gone`]. One that ended in the
    /// middle goes on with it when it starts again.
    pub async fn forget(&self, typed: &str, how: How) -> Result<Result<Report, Rejection>, Gone> {
        let (mut cancelled, mut known) = (false, Known::default());
        loop {
            let found = match self.find(typed, &known).await? {
                Ok(found) => found,
                Err(rejection) => return Ok(Err(rejection)),
            };
            if let Err(rejection) = found.check() {
                return Ok(Err(rejection));
            }
            if how.dry_run {
                return Ok(Ok(found.report().clone()));
            }
            known = found.known();
            let (found, living) = self
                .look(move |state| {
                    let living = found.living(state);
                    (found, living)
                })
                .await?;
            if living.is_empty() {
                let (answer, answered) = oneshot::channel();
                self.ask(Request::Forget(Asked { found, answer })).await?;
                let answer = answered.await.map_err(|_| Gone)?;
                // One that began meanwhile is ended like the others.
                let late = matches!(&answer, Err(rejection) if rejection.code == "E0968");
                if !late || !how.cancel || cancelled {
                    return Ok(answer);
                }
                continue;
            }
            if !how.cancel || cancelled {
                return Ok(Err(Found::too_early(&living, cancelled)));
            }
            cancelled = self.end(found, living).await?;
        }
    }

    /// Looks for a person in the journal, beside the engine.
    async fn find(&self, typed: &str, known: &Known) -> Result<Result<Box<Found>, Rejection>, Gone> {
        let loader = self.look(|state| state.loader).await?;
        let mut tries = TRIES;
        loop {
            let (typed, known) = (typed.to_owned(), known.clone());
            let look = move |journal: &dyn Store| Found::look_again(journal, loader, &typed, &known);
            let found = self.read(move |journal, _| look(journal)).await?;
            tries = tries.saturating_sub(1);
            match found {
                Ok(found) => return Ok(Ok(Box::new(found))),
                // The engine may have put away what was being read.
                Err(_) if tries > 0 => {}
                Err(error) => {
                    let message = format!("the journal cannot be searched: {error}");
                    return Ok(Err(Rejection { code: "E0931", message, help: None }));
                }
            }
        }
    }

    /// Asks runs to end, and waits until they have, for a while; says whether that while is over.
    async fn end(&self, mut found: Box<Found>, living: Vec<Living>) -> Result<bool, Gone> {
        for Living { run, .. } in living {
            let reason = "whose it is is to be forgotten".into();
            self.submit(Input::Cancel { run, reason }).await?;
        }
        let until = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < until {
            tokio::time::sleep(OFTEN).await;
            let (back, left) = self
                .look(move |state| {
                    let left = found.living(state).len();
                    (found, left)
                })
                .await?;
            if left == 0 {
                return Ok(false);
            }
            found = back;
        }
        Ok(true)
    }
}
