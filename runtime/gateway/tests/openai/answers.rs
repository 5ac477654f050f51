//! Answers as a whole.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_completion_is_one() {
    let world = World::begin().await;
    let answer = world.chat("say hello", json!({ "temperature": 0.5 })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut answer = answer.json();
    let id = answer["id"].take();
    assert!(id.as_str().unwrap().strip_prefix("chatcmpl-").is_some_and(|run| run.len() == 32), "{id}");
    assert!(answer["created"].take().as_u64().unwrap() > 1_000_000_000);
    let message = json!({ "role": "assistant", "content": "say hello", "refusal": null });
    assert_eq!(
        answer,
        json!({
            "id": null, "object": "chat.completion", "created": null, "model": "shop/desk",
            "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": "stop" }],
            "usage": {
                "prompt_tokens": 22, "completion_tokens": 14, "total_tokens": 36,
                "prompt_tokens_details": { "cached_tokens": 6 },
            },
        })
    );
    let request = json!({ "messages": [{ "role": "user", "content": "say hello" }], "temperature": 0.5 });
    assert_eq!(world.last_request(), request);
}

#[tokio::test]
async fn a_tool_of_whoever_asks_is_called_by_them() {
    let world = World::begin().await;
    let tools = json!([{ "type": "function", "function": { "name": "weather", "parameters": {} } }]);
    let answer = world.chat("call Rome", json!({ "tools": tools })).await.json();
    let choice = &answer["choices"][0];
    let function = json!({ "name": "weather", "arguments": "{\"city\":\"Rome\"}" });
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(
        choice["message"]["tool_calls"],
        json!([{ "id": "call_1", "type": "function", "function": function }])
    );
    assert_eq!(world.last_request()["tools"], tools);
}

#[tokio::test]
async fn a_response_is_one() {
    let world = World::begin().await;
    let body = json!({ "model": "shop/desk", "input": "say hello", "instructions": "Be brief." });
    let answer = world.post("/v1/responses", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    assert_eq!((&answer["status"], &answer["instructions"]), (&json!("completed"), &json!("Be brief.")));
    assert_eq!(answer["output"][0]["content"][0]["text"], "say hello");
    assert_eq!(answer["usage"]["total_tokens"], 36);
    let body = json!({ "model": "shop/desk", "input": "call Rome" });
    let answer = world.post("/v1/responses", &body).await.json();
    let kinds: Vec<_> = answer["output"].as_array().unwrap().iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, ["message", "function_call"]);
    assert_eq!(answer["output"][1]["arguments"], "{\"city\":\"Rome\"}");
}

#[tokio::test]
async fn other_packages_answer_for_themselves() {
    let world = World::begin().await;
    let body = json!({ "model": "works/desk", "messages": [{ "role": "user", "content": "hi" }] });
    let answer = world.post("/v1/chat/completions", &body).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], "main.desk says hi", "{answer}");
    assert_eq!(answer["usage"]["total_tokens"], 0);
}

#[tokio::test]
async fn many_at_once_each_have_their_own_answer() {
    let world = World::begin().await;
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..200 {
        let address = world.address;
        asked.spawn(async move {
            let body = crate::world::chat(&format!("say {number}"), json!({})).to_string();
            let path = "/v1/chat/completions";
            let answer =
                crate::world::ask(address, "POST", path, &[crate::world::JSON], body.as_bytes()).await;
            (number, answer)
        });
    }
    while let Some(joined) = asked.join_next().await {
        let (number, answer) = joined.unwrap();
        let said = answer.json()["choices"][0]["message"]["content"].clone();
        assert_eq!(said, format!("say {number}"), "{answer:?}");
    }
}
