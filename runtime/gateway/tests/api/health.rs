//! Whether it is ready, and what it counts.

use crate::world::World;
use carapace_channel_api::Health;
use serde_json::json;

#[tokio::test]
async fn it_is_ready_once_every_channel_hears() {
    let world = World::begin().await;
    for (health, state) in [
        (Health::Starting, "starting"),
        (Health::CatchingUp, "catching_up"),
        (Health::Down { reason: "token 12345:secret refused".to_owned() }, "down"),
        (Health::Stopped, "stopped"),
    ] {
        world.status.set(health);
        let answer = world.get("/readyz").await;
        assert_eq!(answer.status, 503, "{state}");
        assert_eq!(
            answer.json(),
            json!({ "ready": false, "waiting": [{ "account": "main", "state": state }] })
        );
    }
    world.status.set(Health::CaughtUp);
    let answer = world.get("/readyz").await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "ready": true, "waiting": [] })));
    assert_eq!(world.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn what_happens_is_counted() {
    let world = World::begin().await;
    world.status.set(Health::CaughtUp);
    world.start("hello", json!("you")).await;
    world.start("breaks", json!(1)).await;
    world.start("later", json!(1)).await;
    // One there never was: what a run that just ended is answered with depends on who is faster.
    world.get("/v1/runs/4711").await;
    world.get("/v1/made-up-by-somebody").await;
    let expected = [
        r#"carapace_runs_live 1"#,
        r#"carapace_runs_waiting{on="timer"} 1"#,
        r#"carapace_channel_hears{account="main"} 1"#,
        r#"carapace_outbox_messages{state="queued"} 0"#,
        r#"carapace_http_requests_total{route="/v1/runs",method="POST",status="201"} 3"#,
        r#"carapace_http_requests_total{route="/v1/runs/{run}",method="GET",status="404"} 1"#,
        r#"carapace_http_requests_total{route="/v1/{*rest}",method="GET",status="404"} 1"#,
        r#"outcome="started"} 3"#,
        r#"outcome="finished"} 1"#,
        r#"outcome="failed"} 1"#,
    ];
    // It counts beside the engine, and may be a little behind.
    let text = loop {
        let answer = world.get("/metrics").await;
        assert_eq!(answer.status, 200);
        if expected.iter().all(|line| answer.body.contains(line)) || !answer.body.contains("# EOF") {
            break answer.body;
        }
        tokio::task::yield_now().await;
        if answer.body.contains(r#"/metrics",method="GET",status="200"} 500"#) {
            break answer.body;
        }
    };
    for line in expected {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("made-up") && !text.contains("you"), "{text}");
}
