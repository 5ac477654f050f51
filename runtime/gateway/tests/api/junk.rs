//! What nobody would send: it is refused, and nothing breaks.

use crate::world::{World, ask};
use carapace_gateway::document;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

const CASES: u32 = 120;

/// Runs as many cases, of a seed that is told.
fn runner() -> TestRunner {
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_127);
    eprintln!("SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config { cases: CASES, failure_persistence: None, ..Config::default() }, rng)
}

/// JSON of any kind, with names that mean something among others.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,20}".prop_map(Json::from),
        Just(json!(u64::MAX)),
        Just(json!("2.0")),
        Just(json!("runs.list")),
        Just(json!("hello")),
    ];
    let name = prop_oneof![
        Just("jsonrpc".to_owned()),
        Just("id".to_owned()),
        Just("method".to_owned()),
        Just("params".to_owned()),
        Just("flow".to_owned()),
        Just("input".to_owned()),
        Just("run".to_owned()),
        Just("module".to_owned()),
        Just("limit".to_owned()),
        Just("op".to_owned()),
        Just("outcome".to_owned()),
        Just("settings".to_owned()),
        Just("bindings".to_owned()),
        Just("package".to_owned()),
        Just("to".to_owned()),
        Just("former".to_owned()),
        Just("sender".to_owned()),
        Just("dry_run".to_owned()),
        ".{0,8}",
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => any_json().prop_map(|json| json.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (1..2_000_usize).prop_map(|depth| "[".repeat(depth * 10).into_bytes()),
        1 => (1..2_000_usize).prop_map(|depth| r#"{"input":"#.repeat(depth * 10).into_bytes()),
        1 => (1..60_000_usize).prop_map(|n| format!(r#"{{"jsonrpc":"2.0","id":{},"method":"runs.list"}}"#, "9".repeat(n)).into_bytes()),
        1 => (1..60_000_usize).prop_map(|n| json!({ "jsonrpc": "2.0", "id": "x".repeat(n), "method": "x".repeat(n) }).to_string().into_bytes()),
    ]
}

/// Every path of the document, with anything in the place of its parameters, and anything behind it.
fn any_target() -> impl Strategy<Value = (String, String)> {
    let mut all = Vec::new();
    // One tells without end.
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    for (path, operations) in paths.iter().filter(|(path, _)| *path != "/v1/events") {
        for verb in operations.as_object().unwrap().keys() {
            all.push((verb.to_uppercase(), path.clone()));
        }
    }
    let text = "[ -~]{0,12}|\\PC{0,6}";
    (prop::sample::select(all), text, prop::option::of(("[a-z_]{0,8}", text)), any::<bool>()).prop_map(
        |((verb, path), value, query, exact)| {
            let escaped = |text: &str| -> String { text.bytes().map(|b| format!("%{b:02x}")).collect() };
            let mut target = String::new();
            for part in path.split('/').skip(1) {
                target.push('/');
                target.push_str(&if part.starts_with('{') { escaped(&value) } else { part.to_owned() });
            }
            if let Some((name, value)) = query {
                let value = if exact { escaped(&value) } else { "%f%".to_owned() };
                target.push_str(&format!("?{name}={value}"));
            }
            (verb, target)
        },
    )
}

#[test]
fn anything_is_answered_and_nothing_breaks() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::begin());
    world.status.set(carapace_channel_api::Health::CaughtUp);
    let strategy = (any_target(), any_body(), any::<bool>());
    let result = runner().run(&strategy, |((verb, target), body, json)| {
        let kind = Some(if json { "application/json" } else { "application/octet-stream" });
        let answer = runtime.block_on(ask(world.address, &verb, &target, kind, &body));
        prop_assert!((200..500).contains(&answer.status), "{verb} {target}: {answer:?}");
        if answer.status >= 400 {
            let kind = answer.header("content-type").unwrap_or_default();
            prop_assert_eq!(kind, "application/problem+json");
            prop_assert!(answer.json()["detail"].is_string());
        }
        Ok(())
    });
    result.unwrap();
    // It still does what it did.
    assert_eq!(runtime.block_on(world.get("/v1/runs")).status, 200);
}

#[test]
fn any_call_has_an_answer_that_is_one() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::begin());
    let result = runner().run(&any_body(), |body| {
        let answer = runtime.block_on(ask(world.address, "POST", "/v1/rpc", Some("application/json"), &body));
        prop_assert!(answer.status == 200 || answer.status == 204, "{answer:?}");
        if answer.status == 200 {
            let said = answer.json();
            prop_assert_eq!(&said["jsonrpc"], &json!("2.0"));
            prop_assert!(said.get("result").is_some() != said.get("error").is_some(), "{}", said);
        }
        Ok(())
    });
    result.unwrap();
}
