//! A completion as a whole.

use crate::openai::answer::{Answer, Call, Used};
use crate::openai::asking::Running;
use serde_json::{Map, Value as Json, json};

/// What stands in a completion and in each chunk of one.
#[derive(Debug, Clone)]
pub(super) struct Head {
    id: String,
    created: u64,
    model: String,
}

impl Head {
    /// That of a run.
    pub(super) fn of(running: &Running) -> Head {
        Head {
            id: format!("chatcmpl-{}", running.run),
            created: running.created,
            model: running.model.clone(),
        }
    }

    /// The whole answer.
    pub(super) fn whole(&self, answer: &Answer) -> Json {
        let mut message = Map::new();
        message.insert("role".to_owned(), "assistant".into());
        message.insert("content".to_owned(), content(answer));
        message.insert("refusal".to_owned(), Json::Null);
        if !answer.calls.is_empty() {
            message.insert("tool_calls".to_owned(), answer.calls.iter().map(call).collect());
        }
        let choice = json!({
            "index": 0, "message": message, "logprobs": null, "finish_reason": reason(answer),
        });
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
            "usage": usage(answer.used),
        })
    }

    /// A piece of it.
    pub(super) fn chunk(&self, choices: &Json) -> Json {
        json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        })
    }
}

/// Why an answer ends.
pub(super) fn reason(answer: &Answer) -> &'static str {
    if answer.calls.is_empty() { "stop" } else { "tool_calls" }
}

/// What an answer has used up.
pub(super) fn usage(used: Used) -> Json {
    json!({
        "prompt_tokens": used.input,
        "completion_tokens": used.output,
        "total_tokens": used.total(),
        "prompt_tokens_details": { "cached_tokens": used.cached },
    })
}

/// A call of a tool.
pub(super) fn call(call: &Call) -> Json {
    json!({
        "id": call.id,
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments },
    })
}

/// What is said beside calls may be nothing.
fn content(answer: &Answer) -> Json {
    if answer.text.is_empty() && !answer.calls.is_empty() {
        return Json::Null;
    }
    answer.text.clone().into()
}
