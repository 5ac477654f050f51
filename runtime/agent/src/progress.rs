//! What a model says, while it says it.

use carapace_effect::{Act, OpId, RunId};
use std::sync::Arc;
use tokio::sync::broadcast;

/// So many pieces are kept for a listener who is slow; who is slower misses some, and has the answer in the end.
const KEPT: usize = 1024;

/// A piece of what a model says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The run that asks.
    pub run: RunId,
    /// Its operation.
    pub op: OpId,
    /// Which attempt, counted from 1.
    pub attempt: u32,
    /// What is performed: `exchange.think`, `agent.ask`, …
    pub effect: Arc<str>,
    /// The agent that is asked, by full name.
    pub agent: Arc<str>,
    /// What happened.
    pub delta: Delta,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// It said this.
    Text(Arc<str>),
    /// What it said so far does not count: somebody is asked from the start.
    Again,
    /// It says no more; what became of it, the run is told.
    Over,
}

/// Where pieces are told.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    sender: broadcast::Sender<Progress>,
}

impl Teller {
    pub(crate) fn new() -> Teller {
        Teller { sender: broadcast::Sender::new(KEPT) }
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Progress> {
        self.sender.subscribe()
    }

    pub(crate) fn tell(&self, act: &Act, delta: Delta) {
        // An error says that nobody listens.
        if self.sender.receiver_count() > 0 {
            let (run, op) = (act.id.run, act.id.op.clone());
            let effect = act.request.effect.clone();
            let agent = act.agent.as_ref().map_or_else(|| "".into(), |agent| agent.name.clone());
            let _ = self.sender.send(Progress { run, op, attempt: act.attempt, effect, agent, delta });
        }
    }
}
