//! What a model thought goes back to it with the results of its calls: some take no results without.

use crate::bed::{Bed, agent, think, tool};
use crate::server::{Does, Server, events, named, options};
use carapace_agent::Kind;
use carapace_effect::{Agent, Step};
use serde_json::{Value as Json, json};

/// Asks, gives the results back, and says what was sent with them.
async fn sent_back(kind: Kind, first: Does, other: bool) -> (Step, Json) {
    let server = Server::start(vec![first]).await;
    let mut bed = Bed::new(options(kind, &server.url));
    let desk = |model: &str| Agent { tools: vec![tool("main.refund")], ..agent(model, &[]) };
    let mut turns = vec![json!({ "turn": "user", "text": "refund" })];
    let step = bed.step(think(desk("work/m"), &turns, Json::Null)).await;
    for call in &step.calls {
        turns.push(json!({
            "turn": "call", "id": call.id, "name": call.tool, "arguments": call.arguments,
            "says": step.text, "opaque": call.opaque,
        }));
    }
    for call in &step.calls {
        turns.push(json!({ "turn": "result", "id": call.id, "outcome": { "done": "ok" } }));
    }
    let model = if other { "work/another" } else { "work/m" };
    bed.step(think(desk(model), &turns, Json::Null)).await;
    (step, server.bodies().remove(1))
}

fn anthropic() -> Does {
    named(&[
        (
            "message_start",
            r#"{"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}"#,
        ),
        (
            "content_block_start",
            r#"{"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        ),
        ("content_block_delta", r#"{"index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#),
        ("content_block_delta", r#"{"index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#),
        ("content_block_stop", r#"{"index":0}"#),
        ("content_block_start", r#"{"index":1,"content_block":{"type":"text","text":""}}"#),
        ("content_block_delta", r#"{"index":1,"delta":{"type":"text_delta","text":"One moment."}}"#),
        ("content_block_stop", r#"{"index":1}"#),
        (
            "content_block_start",
            r#"{"index":2,"content_block":{"type":"tool_use","id":"t1","name":"refund","input":{}}}"#,
        ),
        (
            "content_block_delta",
            r#"{"index":2,"delta":{"type":"input_json_delta","partial_json":"{\"order\":\"1\"}"}}"#,
        ),
        ("content_block_stop", r#"{"index":2}"#),
        ("message_delta", r#"{"delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}"#),
        ("message_stop", "{}"),
    ])
}

#[tokio::test]
async fn anthropic_sees_its_thoughts_again_and_another_model_does_not() {
    let (step, body) = sent_back(Kind::Anthropic, anthropic(), false).await;
    assert_eq!((&*step.text, &*step.calls[0].id), ("One moment.", "t1"));
    let content = &body["messages"][1]["content"];
    assert_eq!(content[0], json!({ "type": "thinking", "thinking": "hm", "signature": "c2ln" }));
    assert_eq!(content[1]["text"], "One moment.");
    assert_eq!((&content[2]["type"], &content[2]["input"]), (&json!("tool_use"), &json!({ "order": "1" })));
    assert_eq!(body["messages"][2]["content"][0]["tool_use_id"], "t1");
    let (_, body) = sent_back(Kind::Anthropic, anthropic(), true).await;
    assert_eq!(body["messages"][1]["content"][0]["type"], "text", "{body}");
}

#[tokio::test]
async fn gemini_sees_the_signature_of_its_call_again() {
    let piece = json!({
        "candidates": [{
            "content": { "parts": [
                { "functionCall": { "name": "refund", "args": { "order": "1" } }, "thoughtSignature": "c2ln" },
            ] },
            "finishReason": "STOP",
        }],
        "usageMetadata": { "promptTokenCount": 5, "candidatesTokenCount": 3 },
    });
    let (step, body) = sent_back(Kind::Gemini, Does::Say(events(&[&piece.to_string()])), false).await;
    assert_eq!(&*step.calls[0].tool, "main.refund");
    let parts = body["contents"][1]["parts"].as_array().unwrap();
    let call = parts.iter().find(|part| part.get("functionCall").is_some()).unwrap();
    assert_eq!(call["thoughtSignature"], "c2ln", "{body}");
    assert_eq!(body["contents"][2]["parts"][0]["functionResponse"]["name"], "refund");
}
