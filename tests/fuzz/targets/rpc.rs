//! Calls as whoever reaches the gateway may write them: as JSON-RPC, at the addresses of OpenAI's API and of resources, and as what opens
//! a WebSocket. What is understood says what one has to be allowed for it; all of it is answered, and never with a failure of ours.
#![no_main]

mod serving;

use carapace_engine::service::Handle;
use carapace_gateway::auth::{Rate, Rates};
use carapace_gateway::openai::OpenAi;
use carapace_gateway::{Methods, Options, Request, Routes};
use libfuzzer_sys::fuzz_target;
use serving::{answered, fields, served, split};
use std::net::SocketAddr;

const SOURCE: &str = "flow greet on manual(Text) {\n  log(\"hello {input}\")\n}\n";

/// Where bodies go.
const ADDRESSES: [&str; 6] =
    ["/v1/rpc", "/v1/runs", "/v1/tickets", "/v1/chat/completions", "/v1/responses", "/v1/embeddings"];

/// What opens a WebSocket, but for the protocols.
const UPGRADE: &str = "connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn options() -> Options {
    // Whoever is wrong very often is heard here.
    let rates = Rates { failures: Rate::per_second(1 << 30, 1 << 30), ..Rates::default() };
    Options { rates, ..Options::default() }
}

fn routes(handle: &Handle) -> Routes {
    let methods = Methods::new(handle.clone(), Vec::new());
    Routes::new(&methods, &[]).with_guarded(OpenAi::new(&methods).routes())
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

/// A request: fields stand before the first empty line, the body behind it.
fn request(first: u8, rest: &[u8], address: SocketAddr) -> Vec<u8> {
    let (lines, body) = split(rest);
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
    let (threads, address) = served(SOURCE, options, routes);
    let request = request(*first, rest, *address);
    // What waits for something to happen is not waited for.
    let waits = |word: &[u8]| request.windows(word.len()).any(|part| part == word);
    if !waits(b"/v1/events") && !waits(b"wait") {
        threads.block_on(answered(address, &request));
    }
});
