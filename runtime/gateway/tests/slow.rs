//! Clients that take their time, or every place there is: what they hold up is themselves.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod asked;

use asked::{options, request, serve, status};
use carapace_gateway::{Options, Pace};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// No patience to speak of. What a test waits for comes by itself, however long the machine takes.
const SHORT: Pace = Pace { patience: Duration::from_millis(100), bytes: 1_000 };

/// One place: whoever comes next is served only when whoever was there is gone.
fn one_place() -> Options {
    Options {
        connections: 1,
        head_time: Duration::from_millis(100),
        body_pace: SHORT,
        read_pace: SHORT,
        ..options()
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_is_given_up() {
    let served = serve(one_place()).await;
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(b"GET /v1/who HTTP/1.1\r\nhost: local").await.unwrap();
    assert_eq!(status(&served.get("/v1/who", &[]).await).0, 200);
}

#[tokio::test]
async fn a_head_that_comes_letter_by_letter_is_given_up() {
    let served = serve(one_place()).await;
    let slow = TcpStream::connect(served.address).await.unwrap();
    let (mut read, mut write) = slow.into_split();
    let writing = tokio::spawn(async move {
        let _ = write.write_all(b"GET /v1/who HTTP/1.1\r\n").await;
        while write.write_all(b"x: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = Vec::new();
    let _ = read.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || [408, 431].contains(&status(&answer).0), "{answer}");
    writing.await.unwrap();
    assert_eq!(status(&served.get("/v1/who", &[]).await).0, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_and_told() {
    let served = serve(one_place()).await;
    for path in ["/v1/echo", "/chat/echo"] {
        let head = request(
            "POST",
            path,
            "localhost",
            &["content-type: application/json", "content-length: 1000"],
            "",
        );
        let answer = served.ask(&format!("{head}[1,2,")).await;
        assert_eq!(status(&answer).0, 408, "{path}: {answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert_eq!(status(&served.get("/v1/who", &[]).await).0, 200);
    }
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_and_one_that_flows_is_not() {
    let served = serve(Options { head_time: Duration::from_secs(60), ..one_place() }).await;
    let fields = ["content-type: application/json", "transfer-encoding: chunked"];
    let head = request("POST", "/v1/echo", "localhost", &fields, "");
    let (mut read, mut write) = TcpStream::connect(served.address).await.unwrap().into_split();
    write.write_all(head.as_bytes()).await.unwrap();
    // Each chunk earns a millisecond and takes twenty.
    let writing = tokio::spawn(async move {
        while write.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = Vec::new();
    let _ = read.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || status(&answer).0 == 408, "{answer}");
    writing.await.unwrap();
    let patient = Pace { patience: Duration::from_secs(600), bytes: 1 };
    let served = serve(Options { body_pace: patient, ..one_place() }).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..10 {
        stream.write_all(b"1\r\nx\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("xxxxxxxxxx"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up() {
    let served = serve(one_place()).await;
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(request("GET", "/v1/much", "localhost", &[], "").as_bytes()).await.unwrap();
    // The only place is free again although nobody read the answer.
    assert_eq!(status(&served.get("/v1/who", &[]).await).0, 200);
    let mut read = Vec::new();
    let _ = slow.read_to_end(&mut read).await;
    assert!(read.len() < 64 << 20, "{}", read.len());
    // Whoever reads gets all of it.
    assert!(served.get("/v1/much", &[]).await.len() > 64 << 20);
}

#[tokio::test]
async fn one_address_cannot_take_every_place() {
    let served = serve(Options { connections: 8, connections_each: 3, ..options() }).await;
    let from = async |address: &str| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
        socket.connect(served.address).await.unwrap()
    };
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = from("127.0.0.2").await;
        stream
            .write_all(
                request("GET", "/v1/who", "localhost", &[], "").replace("close", "keep-alive").as_bytes(),
            )
            .await
            .unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    let mut answer = String::new();
    let _ = from("127.0.0.2").await.read_to_string(&mut answer).await;
    assert!(status(&answer).0 == 429 && answer.contains("retry-after"), "{answer}");
    assert_eq!(status(&served.get("/v1/who", &[]).await).0, 200, "others come in");
}
