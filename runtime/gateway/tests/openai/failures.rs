//! Requests that are refused, and runs that fail.

use crate::world::{Answer, JSON, World, ask, chat};
use carapace_gateway::auth::{Grant, Scope};
use serde_json::json;
use std::collections::BTreeSet;

/// Status, type and code of an error, which is one in OpenAI's shape.
fn error(answer: &Answer) -> (u16, String, String) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    let error = &answer.json()["error"];
    assert!(error["message"].is_string() && error.get("param").is_some(), "{answer:?}");
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (answer.status, text("type"), text("code"))
}

fn of(status: u16, kind: &str, code: &str) -> (u16, String, String) {
    (status, kind.to_owned(), code.to_owned())
}

#[tokio::test]
async fn each_failure_has_a_status() {
    let world = World::begin().await;
    for (message, expected) in [
        ("fail budget", of(429, "insufficient_quota", "insufficient_quota")),
        ("fail limited", of(429, "rate_limit_error", "rate_limit_exceeded")),
        ("fail transient", of(503, "server_error", "E1094")),
        ("fail unavailable", of(503, "server_error", "E1094")),
        ("fail timeout", of(504, "server_error", "E1094")),
        ("fail refused", of(502, "server_error", "E1093")),
        ("fail invalid", of(502, "server_error", "E1093")),
        ("odd", of(500, "server_error", "E1093")),
    ] {
        let answer = world.chat(message, json!({})).await;
        assert_eq!(error(&answer), expected, "{message}");
        let response = world.post("/v1/responses", &json!({ "model": "shop/desk", "input": message })).await;
        assert_eq!(error(&response), expected, "{message}");
    }
}

#[tokio::test]
async fn what_the_gateway_refuses_has_that_shape_too() {
    let world = World::begin().await;
    let body = chat("say x", json!({})).to_string();
    let grant = |scopes: &[Scope]| Grant {
        name: format!("of-{}", scopes.len()),
        scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
        lives: None,
    };
    let token = |scopes: &[Scope]| {
        format!("authorization: Bearer {}", world.access.create(grant(scopes), None).unwrap().token)
    };
    let (reader, talker) = (token(&[Scope::Read, Scope::Operate]), token(&[Scope::Chat]));
    let unauthorized = of(401, "invalid_request_error", "invalid_api_key");
    let forbidden = of(403, "invalid_request_error", "insufficient_permissions");
    let invalid = |status, code: &str| of(status, "invalid_request_error", code);
    for (verb, path, fields, body, expected) in [
        (
            "POST",
            "/v1/chat/completions",
            vec![JSON, "authorization: Bearer sk-wrong"],
            body.as_str(),
            unauthorized.clone(),
        ),
        ("GET", "/v1/models", vec!["authorization: Bearer sk-wrong"], "", unauthorized),
        ("POST", "/v1/chat/completions", vec![JSON, &reader], &body, forbidden.clone()),
        ("POST", "/v1/responses", vec![JSON, &reader], "{}", forbidden.clone()),
        ("POST", "/v1/embeddings", vec![JSON, &reader], "{}", forbidden.clone()),
        ("GET", "/v1/models", vec![&reader], "", forbidden),
        ("GET", "/v1/chat/completions", vec![&talker], "", invalid(405, "E1035")),
        ("GET", "/v1/responses/resp_1", vec![&talker], "", invalid(404, "E1142")),
        ("GET", "/v1/responses/resp_1/input_items", vec![&talker], "", invalid(404, "E1034")),
        ("POST", "/v1/chat/completions", vec![&talker], &body, invalid(415, "E1032")),
        ("POST", "/v1/chat/completions", vec![JSON], "", invalid(400, "E1091")),
        ("POST", "/v1/chat/completions", vec![JSON], "{", invalid(400, "E1091")),
        ("POST", "/v1/chat/completions", vec![JSON], "[]", invalid(400, "E1091")),
        ("POST", "/v1/chat/completions", vec![JSON, "host: elsewhere"], "{}", invalid(421, "E1026")),
    ] {
        let answer = ask(world.address, verb, path, &fields, body.as_bytes()).await;
        assert_eq!(error(&answer), expected, "{verb} {path} {fields:?}");
    }
    let answer = ask(world.address, "POST", "/v1/chat/completions", &[JSON, &talker], body.as_bytes()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let large = vec![b' '; (8 << 20) + 1];
    let answer = ask(world.address, "POST", "/v1/responses", &[JSON], &large).await;
    assert_eq!(error(&answer), invalid(413, "E1033"));
    // Other routes stay as they were.
    let runs = ask(world.address, "GET", "/v1/runs", &["authorization: Bearer x"], b"").await;
    assert_eq!(runs.header("content-type"), Some("application/problem+json"));
}

#[tokio::test]
async fn who_asked_is_written_down_and_what_was_said_is_not() {
    let world = World::begin().await;
    assert_eq!(world.chat("say secret", json!({})).await.status, 200);
    assert_eq!(world.chat("say x", json!({ "model": "none" })).await.status, 404);
    let mut lines = String::new();
    for entry in std::fs::read_dir(world.data().join("audit")).unwrap() {
        lines.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default());
    }
    assert!(lines.contains(r#""what":"models.ask","on":"shop/desk","outcome":"done""#), "{lines}");
    assert!(!lines.contains("secret"), "{lines}");
}

#[tokio::test]
async fn a_body_nested_too_deep_is_refused() {
    let world = World::begin().await;
    let mut schema = json!({});
    for _ in 0..100 {
        schema = json!({ "items": schema });
    }
    let tools = json!([{ "type": "function", "function": { "name": "f", "parameters": schema } }]);
    let answer = world.chat("say x", json!({ "tools": tools })).await;
    assert_eq!(error(&answer).0, 400, "{answer:?}");
}
