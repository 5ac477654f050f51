//! What a model is asked, and what it answers, whoever provides it.

use genai::chat::{ChatOptions, ChatRequest, ContentPart};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Question {
    /// The model, as its provider calls it.
    pub(crate) model: String,
    /// Instructions, messages, tools.
    pub(crate) chat: ChatRequest,
    /// How it is to answer.
    pub(crate) options: ChatOptions,
}

/// An answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// What it says.
    #[serde(default)]
    pub(crate) text: String,
    /// The tools that it calls, by the names it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<Called>,
    /// What its provider wants to see again before the calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) thoughts: Vec<ContentPart>,
    /// Why it ended.
    #[serde(default)]
    pub(crate) stop: Stop,
    /// What it used up, where the provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) counted: Option<Counted>,
}

/// A call of a tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Called {
    /// The provider's id of it.
    pub(crate) id: String,
    /// The tool, by the name the model was told.
    pub(crate) name: String,
    /// What it is given.
    pub(crate) arguments: Json,
    /// Signatures that its provider wants to see again with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) signatures: Vec<String>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stop {
    /// It was at its end.
    #[default]
    Done,
    /// It was too long.
    Length,
    /// The model or its provider would not say more.
    Filtered,
}

/// What a request used up, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counted {
    /// What was given, all of it.
    pub(crate) input: u64,
    /// What of it was in the provider's cache.
    pub(crate) cached: u64,
    /// What of it was put into the provider's cache.
    pub(crate) written: u64,
    /// What was said, thoughts included.
    pub(crate) output: u64,
}

/// What texts mean, one for each.
pub(crate) type Vectors = Vec<Vec<f32>>;

/// What texts mean, as vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// Who made them: `provider/model`.
    pub model: String,
    /// One for each text.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens of the texts; an estimate where the provider does not say.
    pub tokens: u64,
}

impl Question {
    /// So many bytes, for an estimate.
    pub(crate) fn bytes(&self) -> u64 {
        let system = self.chat.system.as_ref().map_or(0, String::len);
        let messages: usize = self.chat.messages.iter().map(genai::chat::ChatMessage::size).sum();
        let tools: usize = self.chat.tools.iter().flatten().map(genai::chat::Tool::size).sum();
        u64::try_from(system + messages + tools).unwrap_or(u64::MAX)
    }
}

impl Answer {
    /// So many bytes, for an estimate.
    pub(crate) fn bytes(&self) -> usize {
        let called = |call: &Called| call.name.len() + call.arguments.to_string().len();
        self.text.len() + self.calls.iter().map(called).sum::<usize>()
    }
}
