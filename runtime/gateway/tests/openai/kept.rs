//! Responses that are kept, and requests that are sent again.

use crate::world::{Answer, JSON, World, ask, chat};
use carapace_gateway::auth::{Grant, Scope};
use serde_json::{Value as Json, json};

/// A response behind another one, where one is named.
async fn respond(world: &World, input: Json, more: Json) -> Answer {
    let mut body = json!({ "model": "shop/desk", "input": input });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.post("/v1/responses", &body).await
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// A completion with a key, for whoever has this token.
async fn once(world: &World, key: &str, token: Option<&str>, body: &Json) -> Answer {
    let key = format!("idempotency-key: {key}");
    let token = token.map(|token| format!("authorization: Bearer {token}"));
    let fields: Vec<&str> = [JSON, &key].into_iter().chain(token.as_deref()).collect();
    ask(world.address, "POST", "/v1/chat/completions", &fields, body.to_string().as_bytes()).await
}

fn token(world: &World, name: &str) -> String {
    let grant = Grant { name: name.to_owned(), scopes: [Scope::Chat].into(), lives: None };
    world.access.create(grant, None).unwrap().token
}

#[tokio::test]
async fn a_conversation_goes_on_behind_a_response() {
    let world = World::begin().await;
    let first = id(&respond(&world, json!("say one"), json!({ "instructions": "Count." })).await);
    let second = id(&respond(&world, json!("call Rome"), json!({ "previous_response_id": first })).await);
    let result = json!([{ "type": "function_call_output", "call_id": "call_1", "output": "sunny" }]);
    let more = json!({ "previous_response_id": second, "instructions": "Be brief.", "stream": true });
    let third = respond(&world, result, more).await;
    let call = json!({ "id": "call_1", "type": "function", "function": { "name": "weather", "arguments": "{\"city\":\"Rome\"}" } });
    let said = |text: &str| json!([{ "type": "text", "text": text }]);
    assert_eq!(
        world.last_request()["messages"],
        json!([
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "say one" },
            { "role": "assistant", "content": said("say one") },
            { "role": "user", "content": "call Rome" },
            { "role": "assistant", "content": said("I look."), "tool_calls": [call] },
            { "role": "tool", "tool_call_id": "call_1", "content": "sunny" },
        ]),
        "the instructions of before are not said again"
    );
    let events = third.events();
    let (name, last) = events.last().unwrap();
    let last: Json = serde_json::from_str(last).unwrap();
    assert_eq!((name.as_str(), &last["response"]["store"]), ("response.completed", &json!(true)));
    assert_eq!(last["response"]["previous_response_id"], second);
    // What is shown is what was answered.
    let path = format!("/v1/responses/{}", last["response"]["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.json(), last["response"]);
}

#[tokio::test]
async fn a_response_is_its_owners_until_it_is_let_go_of() {
    let world = World::begin().await;
    let (ana, ben) = (token(&world, "ana"), token(&world, "ben"));
    let of = |token: &str| format!("authorization: Bearer {token}");
    let body = json!({ "model": "shop/desk", "input": "say one" }).to_string();
    let made = ask(world.address, "POST", "/v1/responses", &[JSON, &of(&ana)], body.as_bytes()).await;
    let path = format!("/v1/responses/{}", id(&made));
    for (what, verb, path, token, expected) in [
        ("somebody else", "GET", path.as_str(), Some(&ben), 404),
        ("somebody else, to let go of it", "DELETE", &path, Some(&ben), 404),
        ("somebody at this machine", "GET", &path, None, 404),
        ("nobody", "GET", "/v1/responses/resp_7", Some(&ana), 404),
        ("a file", "GET", "/v1/responses/..%2F..%2Faccess%2Ftokens", Some(&ana), 404),
        ("with a sign before its digits", "GET", &path.replace("resp_", "resp_+"), Some(&ana), 404),
        ("whoever asked", "GET", &path, Some(&ana), 200),
        ("whoever asked, as it is made", "GET", &format!("{path}?stream=true"), Some(&ana), 400),
        ("whoever asked, to let go of it", "DELETE", &path, Some(&ana), 200),
        ("whoever asked, again", "DELETE", &path, Some(&ana), 404),
        ("after that", "GET", &path, Some(&ana), 404),
    ] {
        let field = token.map(|token| of(token));
        let fields: Vec<&str> = field.iter().map(String::as_str).collect();
        let answer = ask(world.address, verb, path, &fields, b"").await;
        assert_eq!(answer.status, expected, "{what}: {answer:?}");
        if expected == 404 {
            assert_eq!(answer.json()["error"]["code"], "E1142", "{what}");
        }
    }
    let unkept = respond(&world, json!("say one"), json!({ "store": false })).await;
    assert_eq!(unkept.json()["store"], false);
    let gone_on = respond(&world, json!("x"), json!({ "previous_response_id": id(&unkept) })).await;
    assert_eq!(gone_on.json()["error"]["code"], "previous_response_not_found", "{gone_on:?}");
    let log = std::fs::read_dir(world.data().join("audit")).unwrap();
    let log: String =
        log.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap_or_default()).collect();
    assert!(log.contains("responses.delete") && log.contains("refused E1142"), "{log}");
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_done_once() {
    let world = World::begin().await;
    let asked = || world.asked.lock().unwrap().len();
    let first = once(&world, "a", None, &chat("say one", json!({}))).await;
    assert_eq!((first.status, asked()), (200, 1), "{first:?}");
    // Many at once, as a whole and as they are.
    for _ in 0..3 {
        let again = once(&world, "a", None, &chat("say one", json!({}))).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
    }
    let other = once(&world, "a", None, &chat("say two", json!({}))).await;
    assert_eq!((other.status, &other.json()["error"]["code"]), (422, &json!("E1143")), "{other:?}");
    assert_eq!(asked(), 1);
    // A key belongs to whoever says it.
    let (ana, ben) = (token(&world, "ana"), token(&world, "ben"));
    for (token, count) in [(&ana, 2), (&ben, 3), (&ana, 3)] {
        let answer = once(&world, "a", Some(token), &chat("say other", json!({}))).await;
        assert_eq!((answer.status, asked()), (200, count), "{answer:?}");
    }
    let long = "x".repeat(256);
    for key in ["", &long] {
        let bad = once(&world, key, None, &chat("say one", json!({}))).await;
        assert_eq!((bad.status, &bad.json()["error"]["code"]), (400, &json!("E1144")), "{bad:?}");
    }
    // In another form it is another request.
    let stream = chat("spell figs", json!({ "stream": true }));
    let told = |answer: &Answer| -> String {
        let events = answer.events();
        let pieces = events.iter().filter_map(|(_, data)| serde_json::from_str::<Json>(data).ok());
        pieces
            .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
            .collect()
    };
    for _ in 0..2 {
        let answer = once(&world, "s", None, &stream).await;
        assert_eq!((told(&answer).as_str(), asked()), ("figs", 4), "{answer:?}");
    }
}

#[tokio::test]
async fn who_sends_a_request_again_while_it_is_answered_waits_for_the_same() {
    let world = World::begin().await;
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let address = world.address;
        asked.spawn(async move {
            let body = chat("say one", json!({})).to_string();
            let fields = [JSON, "idempotency-key: many"];
            ask(address, "POST", "/v1/chat/completions", &fields, body.as_bytes()).await.body
        });
    }
    let mut bodies: Vec<String> = asked.join_all().await;
    bodies.dedup();
    assert_eq!((bodies.len(), world.asked.lock().unwrap().len()), (1, 1), "{bodies:?}");
    // One that hangs up is answered all the same: who sends it again gets that answer.
    let body = chat("wait here", json!({})).to_string();
    let fields = [JSON, "idempotency-key: slow"];
    let path = "/v1/chat/completions";
    let sent = crate::world::send(world.address, "POST", path, &fields, body.as_bytes()).await;
    while world.asked.lock().unwrap().len() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // Whoever hangs up before the server has looked at the request has asked nothing.
    drop(sent);
    let act = world.asked.lock().unwrap().last().unwrap().clone();
    let again = tokio::spawn({
        let (address, body) = (world.address, body.clone());
        async move { ask(address, "POST", path, &fields, body.as_bytes()).await }
    });
    let answer = json!({ "text": "at last", "calls": [] }).to_string();
    let outcome = carapace_engine::Reported::Done(answer.into());
    let report = carapace_engine::Report { act: act.id.clone(), attempt: act.attempt, outcome };
    world.engine.report(report).await.unwrap();
    let again = again.await.unwrap();
    assert_eq!(again.json()["choices"][0]["message"]["content"], "at last", "{again:?}");
    assert!(!world.ends().await.iter().any(|end| end.contains("hung up")), "and nothing was cancelled");
}

#[tokio::test]
async fn a_failure_of_the_moment_is_tried_again_and_any_other_is_the_answer() {
    let world = World::begin().await;
    for (message, status, count) in [("fail transient", 503, 2), ("fail refused", 502, 1), ("odd", 500, 1)] {
        let before = world.asked.lock().unwrap().len();
        for _ in 0..2 {
            let answer = once(&world, message, None, &chat(message, json!({}))).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
        let asked = world.asked.lock().unwrap().len();
        assert_eq!(asked - before, count, "{message}");
    }
    // What was never begun leaves nothing behind.
    let nobody = json!({ "model": "nobody", "messages": [{ "role": "user", "content": "x" }] });
    assert_eq!(once(&world, "n", None, &nobody).await.status, 404);
    assert_eq!(once(&world, "n", None, &chat("say one", json!({}))).await.status, 200);
}

#[tokio::test]
async fn after_a_crash_the_run_that_was_started_answers() {
    let world = World::begin().await;
    let first = once(&world, "a", None, &chat("say one", json!({}))).await;
    let folder = world.data().join("responses");
    let file = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).next().unwrap();
    let mut record: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    // What stands there where the runtime ended before the answer was written down.
    record["outcome"] = Json::Null;
    std::fs::write(&file, record.to_string()).unwrap();
    let again = once(&world, "a", None, &chat("say one", json!({}))).await.json();
    let first = first.json();
    for name in ["id", "created", "choices"] {
        assert_eq!(again[name], first[name], "{name}");
    }
    // And before it was written down which run it was.
    record["began"] = Json::Null;
    std::fs::write(&file, record.to_string()).unwrap();
    let again = once(&world, "a", None, &chat("say one", json!({}))).await;
    assert_eq!((again.status, &again.json()["error"]["code"]), (409, &json!("E1145")), "{again:?}");
    assert_eq!(again.header("x-should-retry"), Some("false"));
    assert_eq!(world.asked.lock().unwrap().len(), 1);
}
