//! Requests of strangers at webhooks with and without signatures: answered, and never with a failure of ours.
#![no_main]

use carapace_channel_api::{SecretError, SecretString, Secrets, Shutdown};
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::service::{Opened, Options as EngineOptions, Service};
use carapace_engine::{Deploy, Input, Reply};
use carapace_gateway::Routes;
use carapace_gateway::webhooks::{Options, Webhooks};
use carapace_module::Module;
use carapace_store::MemoryStore;
use libfuzzer_sys::fuzz_target;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

const SOURCE: &str = include_str!("webhook.flow");

/// The paths in it.
const PATHS: [&str; 5] = ["open", "token", "stripe", "github", "slack"];

/// Everybody's secret.
#[derive(Debug)]
struct One;

impl Secrets for One {
    fn get(&self, _: &str) -> Result<SecretString, SecretError> {
        Ok("secret".to_owned().into())
    }
}

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
    let webhooks = Webhooks::new(handle, Arc::new(One), Options::default(), |_| {});
    let routes = Routes::default().with_webhooks(&webhooks);
    let gateway = carapace_gateway::Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
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

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let path = PATHS[usize::from(*first) % PATHS.len()];
    // Headers stand before the first empty line, the body behind it.
    let split = rest.windows(2).position(|two| two == b"\n\n");
    let (headers, body) = split.map_or((&[][..], rest), |at| (&rest[..at], &rest[at + 2..]));
    let (threads, address) = served();
    threads.block_on(async {
        let mut request =
            format!("POST /hooks/shop/{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n")
                .into_bytes();
        for line in headers.split(|byte| *byte == b'\n').filter(|line| line.contains(&b':')) {
            let plain = line.iter().filter(|byte| **byte >= b' ').copied();
            request.extend(plain);
            request.extend(b"\r\n");
        }
        request.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
        request.extend(body);
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        // Whoever is refused early may be hung up on.
        let _ = stream.write_all(&request).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", String::from_utf8_lossy(&answer));
    });
});
