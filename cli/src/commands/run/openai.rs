//! Those who ask models, as the gateway knows them.

use carapace_agent::{Delta as Said, Handle, Progress};
use carapace_effect::Failure;
use carapace_gateway::openai::{self, Delta, Embed, Embedded, Embedding, Heard, Models, Spent};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

/// A step of an exchange: what agents say in one is told to whoever asked for it.
const STEP: &str = "exchange.think";

/// The performer of agents.
#[derive(Debug)]
pub(crate) struct Thinking(Handle);

impl Thinking {
    /// This one.
    pub(crate) fn of(handle: Handle) -> Thinking {
        Thinking(handle)
    }
}

impl Models for Thinking {
    fn listen(&self) -> Option<mpsc::UnboundedReceiver<Heard>> {
        let mut progress = self.0.progress();
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let heard = match progress.recv().await {
                    Ok(said) => heard(said),
                    Err(RecvError::Lagged(_)) => Some(Heard::Lost),
                    Err(RecvError::Closed) => return,
                };
                if heard.is_some_and(|heard| tell.send(heard).is_err()) {
                    return;
                }
            }
        });
        Some(told)
    }

    fn embed(&self, request: Embed) -> Embedding<'_> {
        Box::pin(async move {
            let (embedded, usage) = self.0.embed(&request.model, &request.texts).await;
            let embedded = embedded
                .map(|made| Embedded { vectors: made.vectors, tokens: made.tokens })
                .map_err(Failure::from);
            Spent { embedded, usage }
        })
    }
}

/// What is told on of what a model says.
fn heard(progress: Progress) -> Option<Heard> {
    let Progress { run, op, effect, agent, delta, .. } = progress;
    let said = match delta {
        Said::Text(text) => openai::Said::Text(text),
        Said::Again => openai::Said::Again,
        Said::Over => return None,
    };
    (*effect == *STEP).then(|| Heard::Said(Arc::new(Delta { run, op, agent, said })))
}
