//! JSON-RPC over a WebSocket.

use crate::world::World;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn open(address: SocketAddr) -> Socket {
        Socket(connect_async(format!("ws://{address}/v1/ws")).await.unwrap().0)
    }

    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.0.send(Message::Text(text.into().into())).await.unwrap();
    }

    pub(crate) async fn call(&mut self, id: u64, method: &str, params: Json) {
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string())
            .await;
    }

    /// The next text; none once it is closed, with the code of that.
    pub(crate) async fn next(&mut self) -> Result<Json, Option<u16>> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(close))) => return Err(close.map(|close| close.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }
}

#[tokio::test]
async fn calls_are_answered_by_their_ids() {
    let world = World::begin().await;
    let mut socket = Socket::open(world.address).await;
    for id in 1..=40 {
        let (method, params) = match id % 4 {
            0 => ("runs.list", json!({ "limit": 1 })),
            1 => ("runs.finished", json!({})),
            2 => ("runs.show", json!({ "run": "0" })),
            _ => ("none.such", json!({})),
        };
        socket.call(id, method, params).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 1..=40 {
        let answer = socket.next().await.unwrap();
        let id = answer["id"].as_u64().unwrap();
        assert!(seen.insert(id), "{answer}");
        let code = answer["error"]["code"].as_i64();
        assert_eq!(
            code,
            [None, None, Some(-32000), Some(-32601)][usize::try_from(id % 4).unwrap()],
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_is_no_call_is_told_and_the_connection_goes_on() {
    let world = World::begin().await;
    let mut socket = Socket::open(world.address).await;
    let deep = "[".repeat(100_000);
    let long = format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"none"}}"#, "9".repeat(100_000));
    for (text, code) in [
        ("{", -32700),
        ("", -32700),
        (deep.as_str(), -32700),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"runs.list"}]"#, -32600),
        ("[]", -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"runs.list"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"runs.list"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"runs.list","params":[1]}"#, -32602),
        (long.as_str(), -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{"stray":1}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{"events":["none"]}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{"after":99999}}"#, -32000),
        (r#"{"jsonrpc":"2.0","id":1,"method":"events.unsubscribe","params":{"subscription":7}}"#, -32602),
    ] {
        socket.send(text).await;
        let answer = socket.next().await.unwrap();
        let shown: String = text.chars().take(80).collect();
        assert_eq!(answer["error"]["code"], code, "{shown}");
    }
    // A notification is done, and not answered.
    let start =
        json!({ "jsonrpc": "2.0", "method": "runs.start", "params": { "flow": "later", "input": 1 } });
    socket.send(start.to_string()).await;
    while world.get("/v1/runs").await.json()["total"] != 1 {}
    socket.call(7, "runs.list", json!({})).await;
    let answer = socket.next().await.unwrap();
    assert_eq!((&answer["id"], &answer["result"]["total"]), (&json!(7), &json!(1)));
    // What is no text ends it, with the code that says so.
    socket.0.send(Message::Binary(vec![1].into())).await.unwrap();
    assert_eq!(socket.next().await, Err(Some(1003)));
}

#[tokio::test]
async fn a_message_has_a_bound() {
    let world = World::begin().await;
    let mut socket = Socket::open(world.address).await;
    // The other side may end it before it has taken everything.
    let _ = socket.0.send(Message::Text("x".repeat(2 << 20).into())).await;
    assert!(socket.next().await.is_err());
    assert_eq!(world.get("/v1/runs").await.status, 200);
}

#[tokio::test]
async fn subscriptions_are_numbered_bounded_and_end() {
    let world = World::begin().await;
    let mut socket = Socket::open(world.address).await;
    for id in 1..=9 {
        socket.call(id, "events.subscribe", json!({ "events": ["noted"] })).await;
        let answer = socket.next().await.unwrap();
        if id == 9 {
            assert_eq!(answer["error"]["data"]["code"], "E1038", "{answer}");
        } else {
            assert_eq!(answer["result"]["subscription"], id, "{answer}");
        }
    }
    for which in 2..=8 {
        socket.call(10, "events.unsubscribe", json!({ "subscription": which })).await;
        assert_eq!(socket.next().await.unwrap()["result"]["subscription"], which);
    }
    world.start("hello", json!("you")).await;
    let told = socket.next().await.unwrap();
    assert_eq!(told["method"], "events.happened");
    assert_eq!(told["params"]["subscription"], 1);
    assert_eq!(told["params"]["events"][0]["message"], "hello you", "{told}");
}

#[tokio::test]
async fn the_end_of_the_runtime_is_told_with_a_code() {
    let world = World::begin().await;
    let (mut idle, mut watching) = (Socket::open(world.address).await, Socket::open(world.address).await);
    watching.call(1, "events.subscribe", json!({})).await;
    watching.next().await.unwrap();
    world.stop.request();
    assert_eq!(idle.next().await, Err(Some(1001)));
    assert_eq!(watching.next().await, Err(Some(1001)));
    world.gateway.await.unwrap();
}
