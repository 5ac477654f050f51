//! Who may ask what.

use crate::world::{World, ask};
use carapace_gateway::auth::Scope;
use carapace_gateway::document;
use serde_json::json;

/// Every operation of the document, at an address where somebody has these permissions.
#[tokio::test]
async fn each_operation_needs_its_permission_and_no_other() {
    let world = World::begin().await;
    let document = document();
    let mut checked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (verb, operation) in operations.as_object().unwrap() {
            let words = operation["description"].as_str().unwrap_or_default();
            let needed =
                Scope::ALL.into_iter().find(|scope| words.ends_with(&format!("permission `{scope}`.")));
            // What is told without end has a test of its own.
            let Some(needed) = needed.filter(|_| path != "/v1/events") else { continue };
            let without = world.door(Scope::ALL.into_iter().filter(|scope| *scope != needed)).await;
            let with = world.door([needed]).await;
            let path = path.replace("{run}", "0").replace("{id}", "0").replace("{session}", "0");
            let path = path.replace("{token}", "nobody");
            let verb = verb.to_uppercase();
            let kind = Some("application/json").filter(|_| verb == "POST");
            let body: &[u8] = if verb == "POST" { b"{}" } else { b"" };
            let refused = ask(without, &verb, &path, kind, body).await;
            assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("E0974")), "{verb} {path}");
            let allowed = ask(with, &verb, &path, kind, body).await;
            assert!(allowed.status != 403 && allowed.status < 500, "{verb} {path}: {allowed:?}");
            checked += 1;
        }
    }
    assert!(checked >= 27, "{checked}");
}

#[tokio::test]
async fn a_call_needs_the_permission_of_its_method() {
    let world = World::begin().await;
    let reader = world.door([Scope::Read]).await;
    let call =
        |method: &str| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": {} }).to_string();
    let kind = Some("application/json");
    let listed = ask(reader, "POST", "/v1/rpc", kind, call("runs.list").as_bytes()).await;
    assert_eq!(listed.json()["result"]["total"], 0, "{listed:?}");
    let forget = json!({ "jsonrpc": "2.0", "id": 1, "method": "forget", "params": { "sender": "main:ana" } });
    let refused = ask(reader, "POST", "/v1/rpc", kind, forget.to_string().as_bytes()).await;
    assert_eq!(refused.json()["error"]["data"]["code"], "E0974", "{refused:?}");
}
