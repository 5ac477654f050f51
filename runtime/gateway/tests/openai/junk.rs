//! What nobody would send: it is refused, and nothing breaks.

use crate::world::{JSON, World, ask, chat};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

const CASES: u32 = 300;

/// Names that mean something somewhere.
const NAMES: [&str; 30] = [
    "model",
    "messages",
    "input",
    "role",
    "content",
    "type",
    "text",
    "tools",
    "tool_choice",
    "function",
    "name",
    "parameters",
    "arguments",
    "call_id",
    "tool_call_id",
    "tool_calls",
    "id",
    "output",
    "stream",
    "stream_options",
    "include_usage",
    "response_format",
    "json_schema",
    "schema",
    "stop",
    "temperature",
    "instructions",
    "reasoning",
    "format",
    "encoding_format",
];

/// Texts that mean something somewhere.
const TEXTS: [&str; 19] = [
    "shop/desk",
    "test/numbers",
    "user",
    "assistant",
    "tool",
    "system",
    "say x",
    "call y",
    "odd",
    "function",
    "message",
    "function_call",
    "function_call_output",
    "input_text",
    "text",
    "json_schema",
    "auto",
    "base64",
    "",
];

/// Runs as many cases, of a seed that is told.
fn runner() -> TestRunner {
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_128);
    eprintln!("SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config { cases: CASES, failure_persistence: None, ..Config::default() }, rng)
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC{0,20}".prop_map(Json::from),
        prop::sample::select(&TEXTS[..]).prop_map(Json::from),
    ];
    let name = prop_oneof![4 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => ".{0,8}"];
    leaf.prop_recursive(6, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

/// A request that is one, with some fields of it replaced.
fn nearly() -> impl Strategy<Value = Json> {
    let field = (prop::sample::select(&NAMES[..]), any_json());
    prop::collection::vec(field, 0..4).prop_map(|fields| {
        let mut body = chat("say x", json!({ "input": "say x" }));
        body.as_object_mut()
            .unwrap()
            .extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        body
    })
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => any_json().prop_map(|json| json.to_string().into_bytes()),
        5 => nearly().prop_map(|json| json.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (1..2_000_usize).prop_map(|depth| "[".repeat(depth * 10).into_bytes()),
        1 => (1..120_usize).prop_map(|depth| {
            let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let body = chat("say x", json!({ "metadata": 0 })).to_string();
            body.replacen(r#""metadata":0"#, &format!(r#""tools":{deep},"metadata":{deep}"#), 1).into_bytes()
        }),
    ]
}

#[test]
fn anything_is_answered_and_nothing_breaks() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::begin());
    let paths = prop::sample::select(&["/v1/chat/completions", "/v1/responses", "/v1/embeddings"][..]);
    let result = runner().run(&(paths, any_body()), |(path, body)| {
        let answer = runtime.block_on(ask(world.address, "POST", path, &[JSON], &body));
        // Only what an agent makes of it may fail, and then with words of its own.
        let odd = answer.body.contains("E1093");
        prop_assert!((200..500).contains(&answer.status) || odd, "{path}: {answer:?}");
        if answer.status >= 400 {
            prop_assert!(answer.json()["error"]["message"].is_string());
        }
        Ok(())
    });
    result.unwrap();
    let name = runner().run(&"[ -~]{0,12}|\\PC{0,6}", |name| {
        let escaped: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let answer = runtime.block_on(ask(world.address, "GET", &format!("/v1/models/{escaped}"), &[], b""));
        prop_assert!((200..500).contains(&answer.status), "{name}: {answer:?}");
        Ok(())
    });
    name.unwrap();
    // It still does what it did.
    assert_eq!(runtime.block_on(world.chat("say x", json!({}))).status, 200);
}
