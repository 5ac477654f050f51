//! What the gateway wants of those who ask models.

use carapace_effect::{Failure, OpId, RunId, Usage};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Those who ask models.
pub trait Models: fmt::Debug + Send + Sync + 'static {
    /// What models say from here on, as they say it. None where nobody tells; answers then come whole.
    fn listen(&self) -> Option<mpsc::UnboundedReceiver<Heard>> {
        None
    }

    /// Texts as numbers, and what that used up. Where there is no such model, the failure is
    /// [`FailureKind::Unavailable`](carapace_effect::FailureKind).
    fn embed(&self, request: Embed) -> Embedding<'_>;
}

/// Numbers on their way.
pub type Embedding<'m> = Pin<Box<dyn Future<Output = Spent> + Send + 'm>>;

/// What came of texts that were to be numbers.
#[derive(Debug)]
pub struct Spent {
    /// The numbers, or why there are none.
    pub embedded: Result<Embedded, Failure>,
    /// What each request to a model used up, whatever came of it.
    pub usage: Vec<Usage>,
}

/// What is heard of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// One says something.
    Said(Arc<Delta>),
    /// Some of what was said is lost.
    Lost,
}

/// A piece of what a model says for an agent that takes a step of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The run that asks.
    pub run: RunId,
    /// Its operation: the step.
    pub op: OpId,
    /// The agent that is asked, by full name.
    pub agent: Arc<str>,
    /// What happened.
    pub said: Said,
}

/// What a model does while it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It says this.
    Text(Arc<str>),
    /// What it said for this step so far does not count: somebody is asked from the start.
    Again,
}

/// Texts that are to be numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embed {
    /// The model.
    pub model: String,
    /// The texts.
    pub texts: Vec<String>,
}

/// Texts as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// One list for each text, in their order.
    pub vectors: Vec<Vec<f32>>,
    /// How many tokens the texts had.
    pub tokens: u64,
}
