//! Runs of former versions go on with the one that serves.

use super::{Methods, written};
use crate::rpc::Fault;
use carapace_effect::RunId;
use carapace_engine::inspect::{Move, could_move, left_behind};
use carapace_engine::service::{Gone, Handle};
use carapace_engine::{Input, Reply};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::task::JoinSet;

/// How many are looked at at a time, so that the engine does something else in between.
const AT_ONCE: usize = 256;

/// How many are told in full.
const TOLD: usize = 1_000;

/// What became of runs of former versions, or would.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Moves {
    /// Run by run, those that stay first; not all where there are very many.
    pub runs: Vec<Move>,
    /// How many were moved, or could be.
    pub moved: usize,
    /// How many stay as they are.
    pub stay: usize,
    /// Whether it was only looked at.
    pub dry_run: bool,
}

impl Methods {
    pub(super) async fn transfer(
        &self,
        run: Option<String>,
        flow: Option<String>,
        dry_run: bool,
    ) -> Result<Json, Fault> {
        let runs = match run {
            Some(run) => vec![self.live(run).await?],
            None => self.engine.look(move |state| left_behind(state, flow.as_deref())).await?,
        };
        let (mut stay, mut moved) = (Vec::new(), Vec::new());
        let mut counts = (0_usize, 0_usize);
        for some in runs.chunks(AT_ONCE) {
            let ids = some.to_vec();
            let looked = move |state: &_| ids.iter().filter_map(|run| could_move(state, *run)).collect();
            let looked: Vec<Move> = self.engine.look(looked).await?;
            for one in if dry_run { looked } else { apply(&self.engine, looked).await? } {
                let (count, told) =
                    if one.to.is_some() { (&mut counts.0, &mut moved) } else { (&mut counts.1, &mut stay) };
                *count = count.saturating_add(1);
                if told.len() < TOLD {
                    told.push(one);
                }
            }
        }
        stay.append(&mut moved);
        written(&Moves { runs: stay, moved: counts.0, stay: counts.1, dry_run })
    }
}

/// Moves those that can be, and says what became of each: something may have happened to it since it was looked at.
async fn apply(engine: &Handle, looked: Vec<Move>) -> Result<Vec<Move>, Gone> {
    let mut asked = JoinSet::new();
    let mut done = Vec::with_capacity(looked.len());
    for one in looked {
        if one.to.is_none() {
            done.push(one);
            continue;
        }
        let engine = engine.clone();
        asked.spawn(async move {
            let reply = engine.submit(Input::Move { run: one.run }).await?.reply;
            Ok::<Move, Gone>(match reply {
                Reply::Rejected(rejection) => Move { to: None, why: Some(rejection.message), ..one },
                _ => one,
            })
        });
    }
    while let Some(joined) = asked.join_next().await {
        done.push(joined.map_err(|_| Gone)??);
    }
    done.sort_unstable_by_key(|one| RunId(one.run.0));
    Ok(done)
}
