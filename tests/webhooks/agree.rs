//! What a flow's own tests say of a request, a sender is told: each row is both.

use crate::client::{Request, post};
use crate::world::{World, module};
use carapace_engine::machine::vm;
use carapace_rehearsal::{Loaded, Options, run};

const FLOWS: &str = r#"
type Order {
  id: Text
  count: Int
}

state taken: Int = 0

flow order on webhook("/orders", body: Order) where body.count > 0 {
  set taken = taken + body.count
  respond(201, "{body.id}: {taken}", headers: ["x-of": headers["x-from"] ?? "nobody"])
}

flow silent on webhook("/silent", body: Order) { log("{body.id}") }

flow wrong on webhook("/wrong", body: Order) {
  respond(99, "x") else { respond(500, "no status") }
}

flow guarded on webhook("/secret", body: Order, signature: bearer(secret("k"))) { respond(200, "in") }
"#;

struct Row {
    /// What a test says happens, and what is expected of it.
    test: &'static str,
    requests: Vec<Request>,
    /// What the last request is answered.
    answer: (u16, &'static str),
}

fn order(path: &str, count: i64) -> Request {
    post(&format!("/hooks/shop{path}"), &format!("{{\"id\": \"7\", \"count\": {count}}}"))
}

fn rows() -> Vec<Row> {
    let id = |request: Request| request.with("idempotency-key", "1");
    vec![
        Row {
            test: r#"
  when webhook("/orders", Order { id: "7", count: 2 })
  expect respond(201, "7: 2", _).called
  expect taken == 2"#,
            requests: vec![order("/orders", 2)],
            answer: (201, "7: 2"),
        },
        Row {
            test: r#"
  when webhook("/orders", Order { id: "7", count: 2 }, id: "1")
  when webhook("/orders", Order { id: "7", count: 2 }, id: "1")
  expect respond(201, "7: 2", _).called 1 times
  expect taken == 2"#,
            requests: vec![id(order("/orders", 2)), id(order("/orders", 2))],
            answer: (201, "7: 2"),
        },
        Row {
            test: r#"
  when webhook("/orders", Order { id: "7", count: 2 }, id: "1")
  when webhook("/orders", Order { id: "7", count: 3 }, id: "1")
  expect respond(201, "7: 2", _).called
  expect taken == 2"#,
            requests: vec![id(order("/orders", 2)), id(order("/orders", 3))],
            answer: (422, ""),
        },
        Row {
            test: r#"
  when webhook("/orders", Order { id: "7", count: 0 })
  expect not order.started"#,
            requests: vec![order("/orders", 0)],
            answer: (202, "{\"run\":null}"),
        },
        Row {
            test: r#"
  when webhook("/wrong", Order { id: "7", count: 1 })
  expect respond(500, "no status", _).called"#,
            requests: vec![order("/wrong", 1)],
            answer: (500, "no status"),
        },
        Row {
            test: r#"
  when webhook("/secret", Order { id: "7", count: 1 }, signed: false)
  expect not guarded.started"#,
            requests: vec![order("/secret", 1)],
            answer: (401, ""),
        },
        Row {
            test: r#"
  when webhook("/secret", Order { id: "7", count: 1 }, signed: true)
  expect respond(200, "in", _).called"#,
            requests: vec![order("/secret", 1).with("authorization", "Bearer geheim")],
            answer: (200, "in"),
        },
    ]
}

#[tokio::test]
async fn tests_and_senders_are_told_the_same() {
    let rows = rows();
    let tests: String =
        (0..).zip(&rows).map(|(n, row)| format!("\ntest \"row {n}\" {{{}\n}}\n", row.test)).collect();
    let module = module("shop", &format!("{FLOWS}{tests}"));
    let loaded = Loaded::new(module.to_bytes(), vm::load).unwrap();
    let report = run(&loaded, &Options::default());
    assert_eq!(report.tests.len(), rows.len());
    for test in &report.tests {
        assert!(test.failure.is_none(), "{}: {:?}", test.title, test.failure);
    }
    for (n, row) in rows.iter().enumerate() {
        let world = World::of(std::slice::from_ref(&module), crate::world::Unusual::default()).await;
        world.know("k", "geheim");
        let mut last = None;
        for request in &row.requests {
            last = Some(request.send(world.address).await);
        }
        let answer = last.unwrap();
        assert_eq!(answer.status, row.answer.0, "row {n}: {}", answer.body);
        if !row.answer.1.is_empty() {
            assert_eq!(answer.body, row.answer.1, "row {n}");
        }
    }
}
