//! The official example server, over both wires.

use crate::acts::{Performer, said};
use crate::peers::{Running, everything};
use carapace_effect::Reported;
use carapace_mcp::client::{Patterns, Server, State, Way};
use serde_json::json;
use std::process::Command;
use std::time::Duration;

fn server(way: Way) -> Server {
    Server { name: "files".into(), way, tools: Patterns::default(), timeout: Duration::from_secs(20) }
}

#[tokio::test]
async fn over_standard_input_and_output() {
    let Some((node, script)) = everything("server-everything over stdio") else { return };
    let way =
        Way::Program { command: node, args: vec![script, "stdio".to_owned()], env: Vec::new(), cwd: None };
    speak(Performer::start(server(way))).await;
}

#[tokio::test]
async fn over_http() {
    let Some((node, script)) = everything("server-everything over HTTP") else { return };
    // It says no port that it chose itself.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let start = || {
        Running::start(Command::new(&node).args([&script, "streamableHttp"]).env("PORT", port.to_string()))
    };
    let running = start();
    let url = format!("http://127.0.0.1:{port}/mcp");
    let way = Way::Address { url, headers: Vec::new(), token: None };
    let performer = Performer::start(server(way));
    // It comes and goes.
    performer.is(|state| *state == State::Ready).await;
    drop(running);
    let mut performer = performer;
    loop {
        let (word, words) = said(&performer.call("echo", json!({ "message": "x" })).await);
        assert!(["unavailable", "transient"].contains(&word), "{word} {words}");
        if word == "unavailable" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _running = start();
    performer.is(|state| *state == State::Ready).await;
    speak(performer).await;
}

async fn speak(mut performer: Performer) {
    performer.is(|state| *state == State::Ready).await;
    let status = performer.mcp.servers().remove(0);
    assert!(status.tools.len() >= 10, "{status:?}");
    let echo = performer.call("echo", json!({ "message": "grüße" })).await;
    assert_eq!(echo, Reported::Done(json!("Echo: grüße")));
    let sum = said(&performer.call("get-sum", json!({ "a": 2, "b": 40 })).await);
    assert!(sum.0 == "done" && sum.1.contains("42"), "{sum:?}");
    let structured = performer.call("get-structured-content", json!({ "location": "New York" })).await;
    let Reported::Done(weather) = structured else { panic!("{structured:?}") };
    assert!(weather["temperature"].is_number(), "{weather}");
    let picture = performer.call("get-tiny-image", json!({})).await;
    let Reported::Done(parts) = picture else { panic!("{picture:?}") };
    assert!(parts.as_array().unwrap().iter().any(|part| part["type"] == "image"), "{parts}");
    let wrong = said(&performer.call("get-sum", json!({ "a": "two" })).await);
    assert!(["failed", "invalid"].contains(&wrong.0), "{wrong:?}");
    let slow = json!({ "duration": 2, "steps": 4 });
    let slow = said(&performer.call("trigger-long-running-operation", slow).await);
    assert_eq!(slow.0, "done", "{slow:?}");
    performer.end().await;
}
