//! Where answers lead, and what goes along.

use crate::server::{Server, client, get, lead, post, say, word};
use carapace_net::{Call, Hosts};
use std::sync::Arc;

#[tokio::test]
async fn a_redirect_is_looked_at_as_an_address_of_a_flow_is() {
    let inside = Server::start(vec![say(200, &[], b"inside")]).await;
    let port = inside.port;
    for (location, said) in [
        (format!("http://127.0.0.1:{port}/"), "refused E1011"),
        (format!("https://127.0.0.1:{port}/"), "refused E1011"),
        (format!("//127.0.0.1:{port}/"), "refused E1011"),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), "refused E1011"),
        (format!("https://2130706433:{port}/"), "refused E1013"),
        (format!("https://127.0.0.1:80@127.0.0.1:{port}/"), "refused E1013"),
        (format!("\\\\127.0.0.1:{port}\\"), "refused E1013"),
        ("https://169.254.169.254/latest/meta-data/".into(), "refused E1011"),
        ("https://metadata.google.internal/".into(), "refused E1011"),
        ("https://10.0.0.1/".into(), "refused E1011"),
        ("file:///etc/passwd".into(), "refused E1013"),
        ("gopher://127.0.0.1:25/".into(), "refused E1013"),
    ] {
        let server = Server::start(vec![lead(302, &location)]).await;
        assert_eq!(word(client(&[&server]).call(get(server.url("/"))).await), said, "{location}");
    }
    assert!(inside.heard().is_empty());
}

#[tokio::test]
async fn what_says_who_asks_stays_with_the_server_that_it_is_for() {
    let other = Server::start(vec![say(200, &[], b"")]).await;
    let first = Server::start(vec![lead(302, "/b"), lead(302, &other.url("/c"))]).await;
    let client = client(&[&first, &other]);
    let headers = [("X-Api-Key", "key"), ("Cookie", "a=b"), ("Accept", "text/plain")];
    let call = Call {
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        token: Some("s3cret".to_owned().into()),
        ..get(first.url("/a"))
    };
    assert_eq!(word(client.call(call).await), "200");
    let (heard, there) = (first.heard(), other.heard());
    for request in &heard {
        assert!(
            request.contains("authorization: Bearer s3cret\r\n") && request.contains("x-api-key: key\r\n"),
            "{request}"
        );
    }
    assert!(heard[1].starts_with("GET /b HTTP/1.1\r\n"));
    assert!(there[0].starts_with("GET /c HTTP/1.1\r\n") && there[0].contains("accept: text/plain\r\n"));
    for word in ["s3cret", "x-api-key", "cookie", "referer"] {
        assert!(!there[0].contains(word), "{}", there[0]);
    }
}

#[tokio::test]
async fn redirects_lead_nowhere_that_the_flow_does_not_list_and_come_to_an_end() {
    let other = Server::start(vec![say(200, &[], b"")]).await;
    let first = Server::start(vec![lead(302, &other.url("/"))]).await;
    let client = client(&[&first, &other]);
    let listed = |ports: &[u16]| {
        Hosts::These(ports.iter().map(|port| Arc::from(format!("127.0.0.1:{port}"))).collect())
    };
    let call = |hosts| Call { hosts, ..get(first.url("/")) };
    assert_eq!(word(client.call(call(listed(&[first.port]))).await), "refused E1012");
    assert!(other.heard().is_empty());
    assert_eq!(word(client.call(call(listed(&[first.port, other.port]))).await), "200");
    let circle = Server::start(vec![lead(302, "/")]).await;
    let client = crate::server::client(&[&circle]);
    assert_eq!(word(client.call(get(circle.url("/"))).await), "refused E1016");
    assert_eq!(circle.heard().len(), 6);
}

#[tokio::test]
async fn what_was_sent_is_sent_again_only_where_the_server_did_nothing_with_it() {
    for (status, said, heard) in
        [(307, "200", 2), (308, "200", 2), (301, "301", 1), (302, "302", 1), (303, "303", 1)]
    {
        let server = Server::start(vec![lead(status, "/b"), say(200, &[], b"")]).await;
        let call = Call { key: Some("k1".into()), ..post(server.url("/a"), "hello") };
        assert_eq!(word(client(&[&server]).call(call).await), said);
        assert_eq!(server.heard().len(), heard);
        for request in server.heard() {
            assert!(request.starts_with("POST /") && request.ends_with("\r\n\r\nhello"), "{request}");
            assert!(request.contains("idempotency-key: k1\r\n"), "{request}");
        }
    }
}
