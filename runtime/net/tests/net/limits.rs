//! Servers that never come to an end, and those that say more than anybody wants to hear.

use crate::server::{Names, Server, Then, bytes, client, get, say, short, with, word};
use carapace_net::Limits;
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;
use std::time::Duration;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn an_answer_is_taken_and_unpacked() {
    let text = "over and over ".repeat(1000);
    let gzip = [("content-encoding", "gzip"), ("Content-Type", "text/plain"), ("a", "1"), ("A", "2")];
    let server = Server::start(vec![say(200, &gzip, &packed(text.as_bytes()))]).await;
    let answer = client(&[&server]).call(get(server.url("/x?y"))).await.unwrap();
    assert_eq!(String::from_utf8(answer.body).unwrap(), text);
    let headers: Vec<(&str, &str)> = answer.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(headers, [("a", "1, 2"), ("content-type", "text/plain")]);
    let asked = &server.heard()[0];
    assert!(asked.starts_with("GET /x?y HTTP/1.1\r\n"), "{asked}");
    assert!(
        asked.contains("user-agent: carapace/") && asked.contains("accept-encoding: gzip\r\n"),
        "{asked}"
    );
}

#[tokio::test]
async fn more_than_is_taken_is_not_taken() {
    let limit = usize::try_from(short().body).unwrap();
    let exact = Server::start(vec![say(200, &[], &vec![b'a'; limit])]).await;
    assert_eq!(word(client(&[&exact]).call(get(exact.url("/"))).await), "200");
    let chunked = bytes(200, &[("transfer-encoding", "chunked")], None, b"");
    let gzip = [("content-encoding", "gzip")];
    let long = "x".repeat(short().headers);
    let bomb = packed(&vec![0; 40 * 1024 * 1024]);
    assert!(bomb.len() < limit);
    for (name, then) in [
        ("too long", say(200, &[], &vec![b'a'; limit + 1])),
        // Not a byte of it is waited for.
        ("said to be too long", Then::Stall(bytes(200, &[], Some(limit + 1), b""))),
        (
            "endless",
            Then::Repeat(chunked, b"400\r\n".iter().copied().chain([b'a'; 0x400]).chain(*b"\r\n").collect()),
        ),
        ("endless without a length", Then::Repeat(bytes(200, &[], None, b""), vec![b'a'; 1024])),
        ("a bomb", say(200, &gzip, &bomb)),
        ("no gzip", say(200, &gzip, b"hello")),
        ("half a gzip", say(200, &gzip, &packed(b"hello")[..12])),
        ("another encoding", say(200, &[("content-encoding", "br")], b"hello")),
        ("twice packed", say(200, &[("content-encoding", "gzip, gzip")], b"hello")),
        ("long headers", say(200, &[("x", &long)], b"")),
    ] {
        let server = Server::start(vec![then]).await;
        assert_eq!(
            word(client(&[&server]).call(get(server.url("/"))).await),
            "unacceptable E1015 200",
            "{name}"
        );
    }
}

#[tokio::test]
async fn nobody_is_waited_for_for_ever() {
    // Whoever says nothing, or a byte now and then, would go on for ever: any limit ends it.
    let limits =
        || Limits { silence: Duration::from_millis(300), total: Duration::from_millis(600), ..short() };
    let head = bytes(200, &[], Some(100), b"");
    for (name, then) in [
        ("silence", Then::Stall(Vec::new())),
        ("half a head", Then::Stall(b"HTTP/1.1 200 OK\r\n".to_vec())),
        ("silence after the head", Then::Stall(head)),
        (
            "a dripping head",
            Then::Drip(b"HTTP/1.1 200 OK\r\nx: ".iter().copied().chain([b'a'; 10_000]).collect()),
        ),
        ("a dripping body", Then::Drip(bytes(200, &[], Some(100_000), &[b'a'; 10_000]))),
    ] {
        let limits = Limits { connect: Duration::from_millis(200), ..limits() };
        let server = Server::start(vec![then]).await;
        let client = with(&[&server], limits, Names::default());
        assert_eq!(word(client.call(get(server.url("/"))).await), "unanswered", "{name}");
    }
}

#[tokio::test]
async fn one_host_gets_so_many_requests_at_a_time() {
    let server = Server::start(vec![say(200, &[], b"")]).await;
    let client = with(&[&server], Limits { per_host: 2, ..short() }, Names::default());
    let calls = (0..20).map(|_| client.call(get(server.url("/"))));
    for came in futures_util::future::join_all(calls).await {
        assert_eq!(word(came), "200");
    }
    assert!(server.busiest.load(std::sync::atomic::Ordering::SeqCst) <= 2);
    assert_eq!(server.heard().len(), 20);
}
