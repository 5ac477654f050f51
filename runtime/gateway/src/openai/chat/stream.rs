//! A completion in chunks (platform.openai.com/docs/api-reference/chat-streaming).

use super::whole::{Head, call, reason, usage};
use crate::openai::answer::Answer;
use crate::openai::live::Form;
use crate::openai::trouble::Trouble;
use axum::response::sse::Event;
use serde_json::{Value as Json, json};

/// What stands at the end.
const DONE: &str = "[DONE]";

/// Writes chunks.
pub(super) struct Chunks {
    head: Head,
    /// Whether the last one says what was used up.
    with_usage: bool,
}

impl Chunks {
    pub(super) fn new(head: Head, with_usage: bool) -> Chunks {
        Chunks { head, with_usage }
    }

    fn chunk(&self, choices: &Json, usage: Option<Json>) -> Event {
        let mut chunk = self.head.chunk(choices);
        if let (true, Some(chunk)) = (self.with_usage, chunk.as_object_mut()) {
            // Where it is asked for, each chunk has it, and all but the last have none in it.
            chunk.insert("usage".to_owned(), usage.unwrap_or_default());
        }
        Event::default().data(chunk.to_string())
    }

    fn delta(&self, delta: &Json, reason: Option<&str>) -> Event {
        let choice = json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason }]);
        self.chunk(&choice, None)
    }
}

impl Form for Chunks {
    fn begin(&mut self) -> Vec<Event> {
        vec![self.delta(&json!({ "role": "assistant", "content": "", "refusal": null }), None)]
    }

    fn said(&mut self, text: &str) -> Vec<Event> {
        vec![self.delta(&json!({ "content": text }), None)]
    }

    async fn answered(&mut self, answer: &Answer) -> Vec<Event> {
        let mut events = Vec::new();
        for (at, one) in answer.calls.iter().enumerate() {
            let mut whole = call(one);
            if let Some(whole) = whole.as_object_mut() {
                whole.insert("index".to_owned(), at.into());
            }
            events.push(self.delta(&json!({ "tool_calls": [whole] }), None));
        }
        events.push(self.delta(&json!({}), Some(reason(answer))));
        if self.with_usage {
            events.push(self.chunk(&json!([]), Some(usage(answer.used))));
        }
        events.push(Event::default().data(DONE));
        events
    }

    fn failed(&mut self, trouble: &Trouble) -> Vec<Event> {
        vec![Event::default().data(trouble.json().to_string())]
    }
}
