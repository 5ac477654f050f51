//! Calls as whoever reaches the gateway may write them: as JSON-RPC, at the addresses of OpenAI's API and of resources, and as what opens
//! a WebSocket. What is understood says what one has to be allowed for it; all of it is answered, and never with a failure of ours.
#![no_main]

use carapace_channel_api::Shutdown;
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::service::{Opened, Options as EngineOptions, Service};
use carapace_engine::{Deploy, Input, Reply};
use carapace_gateway::auth::{Rate, Rates};
use carapace_gateway::openai::OpenAi;
use carapace_gateway::{Methods, Request, Routes};
use carapace_module::Module;
use carapace_store::MemoryStore;
use libfuzzer_sys::fuzz_target;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

const SOURCE: &str = "flow greet on manual(Text) {\n  log(\"hello {input}\")\n}\n";

/// Where bodies go.
const ADDRESSES: [&str; 6] =
    ["/v1/rpc", "/v1/runs", "/v1/tickets", "/v1/chat/completions", "/v1/responses", "/v1/embeddings"];

/// What opens a WebSocket, but for the protocols.
const UPGRADE: &str = "connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

static SERVED: OnceLock<(Runtime, SocketAddr)> = OnceLock::new();

fn served() -> &'static (Runtime, SocketAddr) {
    SERVED.get_or_init(|| {
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
        let address = threads.block_on(serve());
        (threads, address)
    })
}

async fn serve() -> SocketAddr {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", SOURCE)]), "main.flow");
    let compiled = checked.compile().unwrap_or_else(|checked| panic!("{:#?}", checked.diagnostics));
    let module = Module { package: "shop".into(), ..compiled.module };
    let opened = Service::open(Arc::new(MemoryStore::new()), EngineOptions::default());
    let Opened { mut service, handle, mut outgoing } = opened.expect("an engine begins");
    let deploy = Deploy { module: module.to_bytes().into(), ..Deploy::default() };
    let reply = service.prepare(Input::Deploy(Box::new(deploy)));
    assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
    let methods = Methods::new(handle, Vec::new());
    let routes = Routes::new(&methods, &[]).with_guarded(OpenAi::new(&methods).routes());
    let gateway = carapace_gateway::Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        // Whoever is wrong very often is heard here.
        rates: Rates { failures: Rate::per_second(1 << 30, 1 << 30), ..Rates::default() },
        ..carapace_gateway::Options::default()
    };
    let gateway = carapace_gateway::Service::bind(gateway, Vec::new(), routes).await.expect("a port");
    let address = gateway.handle().address();
    let (stop, asked) = Shutdown::new();
    std::mem::forget(stop);
    tokio::spawn(gateway.run(asked));
    tokio::spawn(service.run(std::future::pending()));
    tokio::spawn(async move { while outgoing.recv().await.is_some() {} });
    address
}

/// What is understood can be written, and is understood again.
fn read(bytes: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<Request>(bytes) {
        let _ = request.scope();
        if let Ok(text) = serde_json::to_vec(&request) {
            assert!(serde_json::from_slice::<Request>(&text).is_ok());
        }
    }
}

/// Header fields, as lines; of each what a line of HTTP may hold.
fn fields(request: &mut Vec<u8>, lines: &[u8]) {
    for line in lines.split(|byte| *byte == b'\n').filter(|line| line.contains(&b':')) {
        request.extend(line.iter().filter(|byte| **byte >= b' '));
        request.extend(b"\r\n");
    }
}

/// A request: fields stand before the first empty line, the body behind it.
fn request(first: u8, rest: &[u8], address: SocketAddr) -> Vec<u8> {
    let split = rest.windows(2).position(|two| two == b"\n\n");
    let (lines, body) = split.map_or((&[][..], rest), |at| (&rest[..at], &rest[at + 2..]));
    let host = format!("host: {address}\r\n");
    let at = usize::from(first) % (ADDRESSES.len() + 2);
    let mut request = Vec::new();
    if let Some(path) = ADDRESSES.get(at) {
        request.extend(format!("POST {path} HTTP/1.1\r\n{host}connection: close\r\n").bytes());
        request.extend(b"content-type: application/json\r\n");
        fields(&mut request, lines);
        request.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
        request.extend(body);
    } else if at == ADDRESSES.len() {
        request.extend(b"GET /v1/");
        request.extend(body.iter().filter(|byte| byte.is_ascii_graphic()));
        request.extend(format!(" HTTP/1.1\r\n{host}connection: close\r\n").bytes());
        fields(&mut request, lines);
        request.extend(b"\r\n");
    } else {
        request.extend(format!("GET /v1/ws HTTP/1.1\r\n{host}{UPGRADE}sec-websocket-protocol: ").bytes());
        // Without what speaks the protocol it is never opened, and so always answered.
        request.extend(b"ticket.0, ");
        request.extend(body.iter().filter(|byte| **byte >= b' '));
        request.extend(b"\r\n\r\n");
    }
    request
}

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    let Some((first, rest)) = bytes.split_first() else { return };
    let (threads, address) = served();
    threads.block_on(async {
        let request = request(*first, rest, *address);
        // What waits for something to happen is not waited for.
        let waits = |word: &[u8]| request.windows(word.len()).any(|part| part == word);
        if waits(b"/v1/events") || waits(b"wait") {
            return;
        }
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        // Whoever is refused early may be hung up on.
        let _ = stream.write_all(&request).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", String::from_utf8_lossy(&answer));
    });
});
