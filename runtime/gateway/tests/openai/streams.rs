//! Answers as they come, and those who hang up.

use crate::world::{JSON, World, chat, send};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

fn parsed(data: &str) -> Json {
    serde_json::from_str(data).unwrap_or_else(|e| panic!("{e}: {data}"))
}

#[tokio::test]
async fn a_completion_comes_in_chunks() {
    let world = World::begin().await;
    for (message, pieces) in [("spell abc", vec!["a", "b", "c"]), ("say all", vec!["say all"])] {
        let more = json!({ "stream": true, "stream_options": { "include_usage": true } });
        let answer = world.chat(message, more).await;
        assert_eq!(answer.header("content-type"), Some("text/event-stream"), "{answer:?}");
        let mut events = answer.events();
        assert_eq!(events.pop().unwrap().1, "[DONE]");
        let chunks: Vec<Json> = events.iter().map(|(_, data)| parsed(data)).collect();
        let said: Vec<&str> =
            chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
        assert_eq!((said[0], &said[1..]), ("", &pieces[..]), "{message}");
        assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
        assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "stop");
        let last = &chunks[chunks.len() - 1];
        assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(36)));
        assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]));
    }
}

#[tokio::test]
async fn without_anybody_who_tells_it_comes_at_once() {
    let world = World::with(false).await;
    let answer = world.chat("spell abc", json!({ "stream": true })).await;
    let chunks: Vec<Json> =
        answer.events().iter().filter(|(_, data)| data != "[DONE]").map(|(_, data)| parsed(data)).collect();
    let said: Vec<&str> =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(said, ["", "abc"]);
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[tokio::test]
async fn calls_come_in_chunks() {
    let world = World::begin().await;
    let answer = world.chat("call Rome", json!({ "stream": true })).await;
    let events = answer.events();
    let calls = events.iter().find(|(_, data)| data.contains("tool_calls")).unwrap();
    let call = &parsed(&calls.1)["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!((&call["index"], &call["function"]["name"]), (&json!(0), &json!("weather")));
    assert!(events.iter().any(|(_, data)| data.contains(r#""finish_reason":"tool_calls""#)));
}

#[tokio::test]
async fn a_response_comes_as_events() {
    let world = World::begin().await;
    let text = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
    ];
    let call = [
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
    ];
    let done = ["response.completed"];
    for (input, expected) in
        [("say all", [&text[..], &done].concat()), ("call Rome", [&text[..], &call, &done].concat())]
    {
        let body = json!({ "model": "shop/desk", "input": input, "stream": true });
        let events = world.post("/v1/responses", &body).await.events();
        let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected, "{input}");
        for (number, (name, data)) in events.iter().enumerate() {
            let data = parsed(data);
            assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(number)));
        }
        let last = parsed(&events.last().unwrap().1);
        assert_eq!(last["response"]["status"], "completed");
        let items: Vec<Json> = events
            .iter()
            .filter(|(name, _)| name == "response.output_item.done")
            .map(|(_, data)| parsed(data)["item"].clone())
            .collect();
        assert_eq!(last["response"]["output"], json!(items));
    }
}

#[tokio::test]
async fn what_fails_before_anything_is_said_has_a_status() {
    let world = World::begin().await;
    let answer = world.chat("fail limited", json!({ "stream": true })).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3")), "{answer:?}");
}

#[tokio::test]
async fn whoever_hangs_up_has_the_run_cancelled() {
    let world = World::begin().await;
    for more in [json!({}), json!({ "stream": true })] {
        let before = world.ends().await.len();
        let body = chat("wait here", more).to_string();
        let stream = send(world.address, "POST", "/v1/chat/completions", &[JSON], body.as_bytes()).await;
        // The run waits for its model.
        while world.asked.lock().unwrap().is_empty() {
            tokio::time::sleep(PAUSE).await;
        }
        drop(stream);
        while world.ends().await.len() == before {
            tokio::time::sleep(PAUSE).await;
        }
        let ends = world.ends().await;
        assert!(ends.last().unwrap().contains("whoever asked hung up"), "{ends:?}");
        world.asked.lock().unwrap().clear();
    }
}
