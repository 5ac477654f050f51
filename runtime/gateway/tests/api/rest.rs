//! Resources: what each answers, and how it refuses.

use crate::world::{World, ask, module};
use base64::Engine as _;
use carapace_gateway::Options;
use carapace_gateway::auth::Scope;
use serde_json::{Value as Json, json};

#[tokio::test]
async fn a_run_is_started_seen_and_ended() {
    let world = World::begin().await;
    let started = world.post("/v1/runs", &json!({ "flow": "paid", "input": "x" })).await;
    assert_eq!(started.status, 201, "{started:?}");
    let run = started.json()["run"].as_str().unwrap().to_owned();
    assert_eq!(started.header("location"), Some(format!("/v1/runs/{run}")));
    assert_eq!(started.header("content-type").as_deref(), Some("application/json"));

    let listed = world.get("/v1/runs?waiting_on=event&flow=paid").await.json();
    assert_eq!((&listed["total"], &listed["runs"][0]["run"]), (&json!(1), &json!(run)));
    let shown = world.get(&format!("/v1/runs/{}", &run[..8])).await;
    assert_eq!((shown.status, &shown.json()["live"]["run"]), (200, &json!(run)));

    let cancel = format!("/v1/runs/{run}/cancel");
    let cancelled = ask(world.address, "POST", &cancel, None, b"").await;
    assert_eq!((cancelled.status, cancelled.json()), (202, json!({ "run": run })));
    world.engine.settled().await;
    assert_eq!(world.get("/v1/runs").await.json()["total"], 0);
    let ended = world.get("/v1/runs/finished").await.json();
    assert_eq!(ended["runs"][0]["run"], json!(run));
    let again = ask(world.address, "POST", &cancel, None, b"").await;
    assert_eq!((again.status, &again.json()["code"]), (404, &json!("E0910")));
}

#[tokio::test]
async fn lists_are_read_in_pages_without_loss() {
    let world = World::begin().await;
    let mut all = Vec::new();
    for n in 0..7 {
        all.push(world.start("later", json!(n)).await.unwrap());
        world.start("hello", json!("you")).await;
    }
    world.engine.settled().await;
    for (path, expected) in [("/v1/runs", 7), ("/v1/runs/finished", 7)] {
        let mut seen: Vec<String> = Vec::new();
        let mut after = String::new();
        loop {
            let page = world.get(&format!("{path}?limit=3{after}")).await.json();
            let runs = page["runs"].as_array().unwrap();
            assert!(runs.len() <= 3);
            seen.extend(runs.iter().map(|run| run["run"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let count = seen.len();
        let whole = world.get(path).await.json();
        let whole = whole["runs"].as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap());
        assert!(whole.eq(seen.iter().map(String::as_str)), "{path}: in the same order");
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), count), (expected, expected), "{path}");
    }
    // Bounds that nobody can pass are taken for the highest there is.
    assert_eq!(world.get("/v1/runs?limit=18446744073709551615").await.status, 200);
}

#[tokio::test]
async fn what_is_wrong_is_told_as_a_problem() {
    let world = World::begin().await;
    for (verb, path, body, status, code) in [
        ("GET", "/v1/runs/zz", "", 404, "E0910"),
        ("GET", "/v1/runs/00000000000000000000000000000000", "", 404, "E0910"),
        ("GET", "/v1/runs?limit=x", "", 400, "E1031"),
        ("GET", "/v1/runs?limit=-1", "", 400, "E1031"),
        ("GET", "/v1/runs?limit=99999999999999999999999", "", 400, "E1031"),
        ("GET", "/v1/runs?stray=1", "", 400, "E1031"),
        ("GET", "/v1/runs?flow=a&flow=b", "", 400, "E1031"),
        ("GET", "/v1/runs?waiting_on=nothing", "", 400, "E1031"),
        ("GET", "/v1/runs?after=x", "", 400, "E1031"),
        ("GET", "/v1/runs/%ff", "", 400, "E1031"),
        ("GET", "/v1/outbox/0/:1", "", 404, "E1034"),
        ("GET", "/v1/outbox/0%2F:1%2F0", "", 404, "E0961"),
        ("DELETE", "/v1/outbox/0", "", 404, "E0961"),
        ("GET", "/v1/outbox?after=%00", "", 400, "E1031"),
        ("GET", "/v1/sessions/none", "", 404, "E0972"),
        ("GET", "/v1/sessions/none?all=perhaps", "", 400, "E1031"),
        ("GET", "/v1/other", "", 404, "E1034"),
        ("PUT", "/v1/runs", "{}", 405, "E1035"),
        ("POST", "/v1/runs", "", 400, "E1031"),
        ("POST", "/v1/runs", "[]", 400, "E1031"),
        ("POST", "/v1/runs", "{", 400, "E1031"),
        ("POST", "/v1/runs", r#"{"flow":7}"#, 400, "E1031"),
        ("POST", "/v1/runs", r#"{"flow":"hello","stray":1}"#, 400, "E1031"),
        ("POST", "/v1/runs", r#"{"flow":"nothing"}"#, 422, "E0949"),
        ("POST", "/v1/runs", r#"{"flow":"hello","input":7}"#, 422, "E0949"),
        ("POST", "/v1/runs/0/cancel", r#"{"run":"1"}"#, 400, "E1031"),
        ("POST", "/v1/runs/0/resolve", r#"{"op":":1","outcome":"done"}"#, 404, "E0910"),
        ("POST", "/v1/deployments", r#"{"module":"!"}"#, 400, "E1031"),
        ("POST", "/v1/deployments", r#"{"module":"AAAA"}"#, 422, "E0921"),
        ("POST", "/v1/deployments/rollback", r#"{"package":"none"}"#, 409, "E0945"),
    ] {
        let kind = Some("application/json").filter(|_| !body.is_empty());
        let answer = ask(world.address, verb, path, kind, body.as_bytes()).await;
        let said = (answer.status, answer.header("content-type"));
        assert_eq!(
            said,
            (status, Some("application/problem+json".to_owned())),
            "{verb} {path} {body}: {answer:?}"
        );
        let problem = answer.json();
        assert_eq!(
            (&problem["code"], &problem["status"]),
            (&json!(code), &json!(status)),
            "{verb} {path} {body}"
        );
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    }
}

#[tokio::test]
async fn bodies_are_json_and_bounded() {
    let world = World::with(Options { body_bytes: 1_000, ..Options::default() }).await;
    // Behind the guard, which turns forms away before.
    let door = world.door(Scope::ALL).await;
    for kind in
        [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonx")]
    {
        let answer = ask(door, "POST", "/v1/runs", kind, br#"{"flow":"hello","input":"x"}"#).await;
        assert_eq!((answer.status, &answer.json()["code"]), (415, &json!("E1032")), "{kind:?}");
    }
    let kind = Some("Application/JSON; charset=utf-8");
    let answer = ask(world.address, "POST", "/v1/runs", kind, br#"{"flow":"hello","input":"x"}"#).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let large = json!({ "flow": "x".repeat(2_000) });
    for path in ["/v1/runs", "/v1/forget", "/v1/deployments/rollback"] {
        let answer = world.post(path, &large).await;
        assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("E1033")), "{path}");
    }
    // A module may be larger, there and in a call.
    let module = base64::engine::general_purpose::STANDARD.encode(module());
    assert!(module.len() > 1_000);
    let deploy = json!({
        "module": module, "dry_run": true, "bindings": { "main.chat": { "channel": { "accounts": ["main"] } } },
    });
    let planned = world.post("/v1/deployments", &deploy).await;
    assert_eq!((planned.status, &planned.json()["plan"]["same"]), (200, &Json::Bool(true)), "{planned:?}");
}

#[tokio::test]
async fn a_deploy_is_made_and_taken_back() {
    let world = World::begin().await;
    let module = base64::engine::general_purpose::STANDARD.encode(module());
    let bindings = json!({ "main.chat": { "room": { "account": "main", "conversation": "#ops" } } });
    let refused = world.post("/v1/deployments", &json!({ "module": module, "bindings": bindings })).await;
    assert!(refused.status == 200 || refused.status == 409, "{refused:?}");
    let bindings = json!({ "main.chat": { "channel": { "accounts": ["main", "other"] } } });
    let made = world.post("/v1/deployments", &json!({ "module": module, "bindings": bindings })).await;
    assert_eq!(made.status, 200, "{made:?}");
    let number = made.json()["number"].as_u64().unwrap();
    let listed = world.get("/v1/deployments").await.json();
    let serving: Vec<&Json> =
        listed["versions"].as_array().unwrap().iter().filter(|version| version["serves"] == true).collect();
    assert_eq!(serving[0]["number"], number);
    let package = serving[0]["package"].as_str().unwrap();
    let back = world.post("/v1/deployments/rollback", &json!({ "package": package })).await;
    assert_eq!(back.status, 200, "{back:?}");
    assert!(back.json()["number"].as_u64().unwrap() > number);
}

#[tokio::test]
async fn a_runtime_that_ends_says_so() {
    let world = World::begin().await;
    world.stop.request();
    while world.engine.look(|_| ()).await.is_ok() {}
    let door = world.door(Scope::ALL).await;
    let answer = ask(door, "GET", "/v1/runs", None, b"").await;
    assert_eq!((answer.status, answer.header("retry-after").as_deref()), (503, Some("1")), "{answer:?}");
    assert_eq!(answer.json()["code"], "E0941");
    world.gateway.await.unwrap();
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let world = World::begin().await;
    let answer = world.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), carapace_gateway::document());
}

#[tokio::test]
async fn a_start_with_a_key_is_done_once() {
    let world = World::begin().await;
    let keyed = async |key: &str, body: Json| {
        let kind = format!("application/json\r\nidempotency-key: {key}");
        ask(world.address, "POST", "/v1/runs", Some(&kind), body.to_string().as_bytes()).await
    };
    let later = |input: i64| json!({ "flow": "later", "input": input });
    let first = keyed("a", later(1)).await;
    assert_eq!(first.status, 201, "{first:?}");
    for _ in 0..3 {
        let again = keyed("a", later(1)).await;
        assert_eq!((again.status, again.json()), (201, first.json()));
        assert_eq!(again.header("location"), first.header("location"));
    }
    // Also what is over is told by its run.
    let over = keyed("b", json!({ "flow": "hello", "input": "you" })).await;
    assert!(over.json()["run"].is_string(), "{over:?}");
    assert_eq!(keyed("b", json!({ "flow": "hello", "input": "you" })).await.json(), over.json());
    for (key, body, status, code) in [
        ("a", later(2), 422, "E1143"),
        ("a", json!({ "flow": "breaks", "input": 1 }), 422, "E1143"),
        ("", later(1), 400, "E1144"),
        ("c", json!({ "flow": "later", "input": 1, "key": "d" }), 400, "E1031"),
    ] {
        let answer = keyed(key, body).await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{answer:?}");
    }
    let params = json!({ "flow": "later", "input": 1, "key": "a" });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "runs.start", "params": params });
    let called = world.post("/v1/rpc", &call).await.json();
    assert_eq!(called["result"], first.json(), "by JSON-RPC it is a parameter: {called}");
    assert_eq!(world.get("/v1/runs?flow=later").await.json()["total"], 1);
}
