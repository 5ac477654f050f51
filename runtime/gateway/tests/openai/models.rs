//! Agents as models.

use crate::world::World;
use carapace_engine::inspect::{UsageBy, usage};
use serde_json::json;

#[tokio::test]
async fn each_agent_is_a_model() {
    let world = World::begin().await;
    let listed = world.get("/v1/models").await;
    assert_eq!((listed.status, listed.header("content-type")), (200, Some("application/json")), "{listed:?}");
    let listed = listed.json();
    let names: Vec<_> = listed["data"].as_array().unwrap().iter().map(|model| &model["id"]).collect();
    assert_eq!(names, ["shop/desk", "shop/clerk", "works/desk"]);
    assert!(listed["data"][0]["created"].as_i64().unwrap() > 1_000_000_000);
    for name in ["shop/desk", "shop%2Fdesk", "shop/main.desk"] {
        let shown = world.get(&format!("/v1/models/{name}")).await.json();
        assert_eq!(shown, listed["data"][0], "{name}");
    }
    assert_eq!(world.get("/v1/models/clerk").await.json(), listed["data"][1]);
}

#[tokio::test]
async fn a_name_that_is_none_or_several_says_so() {
    let world = World::begin().await;
    for (name, says) in [
        ("gpt-4o", "there is no model `gpt-4o`"),
        ("shop/", "there is no model"),
        ("desk", "`shop/desk`, `works/desk`"),
        ("porter", "deploy it anew"),
        ("old/porter", "deploy it anew"),
    ] {
        let body = json!({ "model": name, "messages": [{ "role": "user", "content": "say x" }] });
        for answer in [
            world.get(&format!("/v1/models/{name}")).await,
            world.post("/v1/chat/completions", &body).await,
            world.post("/v1/responses", &json!({ "model": name, "input": "x" })).await,
        ] {
            let error = &answer.json()["error"];
            assert_eq!((answer.status, &error["code"]), (404, &json!("model_not_found")), "{name}");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(says) && message.contains("E1090"), "{message}");
        }
    }
    let numbers = world.post("/v1/embeddings", &json!({ "model": "shop/desk", "input": "x" })).await;
    assert_eq!((numbers.status, &numbers.json()["error"]["code"]), (404, &json!("model_not_found")));
}

#[tokio::test]
async fn texts_become_numbers() {
    let world = World::begin().await;
    let ask = async |more: serde_json::Value| {
        let mut body = json!({ "model": "test/numbers", "input": ["a", "bcd"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.post("/v1/embeddings", &body).await
    };
    let answer = ask(json!({})).await.json();
    assert_eq!(answer["data"][1], json!({ "object": "embedding", "index": 1, "embedding": [3.0, 3.25] }));
    assert_eq!(answer["usage"], json!({ "prompt_tokens": 5, "total_tokens": 5 }));
    let packed = ask(json!({ "encoding_format": "base64", "input": "a" })).await.json();
    assert_eq!(packed["data"][0]["embedding"], "AACAPwAAoD8=");
    for (more, param) in [
        (json!({ "input": [] }), "input"),
        (json!({ "input": [1, 2] }), "input"),
        (json!({ "input": "" }), "input"),
        (json!({ "input": null }), "input"),
        (json!({ "encoding_format": "hex" }), "encoding_format"),
        (json!({ "dimensions": -1 }), "dimensions"),
        (json!({ "dimensions": 8 }), "dimensions"),
    ] {
        let answer = ask(more).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!(param)));
    }
    let failed = ask(json!({ "input": "fail" })).await;
    assert_eq!((failed.status, failed.header("retry-after")), (503, Some("1")));
}

#[tokio::test]
async fn what_they_used_up_counts_for_whoever_asked_also_when_it_failed() {
    let world = World::begin().await;
    for (input, status) in [("a", 200), ("b", 200), ("fail", 503)] {
        let answer = world.post("/v1/embeddings", &json!({ "model": "test/numbers", "input": input })).await;
        assert_eq!(answer.status, status);
    }
    let nobody = world.post("/v1/embeddings", &json!({ "model": "test/none", "input": "a" })).await;
    assert_eq!(nobody.status, 404);
    let listed = world.engine.look(|state| usage(&state.ledger, 0, &[UsageBy::Model, UsageBy::Sender]));
    let listed = listed.await.unwrap();
    let [line] = listed.lines.as_slice() else { panic!("{listed:?}") };
    assert_eq!(
        (line.model.as_deref(), line.sender.as_deref()),
        (Some("test/numbers"), Some("gateway:local"))
    );
    assert_eq!((line.sum.requests, line.sum.input, line.sum.cost), (3, 15, 6), "{listed:?}");
}
