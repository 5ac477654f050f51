//! What is sent, and what comes in pieces.

use crate::bed::{Bed, agent, ask, extract, think, tool};
use crate::server::{Server, chat, options};
use carapace_agent::{Delta, Kind};
use carapace_effect::Agent;
use serde_json::{Value as Json, json};

#[tokio::test]
async fn what_a_declaration_says_is_sent() {
    let server = Server::start(vec![chat("hi")]).await;
    let mut bed = Bed::new(options(Kind::Openai, &server.url));
    let properties = [
        ("instructions", json!("Be brief.")),
        ("temperature", json!(0.25)),
        ("max_tokens", json!(50)),
        ("effort", json!("low")),
    ];
    bed.done(ask(agent("work/gpt-x", &properties), "hello")).await;
    let body = server.bodies().remove(0);
    assert_eq!((&body["model"], &body["stream"]), (&json!("gpt-x"), &json!(true)));
    assert_eq!(
        body["messages"],
        json!([{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "hello" }])
    );
    assert_eq!((&body["temperature"], &body["reasoning_effort"]), (&json!(0.25), &json!("low")));
    assert_eq!(body["max_tokens"], json!(50));
    assert_eq!(body.get("prompt_cache_key"), None, "a server that is not OpenAI's may not know it");
}

#[tokio::test]
async fn a_model_is_called_as_it_is_called() {
    let server = Server::start(vec![chat("hi")]).await;
    let mut bed = Bed::new(options(Kind::Openai, &server.url));
    for name in ["qwen-max", "org/model:free", "glm-4-low"] {
        bed.done(ask(agent(&format!("work/{name}"), &[]), "hello")).await;
    }
    let names: Vec<Json> = server.bodies().iter().map(|body| body["model"].clone()).collect();
    assert_eq!(names, ["qwen-max", "org/model:free", "glm-4-low"]);
}

#[tokio::test]
async fn a_schema_is_sent_where_it_is_taken_and_told_where_it_is_not() {
    let closed = json!({
        "type": "object",
        "properties": { "a": { "type": "integer" } },
        "required": ["a"],
        "additionalProperties": false,
    });
    let open = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
    let server = Server::start(vec![chat(r#"{"a": 1}"#)]).await;
    for (schemas, schema, sent) in [(true, &closed, true), (false, &closed, false), (true, &open, false)] {
        let mut options = options(Kind::Openai, &server.url);
        options.providers.get_mut("work").unwrap().schemas = schemas;
        let (json, _) = Bed::new(options).done(extract(agent("work/m", &[]), "a is 1", schema.clone())).await;
        assert_eq!(json, json!({ "a": 1 }));
        let body = server.bodies().pop().unwrap();
        assert_eq!(body.get("response_format").is_some(), sent, "{body}");
        let system = body["messages"][0]["content"].as_str().unwrap();
        assert_eq!(system.contains("integer"), !sent, "{system}");
    }
}

#[tokio::test]
async fn tools_and_their_results_are_sent_as_the_wire_wants_them() {
    let server = Server::start(vec![chat("done")]).await;
    let mut bed = Bed::new(options(Kind::Openai, &server.url));
    let desk = Agent { tools: vec![tool("main.refund")], ..agent("work/m", &[]) };
    let turns = [
        json!({ "turn": "user", "text": "refund", "by": "ana" }),
        json!({ "turn": "call", "id": "c1", "name": "main.refund", "arguments": { "order": "1" } }),
        json!({ "turn": "result", "id": "c1", "outcome": { "done": { "paid": true } } }),
    ];
    bed.step(think(desk, &turns, Json::Null)).await;
    let body = server.bodies().remove(0);
    assert_eq!(body["tools"][0]["function"]["name"], "refund");
    assert_eq!(body["tools"][0]["function"]["parameters"]["required"], json!(["order"]));
    let roles: Vec<&str> =
        body["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "tool"]);
    let call = &body["messages"][1]["tool_calls"][0];
    assert_eq!((&call["id"], &call["function"]["name"]), (&json!("c1"), &json!("refund")));
    assert_eq!(body["messages"][2]["content"], r#"{"paid":true}"#);
}

#[tokio::test]
async fn anthropic_is_told_what_to_keep() {
    let server = Server::start(vec![crate::server::answer(500, "", "{}")]).await;
    let mut bed = Bed::new(options(Kind::Anthropic, &server.url));
    let desk = agent("work/m-x", &[("instructions", json!("Be brief."))]);
    bed.failed(think(desk.clone(), &[json!({ "turn": "user", "text": "hi" })], Json::Null)).await;
    bed.failed(ask(desk, "hi")).await;
    for body in server.bodies() {
        assert_eq!(body["system"][0]["cache_control"], json!({ "type": "ephemeral" }), "{body}");
    }
    let step = &server.bodies()[0]["messages"][0]["content"][0];
    assert_eq!(
        step["cache_control"],
        json!({ "type": "ephemeral" }),
        "what was said is said again with the next step"
    );
}

#[tokio::test]
async fn text_is_told_while_it_comes() {
    let server = Server::start(vec![chat("hello you")]).await;
    let mut bed = Bed::new(options(Kind::Openai, &server.url));
    let mut progress = bed.progress();
    bed.done(ask(agent("work/m", &[]), "x")).await;
    let first = progress.recv().await.unwrap();
    assert_eq!((first.run.0, first.op.to_string(), first.attempt), (1, ":3".to_owned(), 1));
    assert_eq!(first.delta, Delta::Text("hello you".into()));
    assert_eq!(progress.recv().await.unwrap().delta, Delta::Over);
}
