//! What is said of a request that came to no good end: never more than is known.

use crate::server::{Server, Then, bytes, client, get, place, post, say, short, word};
use carapace_net::{Call, Client, Options, Pattern, Policy};
use std::sync::Arc;
use tokio::net::TcpListener;

#[tokio::test]
async fn what_never_left_is_told_apart_from_what_may_have_arrived() {
    for (name, then) in [
        ("hangs up at once", Then::Cut(Vec::new())),
        ("hangs up in the head", Then::Cut(b"HTTP/1.1 20".to_vec())),
        ("hangs up in the body", Then::Cut(bytes(200, &[], Some(100), b"half"))),
        (
            "hangs up in a chunk",
            Then::Cut(bytes(200, &[("transfer-encoding", "chunked")], None, b"ff\r\nhalf")),
        ),
        ("speaks no HTTP", Then::Cut(b"220 mail ESMTP\r\n".to_vec())),
    ] {
        let server = Server::start(vec![then]).await;
        assert_eq!(word(client(&[&server]).call(post(server.url("/"), "x")).await), "unanswered", "{name}");
        assert_eq!(server.heard().len(), 1, "{name}: nothing is sent twice");
    }
    // Somebody had this port a moment ago, and nobody has it now.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let policy = Policy { private: vec![place(&format!("127.0.0.1:{port}"))], ..Policy::default() };
    let client = Client::new(Options { policy, limits: short(), ..Options::default() });
    assert_eq!(word(client.call(post(format!("http://127.0.0.1:{port}/"), "x")).await), "unreached");
    assert_eq!(word(client.call(post(format!("https://127.0.0.1:{port}/"), "x")).await), "unreached");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_hears_nothing() {
    let server = Server::start(vec![say(200, &[], b"")]).await;
    let address = format!("https://127.0.0.1:{}/", server.port);
    let client = crate::server::with(
        &[&server],
        carapace_net::Limits { connect: std::time::Duration::from_millis(500), ..short() },
        crate::server::Names::default(),
    );
    assert_eq!(word(client.call(post(address, "secret words")).await), "unreached");
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_server_that_asks_for_patience_did_nothing() {
    for (then, said) in [
        (say(429, &[("retry-after", "7")], b""), "later true Some(7)"),
        (say(503, &[], b""), "later false None"),
        (
            say(
                503,
                &[
                    ("date", "Wed, 21 Oct 2026 07:27:15 GMT"),
                    ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"),
                ],
                b"",
            ),
            "later false Some(45)",
        ),
        (say(503, &[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], b""), "later false Some(0)"),
        (say(503, &[("retry-after", "soon")], b""), "later false None"),
        (say(500, &[("retry-after", "7")], b""), "500"),
        (say(404, &[], b""), "404"),
        (say(204, &[], b""), "204"),
    ] {
        let server = Server::start(vec![then]).await;
        assert_eq!(word(client(&[&server]).call(get(server.url("/"))).await), said);
    }
}

#[tokio::test]
async fn a_secret_goes_where_nobody_reads_along() {
    let policy = Policy { plain: vec![Pattern::read("old.example").unwrap()], ..Policy::default() };
    let names = Arc::new(crate::server::Names::default());
    let client =
        Client::new(Options { policy, limits: short(), resolver: names.clone(), ..Options::default() });
    let call = |token: &str| Call { token: Some(token.to_owned().into()), ..get("http://old.example/") };
    assert_eq!(word(client.call(call("s3cret")).await), "refused E1017");
    assert!(names.asked.lock().unwrap().is_empty());
    let call = Call { token: Some("a\r\nHost: evil".to_owned().into()), ..get("https://example.com/") };
    let error = client.call(call).await.unwrap_err().to_string();
    assert!(error.contains("E1017") && !error.contains("evil"), "{error}");
}
