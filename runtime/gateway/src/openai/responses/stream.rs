//! A response as events (platform.openai.com/docs/api-reference/responses-streaming).

use super::stored::Keeping;
use super::whole::{Head, part};
use crate::openai::answer::{Answer, Call};
use crate::openai::live::Form;
use crate::openai::trouble::Trouble;
use axum::response::sse::Event;
use serde_json::{Value as Json, json};

/// Writes events.
pub(super) struct Events {
    head: Head,
    /// The number of the next.
    next: u64,
    /// What was said; none before the message was begun.
    said: Option<String>,
    keeping: Keeping,
}

impl Events {
    pub(super) fn new(head: Head, keeping: Keeping) -> Events {
        Events { head, next: 0, said: None, keeping }
    }

    fn event(&mut self, kind: &'static str, mut fields: Json) -> Event {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("type".to_owned(), kind.into());
            fields.insert("sequence_number".to_owned(), self.next.into());
        }
        self.next = self.next.saturating_add(1);
        Event::default().event(kind).data(fields.to_string())
    }

    /// An event about what is said.
    fn of_text(&mut self, kind: &'static str, mut fields: Json) -> Event {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("item_id".to_owned(), self.head.message_id().into());
            fields.insert("output_index".to_owned(), 0.into());
            fields.insert("content_index".to_owned(), 0.into());
        }
        self.event(kind, fields)
    }

    /// The message begins.
    fn open(&mut self) -> Vec<Event> {
        if self.said.is_some() {
            return Vec::new();
        }
        self.said = Some(String::new());
        let item = self.head.message("in_progress", &[]);
        vec![
            self.event("response.output_item.added", json!({ "output_index": 0, "item": item })),
            self.of_text("response.content_part.added", json!({ "part": part("") })),
        ]
    }

    /// The message ends.
    fn close(&mut self) -> Vec<Event> {
        let Some(text) = self.said.clone() else { return Vec::new() };
        let item = self.head.message("completed", &[part(&text)]);
        vec![
            self.of_text("response.output_text.done", json!({ "text": text, "logprobs": [] })),
            self.of_text("response.content_part.done", json!({ "part": part(&text) })),
            self.event("response.output_item.done", json!({ "output_index": 0, "item": item })),
        ]
    }

    /// A tool is to be called.
    fn call(&mut self, index: usize, at: usize, call: &Call) -> Vec<Event> {
        let id = self.head.call_id(at);
        let (begun, done) = (self.head.call(at, call, "in_progress"), self.head.call(at, call, "completed"));
        let said = json!({ "item_id": id, "output_index": index, "delta": call.arguments });
        let all = json!({
            "item_id": id, "output_index": index, "name": call.name, "arguments": call.arguments,
        });
        vec![
            self.event("response.output_item.added", json!({ "output_index": index, "item": begun })),
            self.event("response.function_call_arguments.delta", said),
            self.event("response.function_call_arguments.done", all),
            self.event("response.output_item.done", json!({ "output_index": index, "item": done })),
        ]
    }
}

impl Form for Events {
    fn begin(&mut self) -> Vec<Event> {
        let begun = json!({ "response": self.head.begun() });
        vec![self.event("response.created", begun.clone()), self.event("response.in_progress", begun)]
    }

    fn said(&mut self, text: &str) -> Vec<Event> {
        let mut events = self.open();
        if let Some(said) = &mut self.said {
            said.push_str(text);
        }
        events.push(self.of_text("response.output_text.delta", json!({ "delta": text, "logprobs": [] })));
        events
    }

    async fn answered(&mut self, answer: &Answer) -> Vec<Event> {
        let mut events = if answer.calls.is_empty() { self.open() } else { Vec::new() };
        events.extend(self.close());
        let before = usize::from(self.said.is_some());
        for (at, call) in answer.calls.iter().enumerate() {
            events.extend(self.call(before.saturating_add(at), at, call));
        }
        let text = self.said.clone().unwrap_or_default();
        let response = self.keeping.kept(self.head.completed(&text, answer)).await;
        events.push(self.event("response.completed", json!({ "response": response })));
        events
    }

    fn failed(&mut self, trouble: &Trouble) -> Vec<Event> {
        let response = self.head.failed(trouble);
        vec![self.event("response.failed", json!({ "response": response }))]
    }
}
