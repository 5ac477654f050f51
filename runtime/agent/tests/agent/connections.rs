//! Connections to providers.

use crate::bed::{Bed, agent, ask};
use crate::http::request;
use crate::server::options;
use carapace_agent::Kind;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn a_connection_is_used_again_though_the_end_of_an_answer_comes_late() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let again = Arc::new(AtomicBool::new(false));
    let seen = again.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answers(stream, seen.clone()));
        }
    });
    let mut bed = Bed::new(options(Kind::Openai, &url));
    // One whose end has not come yet is passed over; but not for ever.
    for _ in 0..200 {
        bed.done(ask(agent("work/m", &[]), "hello")).await;
        if again.load(Ordering::Relaxed) {
            return;
        }
    }
    panic!("each of 200 requests has opened a connection of its own");
}

/// Answers one request after the other, and tells when there is a second.
async fn answers(mut stream: TcpStream, again: Arc<AtomicBool>) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let piece = json!({ "choices": [{ "index": 0, "delta": { "content": "hi" } }] });
    let stop = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let events = format!("data: {piece}\n\ndata: {stop}\n\ndata: [DONE]\n\n");
    let mut bytes = Vec::new();
    for n in 0.. {
        if request(&mut stream, &mut bytes).await.is_none() {
            return;
        }
        again.fetch_or(n > 0, Ordering::Relaxed);
        let _ = stream.write_all(format!("{head}{:x}\r\n{events}\r\n", events.len()).as_bytes()).await;
        // The end is a piece of its own, as on a network.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let _ = stream.write_all(b"0\r\n\r\n").await;
    }
}
