//! Whether it is ready, and what it counts.

use crate::world::{World, ask};
use axum::Extension;
use carapace_channel_api::Health;
use carapace_gateway::auth::Caller;
use carapace_gateway::{Host, Routes, ToolServer};
use serde_json::json;
use std::sync::Arc;

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
    world.get("/made-up-by-somebody").await;
    world.get("/readyz").await;
    world.post("/v1/tickets", &json!({})).await;
    // Who is turned away before anybody sees it is counted, too.
    let kind = Some("application/json\r\norigin: https://evil.example");
    assert_eq!(ask(world.address, "GET", "/v1/runs", kind, b"").await.status, 403);
    let expected = [
        r#"carapace_runs_live 1"#,
        r#"carapace_runs_waiting{on="timer"} 1"#,
        r#"carapace_channel_hears{account="main"} 1"#,
        r#"carapace_outbox_messages{state="queued"} 0"#,
        r#"carapace_http_requests_total{route="/v1/runs",method="POST",status="201"} 3"#,
        r#"carapace_http_requests_total{route="/v1/runs/{run}",method="GET",status="404"} 1"#,
        r#"carapace_http_requests_total{route="/v1/{*rest}",method="GET",status="404"} 1"#,
        r#"carapace_http_requests_total{route="/readyz",method="GET",status="200"} 1"#,
        r#"carapace_http_requests_total{route="/v1/tickets",method="POST",status="409"} 1"#,
        r#"carapace_http_requests_total{route="other",method="GET",status="404"} 1"#,
        r#"carapace_http_requests_total{route="/v1/runs",method="GET",status="403"} 1"#,
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

/// Two servers of tools, of which one is not there.
#[derive(Debug)]
struct Tools;

impl Host for Tools {
    fn tool_servers(&self) -> Vec<ToolServer> {
        let server = |name: &str, state: &str, why: Option<&str>| ToolServer {
            name: name.into(),
            place: "program".to_owned(),
            state: state.to_owned(),
            why: why.map(str::to_owned),
            tools: Vec::new(),
        };
        vec![server("files", "ready", None), server("issues", "down", Some("exit status: 7"))]
    }
}

#[tokio::test]
async fn a_server_of_tools_that_is_away_is_told_and_leaves_it_ready() {
    let world = World::begin().await;
    let Routes { guarded, open, .. } = Routes::new(&world.methods.clone().hosted(Arc::new(Tools)), &[]);
    let router = guarded.layer(Extension(Caller::local())).merge(open);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let ready = ask(address, "GET", "/readyz", None, b"").await;
    let away = json!([{ "server": "issues", "state": "down" }]);
    let expected = json!({ "ready": true, "waiting": [], "tools": away });
    assert_eq!((ready.status, ready.json()), (200, expected), "why it is down stays inside");
    let told = ask(address, "GET", "/metrics", None, b"").await.body;
    for (server, is) in [("files", 1), ("issues", 0)] {
        let line = format!("carapace_mcp_server_ready{{server=\"{server}\"}} {is}\n");
        assert!(told.contains(&line), "{line}\n{told}");
    }
}
