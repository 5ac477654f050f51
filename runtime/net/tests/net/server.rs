//! Servers that do as they are told, byte for byte, and remember what they heard.

use async_trait::async_trait;
use carapace_net::{Answer, Call, Client, Error, Limits, Options, Place, Policy, Resolver};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// Says this, and hears the next request.
    Say(Vec<u8>),
    /// Says this and hangs up.
    Cut(Vec<u8>),
    /// Says this, and then nothing more, for ever.
    Stall(Vec<u8>),
    /// Says this over and over.
    Repeat(Vec<u8>, Vec<u8>),
    /// Says a byte now and then.
    Drip(Vec<u8>),
}

/// A server on loopback.
pub(crate) struct Server {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    /// Requests that are being answered now, and the most there were.
    pub(crate) busiest: Arc<AtomicUsize>,
}

impl Server {
    /// One that does the next of these with each request, and the last for ever.
    pub(crate) async fn start(script: Vec<Then>) -> Server {
        Server::with_tls(script, None).await
    }

    /// The same over TLS, where there is somebody who speaks it.
    pub(crate) async fn with_tls(script: Vec<Then>, tls: Option<TlsAcceptor>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let talk = Talk {
            script,
            heard: Arc::default(),
            count: Arc::default(),
            busy: Arc::default(),
            busiest: Arc::default(),
        };
        let server = Server { port, heard: talk.heard.clone(), busiest: talk.busiest.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (talk, tls) = (talk.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => talk.on(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                talk.on(stream).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// What all connections of a server share.
#[derive(Clone)]
struct Talk {
    script: Vec<Then>,
    heard: Arc<Mutex<Vec<String>>>,
    count: Arc<AtomicUsize>,
    busy: Arc<AtomicUsize>,
    busiest: Arc<AtomicUsize>,
}

impl Talk {
    async fn on<S: AsyncRead + AsyncWrite + Unpin>(&self, mut stream: S) {
        while let Some(request) = read(&mut stream).await {
            self.heard.lock().unwrap().push(request);
            let n = self.count.fetch_add(1, Ordering::SeqCst);
            self.busiest.fetch_max(self.busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let then = self.script.get(n).or(self.script.last()).cloned().unwrap();
            let more = act(&mut stream, then).await;
            self.busy.fetch_sub(1, Ordering::SeqCst);
            if !more {
                break;
            }
        }
        let _ = stream.shutdown().await;
    }
}

async fn act<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, then: Then) -> bool {
    match then {
        Then::Say(bytes) => stream.write_all(&bytes).await.is_ok(),
        Then::Cut(bytes) => {
            let _ = stream.write_all(&bytes).await;
            false
        }
        Then::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Until the other side has had enough.
            while stream.read_u8().await.is_ok() {}
            false
        }
        Then::Repeat(first, again) => {
            let _ = stream.write_all(&first).await;
            while stream.write_all(&again).await.is_ok() {}
            false
        }
        Then::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if stream.write_all(&[*byte]).await.is_err() {
                    break;
                }
            }
            false
        }
    }
}

/// A request with its body; none at the end.
async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

/// A whole answer.
pub(crate) fn say(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Then {
    Then::Say(bytes(status, headers, Some(body.len()), body))
}

/// An answer that leads elsewhere.
pub(crate) fn lead(status: u16, location: &str) -> Then {
    say(status, &[("location", location)], b"")
}

pub(crate) fn bytes(status: u16, headers: &[(&str, &str)], length: Option<usize>, body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status} x\r\n").into_bytes();
    for (name, value) in headers {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if let Some(length) = length {
        out.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

/// A resolver that knows what it is told: for each name what it says first, then, and from then on.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) known: HashMap<&'static str, Vec<Vec<&'static str>>>,
    pub(crate) asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut asked = self.asked.lock().unwrap();
        let before = asked.iter().filter(|name| *name == host).count();
        asked.push(host.to_owned());
        let Some(said) = self.known.get(host) else { return Err(std::io::ErrorKind::NotFound.into()) };
        let said = said.get(before).or(said.last()).unwrap();
        Ok(said.iter().map(|ip| ip.parse().unwrap()).collect())
    }
}

/// A client that may call these servers and nobody else of this machine.
pub(crate) fn client(servers: &[&Server]) -> Client {
    with(servers, short(), Names::default())
}

pub(crate) fn with(servers: &[&Server], limits: Limits, names: Names) -> Client {
    let places = servers.iter().map(|server| place(&format!("127.0.0.1:{}", server.port)));
    let policy = Policy { private: places.collect(), ..Policy::default() };
    Client::new(Options { policy, limits, resolver: Arc::new(names), ..Options::default() })
}

pub(crate) fn place(text: &str) -> Place {
    Place::read(text).unwrap()
}

/// Limits that are soon over.
pub(crate) fn short() -> Limits {
    Limits {
        body: 64 * 1024,
        headers: 8 * 1024,
        connect: Duration::from_secs(5),
        silence: Duration::from_secs(10),
        total: Duration::from_secs(20),
        ..Limits::default()
    }
}

pub(crate) fn get(address: impl Into<String>) -> Call {
    Call { address: address.into(), ..Call::default() }
}

pub(crate) fn post(address: impl Into<String>, body: &str) -> Call {
    let body = Some((body.as_bytes().to_vec(), "text/plain; charset=utf-8"));
    Call { method: carapace_net::Method::POST, address: address.into(), body, ..Call::default() }
}

/// In a word what came of it.
pub(crate) fn word(came: Result<Answer, Error>) -> String {
    match came {
        Ok(answer) => answer.status.to_string(),
        Err(Error::Refused { code, .. }) => format!("refused {code}"),
        Err(Error::Unreached { .. }) => "unreached".to_owned(),
        Err(Error::Unanswered { .. }) => "unanswered".to_owned(),
        Err(Error::Unacceptable { status, code, .. }) => format!("unacceptable {code} {status}"),
        Err(Error::Later { limited, after, .. }) => {
            format!("later {limited} {:?}", after.map(|after| after.as_secs()))
        }
    }
}
