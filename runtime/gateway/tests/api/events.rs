//! Watching what happens: nothing is lost and nothing told twice, whatever becomes of the connection.

use crate::socket::Socket;
use crate::world::{World, ask};
use carapace_engine::inspect::{Happened, happened};
use serde_json::{Value as Json, json};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// What the journal says.
fn written(world: &World) -> Vec<Happened> {
    let found = happened(&*world.store, 0, usize::MAX).unwrap();
    assert!(found.all);
    found.lines
}

fn of(params: &Json) -> Happened {
    let mut params = params.clone();
    params.as_object_mut().unwrap().remove("subscription");
    serde_json::from_value(params).unwrap()
}

async fn busy(world: &World, count: u32) {
    for n in 0..count {
        match n % 3 {
            0 => world.start("hello", json!("you")).await,
            1 => world.start("later", json!(n)).await,
            _ => world.start("breaks", json!(n)).await,
        };
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_loses_and_doubles_nothing() {
    let world = std::sync::Arc::new(World::begin().await);
    let working = tokio::spawn({
        let world = world.clone();
        async move { busy(&world, 60).await }
    });
    let (mut seen, mut after, mut cuts) = (Vec::<Happened>::new(), 0, 0);
    // Cut after a few lines, again and again, while things happen; then until all that was written is seen.
    loop {
        let mut socket = Socket::open(world.address).await;
        socket.call(1, "events.subscribe", json!({ "after": after })).await;
        let answer = socket.next().await.unwrap();
        assert_eq!(answer["result"]["subscription"], 1, "{answer}");
        let all = working.is_finished().then(|| written(&world).last().unwrap().seq);
        for _ in 0..7 {
            if all.is_some_and(|all| after >= all) {
                break;
            }
            // Who works may have ended just now, and then there is no next line.
            let next = tokio::time::timeout(Duration::from_millis(500), socket.next()).await;
            let Ok(told) = next.map(Result::unwrap) else { break };
            assert_eq!(told["method"], "events.happened", "{told}");
            let happened = of(&told["params"]);
            after = happened.seq;
            seen.push(happened);
        }
        cuts += 1;
        if all.is_some_and(|all| after >= all) {
            break;
        }
    }
    assert!(cuts > 5, "{cuts}");
    let written = written(&world);
    assert_eq!(seen.len(), written.len());
    assert_eq!(seen, written, "in the order of the journal, each once");
    let text = serde_json::to_string(&seen).unwrap();
    for name in ["run_started", "run_waiting", "run_finished", "run_failed", "noted", "deployed"] {
        assert!(text.contains(name), "{name}");
    }
}

#[tokio::test]
async fn who_takes_nothing_for_long_is_given_everything_later() {
    let world = World::begin().await;
    let mut slow = Socket::open(world.address).await;
    slow.call(1, "events.subscribe", json!({})).await;
    let from = slow.next().await.unwrap()["result"]["seq"].as_u64().unwrap();
    // More than is kept for those who watch.
    let engine = world.engine.clone();
    for n in 0..2_500_u32 {
        let input = carapace_engine::Input::Channel { account: "main".into(), caught_up: n % 2 == 0 };
        engine.submit(input).await.unwrap();
    }
    let expected: Vec<Happened> = written(&world).into_iter().filter(|one| one.seq > from).collect();
    assert!(expected.len() > 2_000, "{}", expected.len());
    for one in &expected {
        assert_eq!(of(&slow.next().await.unwrap()["params"]), *one);
    }
}

#[tokio::test]
async fn the_same_is_told_as_server_sent_events() {
    let world = World::begin().await;
    busy(&world, 6).await;
    world.engine.settled().await;
    let written = written(&world);
    let (first, rest) = written.split_at(2);
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "GET /v1/events?after=0 HTTP/1.1\r\nhost: localhost\r\nlast-event-id: {}\r\n\r\n",
        first.last().unwrap().seq
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.next_line().await.unwrap().unwrap().starts_with("HTTP/1.1 200"));
    let mut told = Vec::new();
    while told.len() < rest.len() {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(data) = line.strip_prefix("data: ") {
            told.push(serde_json::from_str::<Happened>(data).unwrap());
        }
    }
    assert_eq!(told, rest);
    // It ends when the runtime does.
    world.stop.request();
    while lines.next_line().await.is_ok_and(|line| line.is_some()) {}
    world.gateway.await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() {
    let world = World::begin().await;
    for (path, status, code) in [
        ("/v1/events?after=99999", 409, "E1036"),
        ("/v1/events?after=x", 400, "E1031"),
        ("/v1/events?after=1&after=2", 400, "E1031"),
        ("/v1/events?events=none", 400, "E1031"),
        ("/v1/events?stray=1", 400, "E1031"),
        ("/v1/ws", 400, "E1031"),
    ] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{path}");
    }
    let nobody = world.door([carapace_gateway::auth::Scope::Chat]).await;
    for path in ["/v1/events", "/metrics"] {
        assert_eq!(ask(nobody, "GET", path, None, b"").await.status, 403, "{path}");
    }
}
