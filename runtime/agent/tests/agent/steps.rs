//! Steps of an agent that has tools.

use crate::bed::{Bed, agent, script, think, tool};
use async_trait::async_trait;
use carapace_agent::{Options, Toolbox};
use carapace_effect::{Agent, Connection, FailureKind, Step, Tool};
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn desk() -> Agent {
    Agent { tools: vec![tool("main.refund"), tool("main.cancel")], ..agent("demo/m", &[]) }
}

fn user(text: &str) -> Json {
    json!({ "turn": "user", "text": text, "by": "ana" })
}

#[tokio::test]
async fn a_step_calls_tools_by_their_full_names_and_goes_on_with_their_results() {
    let mut bed = Bed::scripted(&[
        json!({ "result": "ok", "turn": 2, "say": "Both are done." }),
        json!({
            "text": "refund", "say": "One moment.",
            "calls": [
                { "tool": "refund", "arguments": { "order": "1" }, "id": "c" },
                { "tool": "cancel", "arguments": { "order": "2" }, "id": "c" },
                { "tool": "sing" },
            ],
        }),
    ]);
    let step = bed.step(think(desk(), &[user("refund 1 and cancel 2")], Json::Null)).await;
    let calls: Vec<(&str, &str)> = step.calls.iter().map(|call| (&*call.id, &*call.tool)).collect();
    assert_eq!(&*step.text, "One moment.");
    assert_eq!(calls[..2], [("c", "main.refund"), ("c-2", "main.cancel")], "each id stands once");
    assert_eq!(calls[2].1, "sing", "what there is not, is told as it was written");
    let turns = [
        user("refund 1 and cancel 2"),
        json!({ "turn": "call", "id": "c", "name": "main.refund", "arguments": { "order": "1" } }),
        json!({ "turn": "call", "id": "c-2", "name": "main.cancel", "arguments": { "order": "2" } }),
        json!({ "turn": "result", "id": "c", "outcome": { "done": "ok" } }),
        json!({ "turn": "result", "id": "c-2", "outcome": { "failed": "there is no order 2" } }),
    ];
    let step = bed.step(think(desk(), &turns, Json::Null)).await;
    assert_eq!(step, Step { text: "Both are done.".into(), calls: Vec::new() });
}

#[tokio::test]
async fn an_asker_brings_messages_and_tools_of_their_own() {
    let mut bed = Bed::scripted(&[
        json!({ "result": "sunny", "say": "Take a hat." }),
        json!({ "text": "weather", "calls": [{ "tool": "get_weather", "arguments": { "order": "x" } }] }),
    ]);
    let tools = json!([{ "type": "function", "function": { "name": "get_weather", "parameters": { "type": "object" } } }]);
    let messages =
        json!([{ "role": "system", "content": "s" }, { "role": "user", "content": "the weather?" }]);
    let request = json!({ "messages": messages, "tools": tools });
    let step = bed.step(think(desk(), &[user("the weather?")], request)).await;
    assert_eq!(&*step.calls[0].tool, "client.get_weather");
    let messages = json!([
        { "role": "user", "content": "the weather?" },
        { "role": "assistant", "tool_calls": [{ "id": "1", "function": { "name": "get_weather", "arguments": "{}" } }] },
        { "role": "tool", "tool_call_id": "1", "content": "sunny" },
    ]);
    let step =
        bed.step(think(desk(), &[user("sunny")], json!({ "messages": messages, "tools": tools }))).await;
    assert_eq!(&*step.text, "Take a hat.");
    let wrong = json!({ "messages": [{ "role": "robot", "content": "x" }] });
    let (failure, _) = bed.failed(think(desk(), &[user("x")], wrong)).await;
    assert_eq!(failure.kind, FailureKind::Refused);
    let (failure, _) = bed.failed(think(desk(), &[], Json::Null)).await;
    assert_eq!(failure.kind, FailureKind::Unavailable, "nothing was said");
}

struct Files;

#[async_trait]
impl Toolbox for Files {
    async fn tools(&self, connections: &[Connection]) -> Vec<Tool> {
        connections.iter().map(|connection| tool(&format!("{}.read", connection.name))).collect()
    }
}

#[tokio::test]
async fn tools_of_servers_are_offered_with_the_packages_own() {
    let (provider, folder) = script(&[json!({ "calls": [{ "tool": "files_read", "arguments": {} }] })]);
    let providers = [("demo".to_owned(), provider)].into();
    let mut bed = Bed::with(Options { providers, ..Options::default() }, Arc::new(Files), vec![folder]);
    let connections = vec![Connection { name: "main.files".into(), server: "files".into() }];
    let step = bed.step(think(Agent { connections, ..desk() }, &[user("read")], Json::Null)).await;
    assert_eq!(&*step.calls[0].tool, "main.files.read");
}
