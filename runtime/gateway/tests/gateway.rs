//! The gateway over real sockets: what it serves, whom it turns away, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use carapace_channel_api::{Mount, Shutdown, ShutdownHandle};
use carapace_gateway::{Error, Options, Routes, Service};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

fn mount(path: &str) -> Mount {
    let router = Router::new()
        .route("/who", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
        .route("/echo", post(async |body: String| body));
    Mount { path: path.to_owned(), router, page: Some(format!("{path}/")), host: None }
}

fn options() -> Options {
    Options { listen: "127.0.0.1:0".parse().unwrap(), ..Options::default() }
}

async fn start(options: Options) -> (SocketAddr, ShutdownHandle, JoinHandle<Result<(), Error>>) {
    let service = Service::bind(options, vec![mount("/chat")], Routes::default()).await.unwrap();
    let address = service.handle().address();
    let (handle, shutdown) = Shutdown::new();
    (address, handle, tokio::spawn(service.run(shutdown)))
}

async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that turns somebody away may do so before it has read everything.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn get_request(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn it_lives_and_serves_routes() {
    let (address, _stop, _task) = start(options()).await;
    let answer = ask(address, &get_request("/healthz", "localhost")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("x-content-type-options: nosniff"), "{answer}");
    assert!(ask(address, &get_request("/chat/who", &address.to_string())).await.ends_with("127.0.0.1"));
    assert!(ask(address, &get_request("/other", "localhost")).await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn other_names_are_turned_away() {
    let (address, _stop, _task) = start(options()).await;
    for host in ["rebound.example", "rebound.example:80", ""] {
        let answer = ask(address, &get_request("/healthz", host)).await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{host}: {answer}");
    }
    let two = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    assert!(!ask(address, two).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn heads_and_bodies_have_limits() {
    let (address, _stop, _task) = start(Options { body_bytes: 1000, headers: 20, ..options() }).await;
    let post = |length: usize| {
        let body = "x".repeat(length);
        format!(
            "POST /chat/echo HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    assert!(ask(address, &post(1000)).await.starts_with("HTTP/1.1 200"));
    assert!(ask(address, &post(1001)).await.starts_with("HTTP/1.1 413"));
    let many = "x: y\r\n".repeat(30);
    let request = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{many}\r\n");
    assert!(ask(address, &request).await.starts_with("HTTP/1.1 431"));
    let long = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    assert!(ask(address, &long).await.starts_with("HTTP/1.1 431"));
    assert!(ask(address, "\x16\x03\x01 junk\r\n\r\n").await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn a_slow_head_is_given_up() {
    let head_time = std::time::Duration::from_millis(50);
    let (address, _stop, _task) = start(Options { head_time, connections: 1, ..options() }).await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    // The only place is taken; it is free again when the slow one was given up.
    assert!(ask(address, &get_request("/healthz", "localhost")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn it_ends_when_asked_and_not_before_answering() {
    let (address, stop, task) = start(options()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        "POST /chat/echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    stop.request();
    stream.write_all(b"last").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("last"), "{answer}");
    task.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn other_machines_cannot_reach_it_where_nobody_has_a_token() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7171"] {
        let options = Options { listen: address.parse().unwrap(), ..Options::default() };
        let error = Service::bind(options, Vec::new(), Routes::default()).await.unwrap_err();
        assert!(matches!(error, Error::Unguarded { .. }), "{error}");
        let (code, help) = error.code();
        assert!(code == "E1021" && help.contains("carapace token create"), "{code} {help}");
    }
}

#[tokio::test]
async fn paths_are_checked() {
    for (first, second) in [("/chat", "/chat"), ("/chat", "/chat/more"), ("/chat/more", "/chat")] {
        let error =
            Service::bind(options(), vec![mount(first), mount(second)], Routes::default()).await.unwrap_err();
        assert!(matches!(error, Error::PathTaken { .. }), "{error}");
    }
    for path in ["", "/", "chat", "/chat/", "/{all}", "/healthz"] {
        let error = Service::bind(options(), vec![mount(path)], Routes::default()).await.unwrap_err();
        assert!(matches!(error, Error::BadPath { .. }), "{path}");
    }
    let taken = Service::bind(options(), Vec::new(), Routes::default()).await.unwrap().handle().address();
    let held = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = held.local_addr().unwrap();
    assert_ne!(taken, listen);
    let error = Service::bind(Options { listen, ..Options::default() }, Vec::new(), Routes::default())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Bind { .. }), "{error}");
}

#[tokio::test]
async fn pages_of_strangers_reach_no_guarded_route() {
    let guarded = Router::new()
        .route("/v1/who", get(async |caller: carapace_gateway::auth::Caller| caller.name.to_string()));
    let routes = Routes { guarded, ..Routes::default() };
    let service = Service::bind(options(), Vec::new(), routes).await.unwrap();
    let address = service.handle().address();
    let (_stop, shutdown) = Shutdown::new();
    tokio::spawn(service.run(shutdown));
    let from = |origin: &str| {
        format!("GET /v1/who HTTP/1.1\r\nhost: localhost\r\n{origin}connection: close\r\n\r\n")
    };
    assert!(ask(address, &from("")).await.ends_with("local"));
    assert!(ask(address, &from("origin: http://localhost\r\n")).await.ends_with("local"));
    for origin in ["https://evil.example", "http://localhost:7171"] {
        let refused = ask(address, &from(&format!("origin: {origin}\r\n"))).await;
        assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    }
}

#[tokio::test]
async fn the_name_under_which_a_channel_is_reached_is_one_of_its_own_while_it_is_there() {
    let named = Mount { host: Some("bot.example".to_owned()), ..mount("/telegram") };
    let service = Service::bind(options(), vec![named.clone()], Routes::default()).await.unwrap();
    let handle = service.handle();
    let (address, (_stop, shutdown)) = (handle.address(), Shutdown::new());
    tokio::spawn(service.run(shutdown));
    let status = async |host: &str| ask(address, &get_request("/healthz", host)).await[9..12].to_owned();
    assert_eq!(status("Bot.example:443").await, "200");
    assert_eq!(status("other.example").await, "421");
    handle.mount(vec![mount("/chat")]).unwrap();
    assert_eq!(status("bot.example").await, "421");
    handle.mount(vec![named.clone()]).unwrap();
    assert!(handle.mount(vec![mount("/v1")]).is_err());
    assert_eq!(status("bot.example").await, "200", "what was mounted before stays");
}
