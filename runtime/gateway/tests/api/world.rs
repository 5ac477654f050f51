//! A runtime with a gateway before it, and whoever asks.

use axum::Extension;
use carapace_channel_api::{Shutdown, ShutdownHandle, StatusCell};
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::service::{Handle, Opened, Options as EngineOptions, Service as Engine};
use carapace_engine::{Binding, Deploy, Input, Outgoing, Reply, Report, Reported};
use carapace_gateway::auth::{Caller, Scope};
use carapace_gateway::{Account, Hears, Methods, Options, Routes, Service};
use carapace_store::MemoryStore;
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

const FLOWS: &str = r#"channel chat: any

flow hello on manual(Text) {
  log("hello {input}")
}

flow echo on chat.message {
  reply(message.text)
}

flow later on manual(Int) {
  wait(1h)
}

flow breaks on manual(Int) {
  fail("{input} breaks it")
}

flow paid on manual(Text) {
  await event("paid", Text)
}
"#;

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) engine: Handle,
    pub(crate) methods: Methods,
    pub(crate) stop: ShutdownHandle,
    pub(crate) gateway: JoinHandle<()>,
    pub(crate) status: StatusCell,
    pub(crate) store: Arc<MemoryStore>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let found = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.map(str::to_owned)
    }
}

pub(crate) fn module() -> Vec<u8> {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", FLOWS)]), "main.flow");
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    checked.compile().map_err(|_| "mistakes").unwrap().module.to_bytes()
}

impl World {
    pub(crate) async fn begin() -> World {
        World::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> World {
        let store = Arc::new(MemoryStore::new());
        let Opened { mut service, handle, outgoing } =
            Engine::open(store.clone(), EngineOptions::default()).unwrap();
        let accounts = vec!["main".into()];
        let deploy = Deploy {
            module: module().into(),
            bindings: [("main.chat".into(), Binding::Channel { accounts })].into(),
            ..Deploy::default()
        };
        let reply = service.prepare(Input::Deploy(Box::new(deploy)));
        assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
        let (stop, shutdown) = Shutdown::new();
        let ending = shutdown.clone();
        tokio::spawn(service.run(async move { ending.requested().await }));
        tokio::spawn(perform(outgoing, handle.clone()));
        let account = Account { name: "main".to_owned(), kind: "terminal".to_owned() };
        let methods = Methods::new(handle.clone(), vec![account]);
        let status = StatusCell::default();
        let hears = [Hears { account: "main".to_owned(), status: status.watch() }];
        let options = Options { listen: "127.0.0.1:0".parse().unwrap(), ..options };
        let gateway = Service::bind(options, Vec::new(), Routes::new(&methods, &hears)).await.unwrap();
        let address = gateway.handle().address();
        let gateway = tokio::spawn(async move { gateway.run(shutdown).await.unwrap() });
        World { address, engine: handle, methods, stop, gateway, status, store }
    }

    /// The same, at another address, for somebody with these permissions.
    pub(crate) async fn door(&self, scopes: impl IntoIterator<Item = Scope>) -> SocketAddr {
        let caller = Caller::new("somebody", scopes);
        let router = Routes::new(&self.methods, &[]).guarded.layer(Extension(caller));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        ask(self.address, "GET", path, None, b"").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> Answer {
        ask(self.address, "POST", path, Some("application/json"), body.to_string().as_bytes()).await
    }

    /// Starts a flow, and gives its run where that lives.
    pub(crate) async fn start(&self, flow: &str, input: Json) -> Option<String> {
        let answer = self.post("/v1/runs", &json!({ "flow": flow, "input": input })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["run"].as_str().map(str::to_owned)
    }
}

/// Does whatever is asked for, at once.
async fn perform(mut outgoing: tokio::sync::mpsc::UnboundedReceiver<Outgoing>, engine: Handle) {
    while let Some(next) = outgoing.recv().await {
        if let Outgoing::Perform(act) = next {
            let outcome = Reported::Done(Json::Null);
            let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
            if engine.report(report).await.is_err() {
                return;
            }
        }
    }
}

/// One request on a connection of its own.
pub(crate) async fn ask(
    address: SocketAddr,
    verb: &str,
    path: &str,
    kind: Option<&str>,
    body: &[u8],
) -> Answer {
    let kind = kind.map(|kind| format!("content-type: {kind}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{verb} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{kind}content-length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that turns somebody away may do so before it has read everything.
    let _ = stream.write_all(body).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}
