//! What is wanted of a runtime.

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;

/// Something that may be called.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    /// Its name: letters, digits, `_`, `-` and `.`.
    pub name: Arc<str>,
    /// What it does, for a model.
    pub description: Arc<str>,
    /// What it is given: a JSON Schema of an object.
    pub parameters: Json,
    /// What it returns, where that is always an object: a JSON Schema of it.
    pub result: Option<Json>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// It was done, with this result.
    Done(Json),
    /// It was not: why, for whoever called it.
    Failed(String),
}

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such tool, or it is not offered.
    #[error("{0}")]
    NoTool(String),
    /// It cannot be done, for another reason.
    #[error("{0}")]
    Other(String),
}

/// A runtime as whoever asks may use it.
#[async_trait]
pub trait Runtime: fmt::Debug + Send + Sync + 'static {
    /// What may be called.
    ///
    /// # Errors
    /// Why nobody can say.
    async fn offered(&self) -> Result<Vec<Offered>, Refusal>;

    /// A mark of what may be called, as soon as it is another than this one; after a while, the same again.
    ///
    /// # Errors
    /// Why nobody can say.
    async fn changed(&self, mark: Option<&str>) -> Result<Arc<str>, Refusal>;

    /// Calls something. Gives by what the call is known.
    ///
    /// # Errors
    /// Why it is not called.
    async fn start(&self, tool: &str, arguments: Map<String, Json>) -> Result<String, Refusal>;

    /// What came of a call, waiting for it for some seconds; none where it goes on.
    ///
    /// # Errors
    /// Why nobody can say.
    async fn ended(&self, call: &str) -> Result<Option<Ended>, Refusal>;

    /// Nobody waits for a call any more.
    async fn leave(&self, call: &str);
}
