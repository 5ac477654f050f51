//! What the page does, by hand.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A page that is connected.
pub(crate) struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) welcome: Value,
    pub(crate) session: String,
    /// Frames that came while another one was waited for.
    kept: VecDeque<Value>,
}

/// Why the server let go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed(pub(crate) u16);

impl Page {
    /// A connection on which nothing was said.
    pub(crate) async fn raw(address: SocketAddr, origin: Option<&str>) -> Result<Page, Error> {
        let mut request = format!("ws://{address}/webchat/ws").into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = connect_async(request).await?;
        Ok(Page { socket, welcome: Value::Null, session: String::new(), kept: VecDeque::new() })
    }

    /// A page that says `hello`, and is welcomed.
    pub(crate) async fn enter(address: SocketAddr, session: Option<&str>, seen: Value) -> Page {
        let mut page = Page::raw(address, Some(&format!("http://{address}"))).await.unwrap();
        page.say(&json!({ "type": "hello", "session": session, "seen": seen })).await;
        page.welcome = page.next().await.unwrap();
        assert_eq!(page.welcome["type"], "welcome", "{}", page.welcome);
        let told = page.welcome["session"].as_str();
        page.session = told.or(session).unwrap().to_owned();
        page
    }

    /// Somebody new.
    pub(crate) async fn newcomer(address: SocketAddr) -> Page {
        Page::enter(address, None, json!({})).await
    }

    pub(crate) async fn say(&mut self, frame: &Value) {
        self.text(&frame.to_string()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        // The server may have gone already; what it said before is what the test looks at.
        let _ = self.socket.send(message).await;
    }

    /// The next frame that was not looked at.
    pub(crate) async fn next(&mut self) -> Result<Value, Closed> {
        if let Some(kept) = self.kept.pop_front() {
            return Ok(kept);
        }
        self.fresh().await
    }

    async fn fresh(&mut self) -> Result<Value, Closed> {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(Closed(frame.map_or(0, |f| f.code.into()))),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Closed(0)),
            }
        }
    }

    /// The next frame that is `wanted`; others stay for later.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            match self.fresh().await {
                Ok(frame) if wanted(&frame) => return frame,
                Ok(frame) => self.kept.push_back(frame),
                Err(closed) => panic!("{closed:?}, and only these came: {:#?}", self.kept),
            }
        }
    }

    /// Asks for something; the answer to exactly that.
    pub(crate) async fn ask(&mut self, mut frame: Value) -> Value {
        if frame["id"].is_null() {
            frame["id"] = json!(fresh_id());
        }
        let id = frame["id"].clone();
        self.say(&frame).await;
        self.until(|told| matches!(told["type"].as_str(), Some("ack" | "error")) && told["id"] == id).await
    }

    /// A conversation of their own.
    pub(crate) async fn open(&mut self) -> String {
        let ack = self.ask(json!({ "type": "open" })).await;
        ack["conversation"].as_str().unwrap_or_else(|| panic!("{ack}")).to_owned()
    }

    /// The next event of a kind: `message`, `edited`, …
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        self.until(|told| told["type"] == "event" && told["event"]["type"] == kind).await
    }

    /// Everything until the server lets go.
    pub(crate) async fn rest(&mut self) -> (Vec<Value>, Closed) {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Ok(frame) => frames.push(frame),
                Err(closed) => return (frames, closed),
            }
        }
    }

    pub(crate) async fn leave(mut self) {
        let _ = self.socket.close(None).await;
    }
}

/// An id as a page makes one up.
pub(crate) fn fresh_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("c-{:020}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A message frame.
pub(crate) fn message(conversation: &str, text: &str) -> Value {
    json!({ "type": "message", "id": fresh_id(), "conversation": conversation, "text": text })
}

/// One HTTP request; the answer's status and the whole of it.
pub(crate) async fn http(
    address: SocketAddr,
    first: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, String) {
    let (status, answer) = ask(address, first, headers, body).await;
    (status, String::from_utf8_lossy(&answer).into_owned())
}

/// The same; the answer's status and its body.
pub(crate) async fn bytes(
    address: SocketAddr,
    first: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, Vec<u8>) {
    let (status, mut answer) = ask(address, first, headers, body).await;
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    (status, answer.split_off(end + 4))
}

async fn ask(address: SocketAddr, first: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut head = format!("{first} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that turns somebody away does not read to the end.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let code = answer.get(9..12).and_then(|code| std::str::from_utf8(code).ok()?.parse().ok());
    (code.unwrap_or_default(), answer)
}
