//! Who answers: a provider on the network, a script, a recording.

mod client;
mod fault;
mod recorded;
mod remote;
mod scripted;

mod question;

pub(crate) use client::client;
pub(crate) use question::{Answer, Called, Counted, Question, Stop};
pub(crate) use recorded::{Recording, Replay};
pub(crate) use remote::{Remote, Wire};
pub(crate) use scripted::Scripted;

pub use question::Embedded;
pub(crate) use question::Vectors;

use crate::Error;
use async_trait::async_trait;

/// Who is told each piece of text as it comes; an empty one says that something else came.
pub(crate) type Told<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Somebody who answers.
#[async_trait]
pub(crate) trait Answers: Send + Sync {
    /// Asks, and tells each piece of text as it comes. Nothing half is answered: an answer that was cut off is an error.
    async fn ask(&self, question: &Question, told: Told<'_>) -> Result<Answer, Error>;

    /// What texts mean, as vectors, in their order; and what that used up, where the provider says so.
    async fn embed(&self, model: &str, texts: &[String]) -> Result<(Vectors, Option<Counted>), Error> {
        let _ = texts;
        Err(Error::unavailable(format!("the provider of `{model}` gives no embeddings")))
    }
}
