//! What a sender is told, and when.

use crate::client::{Answer, post};
use crate::world::{Unusual, World, impatient, module};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_flows_answer_is_given_as_it_is() {
    let world = World::new(
        r#"
flow text on webhook("/text") { respond(201, "grüezi", headers: ["X-From": "carapace", "Location": "/a"]) }
flow list on webhook("/json") { respond(200, ["a": 1]) }
flow none_at_all on webhook("/none") { respond(204, none) }
flow page on webhook("/page") { respond(200, "<b>", headers: ["content-type": "text/html"]) }
flow echo on webhook("/echo", body: Json) { respond(200, body) }
flow wrong on webhook("/wrong") { respond(99, "x") else { respond(500, "no status") } }
"#,
    )
    .await;
    let ask = async |path: &str| post(path, "{\"a\": \"b\"}").send(world.address).await;
    let text = ask("/hooks/shop/text").await;
    assert_eq!((text.status, text.body.as_str()), (201, "grüezi"));
    assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!((text.header("x-from"), text.header("location")), (Some("carapace"), Some("/a")));
    let list = ask("/hooks/shop/json").await;
    assert_eq!((list.header("content-type"), list.body.as_str()), (Some("application/json"), "{\"a\":1}"));
    let none = ask("/hooks/shop/none").await;
    assert_eq!((none.status, none.body.as_str()), (204, ""));
    assert_eq!(ask("/hooks/shop/page").await.header("content-type"), Some("text/html"));
    assert_eq!(ask("/hooks/shop/echo").await.json(), json!({ "a": "b" }));
    let wrong = ask("/hooks/shop/wrong").await;
    assert_eq!((wrong.status, wrong.body.as_str()), (500, "no status"));
}

#[tokio::test]
async fn who_is_not_answered_gets_the_runs_id_at_once() {
    let world = World::new(
        r#"
flow quiet on webhook("/quiet", body: Json) { log("came") }
flow broken on webhook("/broken", body: Json) { fail("no") }
flow picky on webhook("/picky", body: Int) where body > 3 { log("big") }
flow first on webhook("/two", body: Json) { log("one") }
flow second on webhook("/two", body: Json) { log("two") }
"#,
    )
    .await;
    // The patience of this world is nine seconds: none of these waits for it.
    for path in ["/hooks/shop/quiet", "/hooks/shop/broken"] {
        let answer = post(path, "{}").send(world.address).await;
        assert_eq!(answer.status, 202, "{path}");
        assert_eq!(answer.json()["run"].as_str().map(str::len), Some(32), "{}", answer.body);
    }
    let answer = post("/hooks/shop/picky", "1").send(world.address).await;
    assert_eq!((answer.status, answer.json()), (202, json!({ "run": null })));
    let two = post("/hooks/shop/two", "1").send(world.address).await.json();
    assert_eq!((two["runs"].as_array().map(Vec::len), &two["run"]), (Some(2), &two["runs"][0]));
}

#[tokio::test]
async fn who_has_waited_long_enough_gets_the_runs_id_and_later_the_answer() {
    let unusual = Unusual { options: impatient(), ..Unusual::default() };
    let source = r#"
flow slow on webhook("/slow", body: Int) {
  await event("go", Int)
  respond(200, "done: {body}")
}
flow go on webhook("/go", body: Int) { emit("go", body) }
"#;
    let world = World::of(&[module("shop", source)], unusual).await;
    let slow = post("/hooks/shop/slow", "5").with("Idempotency-Key", "one");
    let first = slow.send(world.address).await;
    assert_eq!(first.status, 202);
    let second = slow.send(world.address).await;
    assert_eq!((second.status, &second.body), (202, &first.body), "the same again, and the same run");
    post("/hooks/shop/go", "1").send(world.address).await;
    world.engine.settled().await;
    for _ in 0..2 {
        let third = slow.send(world.address).await;
        assert_eq!((third.status, third.body.as_str()), (200, "done: 5"));
    }
    assert_eq!(world.runs().await, 2);
}

#[tokio::test]
async fn who_goes_away_does_no_harm() {
    let world = World::new(
        r#"
flow slow on webhook("/slow", body: Int) {
  await event("go", Int)
  respond(200, "done: {body}")
  log("answered {body}")
}
flow go on webhook("/go", body: Int) { emit("go", body) }
"#,
    )
    .await;
    let request = post("/hooks/shop/slow", "1").with("idempotency-key", "gone");
    let mut gone = TcpStream::connect(world.address).await.unwrap();
    gone.write_all(&request.bytes()).await.unwrap();
    while world.runs().await == 0 {
        tokio::task::yield_now().await;
    }
    drop(gone);
    post("/hooks/shop/go", "1").send(world.address).await;
    assert_eq!(world.noted().await, ["answered 1"]);
    // Who comes back finds the answer.
    assert_eq!(request.send(world.address).await.body, "done: 1");
    // One who leaves in the middle of the body started nothing.
    let mut half = TcpStream::connect(world.address).await.unwrap();
    let bytes = request.bytes();
    half.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    drop(half);
    assert_eq!(world.runs().await, 2);
}

#[tokio::test]
async fn at_the_end_nothing_new_is_taken_and_who_waits_is_told() {
    let source = "flow slow on webhook(\"/slow\", body: Int) { wait(1h)\n respond(200, body) }";
    let mut world = World::new(source).await;
    let mut waiting = TcpStream::connect(world.address).await.unwrap();
    waiting.write_all(&post("/hooks/shop/slow", "1").bytes()).await.unwrap();
    while world.runs().await == 0 {
        tokio::task::yield_now().await;
    }
    world.webhooks.stop();
    let refused = post("/hooks/shop/slow", "2").send(world.address).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    world.end_engine().await;
    world.end_gateway().await;
    let mut answer = Vec::new();
    waiting.read_to_end(&mut answer).await.unwrap();
    let answer = Answer::read(&answer);
    assert_eq!(answer.status, 202, "it is durable, and will go on: {}", answer.body);
    assert_eq!(answer.json()["run"].as_str().map(str::len), Some(32));
}
