//! A gateway with two routes behind its guard, and what is said to it, byte for byte.

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use axum::routing::{any, get, post};
use carapace_channel_api::{Mount, Shutdown, ShutdownHandle};
use carapace_gateway::auth::{Caller, Scope};
use carapace_gateway::{Options, Routes, Service};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A gateway that serves until it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    _stop: ShutdownHandle,
}

/// Options for a port of one's own.
pub(crate) fn options() -> Options {
    Options { listen: "127.0.0.1:0".parse().unwrap(), ..Options::default() }
}

/// `/v1/who` says who asks, `/v1/deploy` needs a permission, `/v1/ws` becomes a WebSocket, `/v1/echo` and `/chat/…` say again
/// what they hear, and `/v1/much` says very much.
pub(crate) async fn serve(options: Options) -> Served {
    let guarded = Router::new()
        .route("/v1/who", any(async |caller: Caller| caller.name.to_string()))
        .route("/v1/deploy", post(async |caller: Caller| caller.may(Scope::Deploy).to_string()))
        .route("/v1/echo", post(async |body: String| body))
        .route("/v1/much", get(async || vec![b'x'; 64 << 20]))
        .route("/v1/ws", get(socket));
    let chat =
        Router::new().route("/echo", post(async |body: String| body)).route("/page", get(async || "page"));
    let mount = Mount { path: "/chat".to_owned(), router: chat, page: None, host: None };
    let service = Service::bind(options, vec![mount], Routes { guarded, ..Routes::default() }).await.unwrap();
    let address = service.handle().address();
    let (stop, shutdown) = Shutdown::new();
    tokio::spawn(service.run(shutdown));
    Served { address, _stop: stop }
}

/// A WebSocket that says who opened it, and ends with their token.
async fn socket(caller: Caller, upgrade: WebSocketUpgrade) -> Response {
    upgrade.protocols(["carapace.v1"]).on_upgrade(async move |mut socket| {
        let may: Vec<&str> =
            Scope::ALL.iter().filter(|one| caller.may(**one)).map(|one| one.name()).collect();
        let _ = socket.send(format!("{} {}", caller.name, may.join(",")).into()).await;
        caller.over().await;
    })
}

impl Served {
    /// The whole answer to what is sent.
    pub(crate) async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A server that turns somebody away may do so before it has read everything.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// `GET` to this machine's own name, with these fields.
    pub(crate) async fn get(&self, path: &str, fields: &[&str]) -> String {
        self.ask(&request("GET", path, "localhost", fields, "")).await
    }
}

/// A request, as it goes over the wire.
pub(crate) fn request(method: &str, path: &str, host: &str, fields: &[&str], body: &str) -> String {
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{fields}{length}\r\n{body}")
}

/// The status of an answer, and the code in its body where it has one.
pub(crate) fn status(answer: &str) -> (u16, String) {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let code = answer.split("\"code\":\"").nth(1).and_then(|rest| rest.get(..5)).unwrap_or_default();
    (status, code.to_owned())
}
