//! A server that does as it is told, and keeps what it was sent.

use crate::http::request;
use carapace_agent::{Kind, Options, Provider, Timeouts};
use serde_json::Value as Json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

/// What is done with a request: bytes are sent as they stand, and then the connection ends, or stays open and silent.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    Say(String),
    SayAndHang(String),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) head: String,
    pub(crate) body: Json,
}

pub(crate) struct Server {
    pub(crate) url: String,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Server {
    /// Does one after the other, and the last again and again.
    pub(crate) async fn start(does: Vec<Does>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let came = Arc::new(Mutex::new(Vec::new()));
        let kept = came.clone();
        tokio::spawn(async move {
            let mut at = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let does = does.get(at).or_else(|| does.last()).cloned().unwrap();
                at += 1;
                tokio::spawn(serve(stream, does, kept.clone()));
            }
        });
        Server { url, came }
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    pub(crate) fn bodies(&self) -> Vec<Json> {
        self.came().into_iter().map(|came| came.body).collect()
    }
}

async fn serve(mut stream: TcpStream, does: Does, kept: Arc<Mutex<Vec<Came>>>) {
    let Some((head, rest)) = request(&mut stream, &mut Vec::new()).await else { return };
    kept.lock().unwrap().push(Came { head, body: serde_json::from_str(&rest).unwrap_or_default() });
    let (Does::Say(text) | Does::SayAndHang(text)) = &does;
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.flush().await;
    if matches!(does, Does::SayAndHang(_)) {
        std::future::pending::<()>().await;
    }
}

/// A whole answer.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Say(format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
    ))
}

/// A stream of events that ends with its connection.
pub(crate) fn events(lines: &[&str]) -> String {
    let body: String = lines.iter().map(|line| format!("data: {line}\n\n")).collect();
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}")
}

/// A stream of events that have names.
pub(crate) fn named(lines: &[(&str, &str)]) -> Does {
    let body: String = lines.iter().map(|(name, line)| format!("event: {name}\ndata: {line}\n\n")).collect();
    Does::Say(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// What OpenAI's chat completions stream for this text.
pub(crate) fn chat(text: &str) -> Does {
    let piece = serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }).to_string();
    let stop = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    Does::Say(events(&[&piece, stop, "[DONE]"]))
}

/// The provider `work` of this kind at this server, and timeouts that a test can wait for.
pub(crate) fn options(kind: Kind, url: &str) -> Options {
    let provider = Provider { url: Some(url.to_owned()), key: Some("key".to_owned()), ..Provider::new(kind) };
    Options { providers: [("work".to_owned(), provider)].into(), timeouts: short(), ..Options::default() }
}

pub(crate) fn short() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        first: Duration::from_secs(5),
        whole: Duration::from_secs(20),
    }
}
