//! What is no request for a flow: each is told what is wrong, and starts nothing.

use crate::client::post;
use crate::world::{Unusual, World, module};
use carapace_engine::service::Options as EngineOptions;
use carapace_gateway::webhooks::Options;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const FLOW: &str = r#"
type Item {
  name: Text
  count: Int from "how-many"
}

type Order {
  id: Text
  items: List<Item>
  note: Text?
}

flow order on webhook("/orders", body: Order) { respond(200, "{body.id}: {body.items.count()}") }
flow ask on webhook("/orders", method: "GET", body: Json) { respond(200, query) }
flow change on webhook("/orders", method: "put", body: Json) { respond(200, path) }
flow root on webhook("/", body: Json) { respond(200, method) }
"#;

#[tokio::test]
async fn what_does_not_fit_is_told_where_and_starts_nothing() {
    let world = World::new(FLOW).await;
    for (body, at, what) in [
        (r#"{}"#, "id", "id"),
        (r#"{"id": 5, "items": []}"#, "id", "text"),
        (r#"{"id": "1", "items": {}}"#, "items", "list"),
        (
            r#"{"id": "1", "items": [{"name": "figs", "how-many": 1}, {"name": "x", "how-many": "2"}]}"#,
            "items[1]",
            "number",
        ),
        (r#"{"id": "1", "items": [{"name": "figs"}]}"#, "items[0]", "how-many"),
        (r#"[]"#, "", "Order"),
        (r#"null"#, "", "Order"),
    ] {
        let answer = post("/hooks/shop/orders", body).send(world.address).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let told = answer.json();
        assert_eq!(told["code"], "E1052", "{told}");
        let error = &told["errors"][0];
        assert!(error["at"].as_str().unwrap().starts_with(at), "{body}: {told}");
        let said = error.to_string().to_lowercase();
        assert!(said.contains(&what.to_lowercase()), "{body}: wanted {what}: {told}");
    }
    for body in ["", "{", "{\"id\": }", "\u{feff}{}", "nul"] {
        let answer = post("/hooks/shop/orders", body).send(world.address).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    assert_eq!(world.runs().await, 0);
    let good =
        r#"{"id": "7", "items": [{"name": "figs", "how-many": 1, "more": true}], "more": {"a": null}}"#;
    let answer = post("/hooks/shop/orders", good).send(world.address).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "7: 1"));
}

#[tokio::test]
async fn paths_and_methods_are_told_apart() {
    let world = World::new(FLOW).await;
    for path in [
        "/hooks/shop/other",
        "/hooks/shop/orders/",
        "/hooks/other/orders",
        "/hooks/orders",
        "/hooks/shop/Orders",
    ] {
        let answer = post(path, "{}").send(world.address).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    for method in ["DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"] {
        let answer = post("/hooks/shop/orders", "").method(method).send(world.address).await;
        assert_eq!(answer.status, 405, "{method}: {}", answer.body);
        assert_eq!(answer.header("allow"), Some("GET, POST, PUT"), "{method}");
    }
    let get = post("/hooks/shop/orders?a=1&b=x+y%21&a=2", "").method("GET");
    assert_eq!(get.send(world.address).await.json(), json!({ "a": "2", "b": "x y!" }));
    let put = post("/hooks/%73hop/%6Frders", "{}").method("PUT").send(world.address).await;
    assert_eq!((put.status, put.body.as_str()), (200, "/orders"));
    for path in ["/hooks/shop/", "/hooks/shop"] {
        assert_eq!(post(path, "{}").send(world.address).await.body, "POST", "{path}");
    }
}

#[tokio::test]
async fn content_types_are_told_apart() {
    let world = World::new(FLOW).await;
    let good = r#"{"id": "7", "items": []}"#;
    for (kind, status) in [
        ("application/json; charset=utf-8", 200),
        ("APPLICATION/JSON", 200),
        ("application/cloudevents+json", 200),
        ("text/plain", 415),
        ("text/json", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/xml", 415),
        ("", 415),
        // A form it is, but not what the flow takes.
        ("application/x-www-form-urlencoded", 400),
    ] {
        let answer = post("/hooks/shop/orders", good).of(kind).send(world.address).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.body);
    }
    let mut silent = post("/hooks/shop/orders", good);
    silent.headers.clear();
    let answer = silent.send(world.address).await;
    assert_eq!(answer.status, 415);
    assert!(answer.body.contains("application/json"), "{}", answer.body);
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let options = Options { body_bytes: 1_000, ..Options::default() };
    let world = World::of(&[module("shop", FLOW)], Unusual { options, ..Unusual::default() }).await;
    let body = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    let put = |length| post("/hooks/shop/orders", &body(length)).method("PUT");
    assert_eq!(put(1_000).send(world.address).await.status, 200);
    let answer = put(1_001).send(world.address).await;
    assert_eq!((answer.status, &answer.json()["most"]), (413, &json!(1_000)));
    // One that does not say how much comes is cut off just so.
    let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let head = "PUT /hooks/shop/orders HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..20 {
        let _ = stream.write_all(format!("64\r\n{}\r\n", "x".repeat(100)).as_bytes()).await;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
    // Deep is another way of large.
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let answer = post("/hooks/shop/orders", &deep).method("PUT").send(world.address).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("E0926")));
}

#[tokio::test]
async fn at_a_bound_the_sender_keeps_it() {
    let source = "flow hook on webhook(\"/x\", body: Int) { wait(1h)\n respond(200, body) }";
    let unusual = || Unusual { options: crate::world::impatient(), ..Unusual::default() };
    let engine = EngineOptions { runs: 2, ..EngineOptions::default() };
    let world = World::of(&[module("shop", source)], Unusual { engine, ..unusual() }).await;
    for n in 0..2 {
        assert_eq!(post("/hooks/shop/x", &n.to_string()).send(world.address).await.status, 202);
    }
    let third = post("/hooks/shop/x", "3").with("idempotency-key", "3");
    for _ in 0..2 {
        let answer = third.send(world.address).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{}", answer.body);
    }
    assert_eq!(world.runs().await, 2);
    // A run that is cancelled makes room, and the id was not taken.
    let run = world.engine.look(|state| state.runs.iter().next().map(|run| run.id)).await.unwrap().unwrap();
    let cancel = carapace_engine::Input::Cancel { run, reason: "for a test".into() };
    world.engine.submit(cancel).await.unwrap();
    world.engine.settled().await;
    assert_eq!(third.send(world.address).await.status, 202);
}
