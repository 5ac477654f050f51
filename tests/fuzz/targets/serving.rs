//! A runtime with a flow of its own and a gateway before it, for targets that send requests.

use carapace_channel_api::Shutdown;
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::service::{Handle, Opened, Options as EngineOptions, Service};
use carapace_engine::{Deploy, Input, Reply};
use carapace_gateway::{Options, Routes};
use carapace_module::Module;
use carapace_store::MemoryStore;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

static SERVED: OnceLock<(Runtime, SocketAddr)> = OnceLock::new();

/// The runtime that all inputs are sent to, begun with the first: a package of this source behind these routes.
pub(crate) fn served(
    source: &str,
    options: fn() -> Options,
    routes: fn(&Handle) -> Routes,
) -> &'static (Runtime, SocketAddr) {
    SERVED.get_or_init(|| {
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
        let address = threads.block_on(serve(source, options(), routes));
        (threads, address)
    })
}

async fn serve(source: &str, options: Options, routes: fn(&Handle) -> Routes) -> SocketAddr {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", source)]), "main.flow");
    let compiled = checked.compile().unwrap_or_else(|checked| panic!("{:#?}", checked.diagnostics));
    let module = Module { package: "shop".into(), ..compiled.module };
    let opened = Service::open(Arc::new(MemoryStore::new()), EngineOptions::default());
    let Opened { mut service, handle, mut outgoing } = opened.expect("an engine begins");
    let deploy = Deploy { module: module.to_bytes().into(), ..Deploy::default() };
    let reply = service.prepare(Input::Deploy(Box::new(deploy)));
    assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
    let options = Options { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..options };
    let gateway =
        carapace_gateway::Service::bind(options, Vec::new(), routes(&handle)).await.expect("a port");
    let address = gateway.handle().address();
    let (stop, asked) = Shutdown::new();
    std::mem::forget(stop);
    tokio::spawn(gateway.run(asked));
    tokio::spawn(service.run(std::future::pending()));
    tokio::spawn(async move { while outgoing.recv().await.is_some() {} });
    address
}

/// What stands before the first empty line, and the body behind it.
pub(crate) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.windows(2).position(|two| two == b"\n\n");
    at.map_or((&[][..], bytes), |at| (&bytes[..at], &bytes[at + 2..]))
}

/// Header fields, as lines; of each what a line of HTTP may hold.
pub(crate) fn fields(request: &mut Vec<u8>, lines: &[u8]) {
    for line in lines.split(|byte| *byte == b'\n').filter(|line| line.contains(&b':')) {
        request.extend(line.iter().filter(|byte| **byte >= b' '));
        request.extend(b"\r\n");
    }
}

/// What comes back, to the end of the connection; it is no failure of ours.
pub(crate) async fn answered(address: &SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    // Whoever is refused early may be hung up on.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", String::from_utf8_lossy(&answer));
    answer
}
