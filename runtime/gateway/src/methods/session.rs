//! What can be asked about sessions of agents.

use super::{Methods, written};
use crate::rpc::Fault;
use carapace_engine::inspect::{
    After, Restorable, blobs_of, every_session, find_session, no_session, sessions, verify_sessions,
};
use carapace_engine::{Input, Reply};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Sessions in one answer, where nothing is said; and at most.
const LISTED: (usize, usize) = (100, 5_000);

/// A session, by its short name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionNamed {
    /// The name.
    pub session: String,
    /// How many turns are back.
    pub turns: usize,
}

impl Methods {
    pub(super) async fn sessions(
        &self,
        agent: Option<String>,
        after: Option<After>,
        limit: Option<usize>,
    ) -> Result<Json, Fault> {
        let limit = limit.unwrap_or(LISTED.0).min(LISTED.1);
        written(
            &self.engine.look(move |state| sessions(state, agent.as_deref(), after.as_ref(), limit)).await?,
        )
    }

    pub(super) async fn session(&self, text: String, whole: bool) -> Result<Json, Fault> {
        let seen =
            self.engine.look(move |state| find_session(state, &text).map_err(|some| not_one(&text, &some)));
        let seen = seen.await??;
        let shown = self.engine.read(move |journal, _| seen.shown(whole, &mut blobs_of(journal)));
        written(&shown.await?)
    }

    pub(super) async fn restore_session(&self, text: String) -> Result<Json, Fault> {
        let seen =
            self.engine.look(move |state| find_session(state, &text).map_err(|some| not_one(&text, &some)));
        let seen = seen.await??;
        let found = self.engine.read(move |journal, _| seen.last_put_away(&mut blobs_of(journal))).await?;
        let Restorable { session, archive, turns } =
            found.map_err(|(code, message, help)| Fault::refused(code, message, Some(help)))?;
        let named = SessionNamed {
            session: session.id(),
            turns: turns.iter().filter(|turn| turn.of.is_some()).count(),
        };
        match self.engine.submit(Input::Restore { session, archive, turns }).await?.reply {
            Reply::Rejected(rejection) => {
                Err(Fault::refused(rejection.code, rejection.message, rejection.help))
            }
            _ => written(&named),
        }
    }

    pub(super) async fn verify_sessions(&self, text: Option<String>) -> Result<Json, Fault> {
        let seen = self.engine.look(move |state| match text {
            Some(text) => {
                find_session(state, &text).map(|one| vec![one]).map_err(|some| not_one(&text, &some))
            }
            None => Ok(every_session(state)),
        });
        let seen = seen.await??;
        let verified = self.engine.read(move |journal, _| verify_sessions(&seen, &mut blobs_of(journal)));
        written(&verified.await?)
    }
}

fn not_one(text: &str, some: &[String]) -> Fault {
    let (code, message, help) = no_session(text, some);
    Fault::refused(code, message, Some(help))
}
