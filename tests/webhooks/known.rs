//! The same request again: it is known by what its sender calls it.

use crate::client::{Request, post};
use crate::world::World;
use std::collections::BTreeSet;

const FLOW: &str = r#"
flow hook on webhook("/x", body: Json) { respond(200, "once: {body["n"]?.int() ?? 0}") }
"#;

fn body(n: u32) -> String {
    format!("{{\"n\": {n}}}")
}

#[tokio::test]
async fn the_same_again_gets_the_first_answer() {
    let world = World::new(FLOW).await;
    for id in ["idempotency-key", "webhook-id"] {
        let request = post("/hooks/shop/x", &body(1)).with(id, id);
        for _ in 0..3 {
            let answer = request.send(world.address).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, "once: 1"));
        }
        let other = post("/hooks/shop/x", &body(2)).with(id, id).send(world.address).await;
        assert_eq!((other.status, other.json()["code"].as_str()), (422, Some("E1051")), "{}", other.body);
    }
    assert_eq!(world.runs().await, 2);
    // Without an id each is one of its own.
    for _ in 0..2 {
        post("/hooks/shop/x", &body(1)).send(world.address).await;
    }
    assert_eq!(world.runs().await, 4);
    let long = post("/hooks/shop/x", &body(1)).with("idempotency-key", &"k".repeat(256));
    assert_eq!(long.send(world.address).await.status, 400);
}

#[tokio::test]
async fn fifty_at_once_start_one_run() {
    let world = World::new(
        "flow hook on webhook(\"/x\", body: Json) { await event(\"go\", Int)\n respond(200, \"once\") }
flow go on webhook(\"/go\", body: Int) { emit(\"go\", body) }",
    )
    .await;
    let request = post("/hooks/shop/x", &body(1)).with("idempotency-key", "fifty");
    let (all, address) = (std::sync::Arc::new(tokio::sync::Barrier::new(51)), world.address);
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let (request, all) = (request.clone(), all.clone());
            tokio::spawn(async move {
                all.wait().await;
                request.send(address).await
            })
        })
        .collect();
    all.wait().await;
    while world.runs().await == 0 {
        tokio::task::yield_now().await;
    }
    post("/hooks/shop/go", "1").send(address).await;
    let mut answers = BTreeSet::new();
    for asked in asked {
        let answer = asked.await.unwrap();
        answers.insert((answer.status, answer.body));
    }
    assert_eq!(answers, BTreeSet::from([(200, "once".to_owned())]), "whoever came late, too");
    assert_eq!(world.runs().await, 2);
}

/// What each service calls a request; the flow's answer says how many there were.
#[tokio::test]
async fn each_service_has_its_own_name_for_it() {
    let token = |header: &str, value: &str| vec![(header.to_owned(), value.to_owned())];
    let rows = [
        ("gitlab(secret(\"k\"))", "{}", token("idempotency-key", "1")),
        ("bearer(secret(\"k\"))", "{}", token("idempotency-key", "1")),
        ("token(secret(\"k\"), header: \"x-token\")", "{}", token("webhook-id", "1")),
        ("none", "{}", token("idempotency-key", "1")),
    ];
    for (signature, body, id) in rows {
        let world = World::new(&format!(
            "flow hook on webhook(\"/x\", body: Json, signature: {signature}) {{ respond(200, \"came\") }}"
        ))
        .await;
        world.know("k", "geheim");
        let request = |id: &[(String, String)]| -> Request {
            let request = post("/hooks/shop/x", body)
                .with("x-gitlab-token", "geheim")
                .with("authorization", "Bearer geheim")
                .with("x-token", "geheim");
            id.iter().fold(request, |request, (name, value)| request.with(name, value))
        };
        for (count, again) in [(1, &id[..]), (1, &id[..]), (2, &[]), (3, &[])] {
            let answer = request(again).send(world.address).await;
            assert_eq!(answer.status, 200, "{signature}: {}", answer.body);
            assert_eq!(world.runs().await, count, "{signature}");
        }
    }
}

/// Who got hold of a delivery of GitHub's sends it again under other ids: nobody signed those.
#[tokio::test]
async fn a_signed_body_of_github_is_taken_once_whatever_its_id() {
    let world = World::new(
        "flow hook on webhook(\"/x\", body: Json, signature: github(secret(\"k\"))) { respond(200, \"once\") }",
    )
    .await;
    world.know("k", "It's a Secret to Everybody");
    let proof = "sha256=b9f180c4171a9926a5055962b54ec47b0ebee85e62e76c83ebdbb382f77b05ac";
    for (id, proof) in [("1", proof.to_owned()), ("2", proof.to_owned()), ("3", proof.to_uppercase())] {
        let proof = proof.replace("SHA256", "sha256");
        let request = post("/hooks/shop/x", "{\"zen\":\"Keep it logically awesome.\"}")
            .with("x-github-delivery", id)
            .with("x-hub-signature-256", &proof);
        let answer = request.send(world.address).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "once"), "{id}");
    }
    assert_eq!(world.runs().await, 1);
}
