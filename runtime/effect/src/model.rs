//! What a model is asked with, and what asking it has used up: the form, for the engine and for those who ask.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// The agent that is asked, as its declaration has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Its full name: `main.desk`.
    pub name: Arc<str>,
    /// Its properties by name, as constant JSON: `model`, `instructions`, `temperature`, `max_tokens`, `effort`, `provider`, …
    pub properties: Vec<(Arc<str>, Json)>,
    /// The tools that it may call: those of the package. What servers offer beside them is for whoever asks to know.
    pub tools: Vec<Tool>,
    /// Servers whose tools it may call.
    pub connections: Vec<Connection>,
}

/// A server of the Model Context Protocol, as a package names it and as the runtime knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The connection's full name: `main.files`. Its tools are called `main.files.read`.
    pub name: Arc<str>,
    /// What it is bound to: the name of a server in carapace.json5.
    pub server: Arc<str>,
}

impl Agent {
    /// A property, where it is said.
    pub fn property(&self, name: &str) -> Option<&Json> {
        self.properties.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }
}

/// A tool as a model is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its full name: `main.refund`. Providers take letters, digits, `_` and `-`: whoever asks writes it so, and back.
    pub name: Arc<str>,
    /// Its doc comment.
    pub description: Arc<str>,
    /// A JSON Schema of an object: what it is given.
    pub parameters: Json,
}

/// One step of an agent that has tools: it says something, or calls some, or both. The JSON of the library's `Step`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Step {
    /// What it says.
    #[serde(default)]
    pub text: Arc<str>,
    /// What it calls; nothing where this is its answer.
    #[serde(default)]
    pub calls: Vec<ToolCall>,
}

/// A tool's call, as a model asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// By this its result is known; once in an exchange.
    pub id: Arc<str>,
    /// The tool's full name; where there is none of that name, as the model wrote it.
    pub tool: Arc<str>,
    /// What it is given, by parameter.
    pub arguments: Json,
    /// What the provider wants to see again with this call, and nobody else understands: the signature of a thought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<Arc<str>>,
}

/// What one request to a model has used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Usage {
    /// Provider and model, as they were asked: `openai/gpt-5.4`.
    pub model: Arc<str>,
    /// Tokens of what it was given, those of a cache included.
    pub input: u64,
    /// Those of them that the provider had in its cache.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached: u64,
    /// Tokens of what it said, its thoughts included.
    pub output: u64,
    /// What that costs in millionths of a US dollar; none where no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// Whether the provider did not say how many tokens it were, and they are estimated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl Usage {
    /// All of its tokens, as budgets count them.
    pub const fn tokens(&self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}
