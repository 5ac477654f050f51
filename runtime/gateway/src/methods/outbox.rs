//! What can be asked about messages on their way out.

use super::{MessageNamed, Methods, written};
use crate::rpc::Fault;
use carapace_engine::inspect::{
    OutboxFilter, OutboxShown, find_message, message_history, no_message, outbox, view,
};
use carapace_engine::{ActId, Input, Reply, Wish};
use serde_json::Value as Json;

/// Messages in one answer, where nothing is said; and at most.
const LISTED: (usize, usize) = (100, 5_000);

impl Methods {
    pub(super) async fn outbox(&self, mut filter: OutboxFilter) -> Result<Json, Fault> {
        filter.limit = Some(filter.limit.unwrap_or(LISTED.0).min(LISTED.1));
        super::behind(filter.after.clone())?;
        written(&self.engine.look(move |state| outbox(state, &filter)).await?)
    }

    pub(super) async fn message(&self, text: String) -> Result<Json, Fault> {
        let (message, act) = self
            .engine
            .look(move |state| {
                let (stands, act) = find_message(state, &text).map_err(|some| not_one(&text, &some))?;
                let message = view(state, stands, &act).ok_or_else(|| not_one(&text, &[]))?;
                Ok::<_, Fault>((message, act))
            })
            .await??;
        let history =
            self.engine.read(move |journal, deployments| message_history(journal, &act, deployments));
        let history = history.await?.map_err(|e| Fault::refused("E0931", e.to_string(), None))?;
        written(&OutboxShown { message, history })
    }

    pub(super) async fn wish(&self, text: String, wish: Wish) -> Result<Json, Fault> {
        let act: ActId = self
            .engine
            .look(move |state| match find_message(state, &text) {
                Ok((_, act)) => Ok(act),
                Err(some) => Err(not_one(&text, &some)),
            })
            .await??;
        match self.engine.submit(Input::Outbox { act: act.clone(), wish }).await?.reply {
            Reply::Rejected(rejection) => {
                Err(Fault::refused(rejection.code, rejection.message, rejection.help))
            }
            _ => written(&MessageNamed { id: act.to_string() }),
        }
    }
}

fn not_one(text: &str, some: &[ActId]) -> Fault {
    let (code, message, help) = no_message(text, some);
    Fault::refused(code, message, Some(help))
}
