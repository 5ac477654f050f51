//! A response as a whole.

use super::stored::BEFORE;
use crate::openai::answer::{Answer, Call, Used};
use crate::openai::asking::Running;
use crate::openai::trouble::Trouble;
use carapace_effect::RunId;
use serde_json::{Map, Value as Json, json};

/// What stands in a response from the beginning.
#[derive(Debug, Clone)]
pub(super) struct Head {
    run: RunId,
    created: u64,
    model: String,
    echo: Map<String, Json>,
}

impl Head {
    /// That of a run.
    pub(super) fn of(running: &Running, echo: Map<String, Json>) -> Head {
        Head { run: running.run, created: running.created, model: running.model.clone(), echo }
    }

    /// As it stands before anything is said.
    pub(super) fn begun(&self) -> Json {
        self.response("in_progress", Vec::new(), Json::Null, Json::Null)
    }

    /// With all of it.
    pub(super) fn completed(&self, text: &str, answer: &Answer) -> Json {
        let mut output = Vec::new();
        if !text.is_empty() || answer.calls.is_empty() {
            output.push(self.message("completed", &[part(text)]));
        }
        output.extend(answer.calls.iter().enumerate().map(|(at, call)| self.call(at, call, "completed")));
        self.response("completed", output, usage(answer.used), Json::Null)
    }

    /// Without an answer.
    pub(super) fn failed(&self, trouble: &Trouble) -> Json {
        let code = if trouble.is_too_much() { "rate_limit_exceeded" } else { "server_error" };
        let error = json!({ "code": code, "message": trouble.message() });
        self.response("failed", Vec::new(), Json::Null, error)
    }

    fn response(&self, status: &str, output: Vec<Json>, usage: Json, error: Json) -> Json {
        let mut response = json!({
            "id": format!("{BEFORE}{}", self.run),
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": false,
            "error": error,
            "incomplete_details": null,
            "instructions": null,
            "model": self.model,
            "output": output,
            "parallel_tool_calls": true,
            "previous_response_id": null,
            "truncation": "disabled",
            "usage": usage,
        });
        if let Some(response) = response.as_object_mut() {
            response.extend(self.echo.clone());
        }
        response
    }

    /// The id of what is said.
    pub(super) fn message_id(&self) -> String {
        format!("msg_{}", self.run)
    }

    /// What is said.
    pub(super) fn message(&self, status: &str, content: &[Json]) -> Json {
        json!({
            "id": self.message_id(),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": content,
        })
    }

    /// The id of a call.
    pub(super) fn call_id(&self, at: usize) -> String {
        format!("fc_{}_{at}", self.run)
    }

    /// A call of a tool.
    pub(super) fn call(&self, at: usize, call: &Call, status: &str) -> Json {
        let arguments = if status == "completed" { call.arguments.as_str() } else { "" };
        json!({
            "id": self.call_id(at),
            "type": "function_call",
            "status": status,
            "call_id": call.id,
            "name": call.name,
            "arguments": arguments,
        })
    }
}

/// A text, as a part of what is said.
pub(super) fn part(text: &str) -> Json {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

fn usage(used: Used) -> Json {
    json!({
        "input_tokens": used.input,
        "input_tokens_details": { "cached_tokens": used.cached, "cache_write_tokens": 0 },
        "output_tokens": used.output,
        "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": used.total(),
    })
}
