//! Who comes in, over real sockets: each case of a token, a page, a name and a proxy.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod asked;

use asked::{Served, options, request, serve, status};
use carapace_engine::service::Clock;
use carapace_gateway::Options;
use carapace_gateway::auth::{Access, Grant, PREFIX, Rate, Rates, Scope};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A gateway, who has access to it, and its clock. It trusts `127.0.0.1` as a proxy where `proxied`.
struct Case {
    served: Served,
    access: Access,
    now: Arc<AtomicI64>,
    data: tempfile::TempDir,
}

async fn case(change: impl FnOnce(&mut Options)) -> Case {
    let (data, now) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1_000)));
    let clock = Clock::of({
        let now = now.clone();
        move || now.load(Ordering::SeqCst)
    });
    let access = Access::open(data.path(), clock).unwrap();
    let many = Rate::per_second(10_000, 10_000);
    let rates = Rates { failures: many, ..Rates::default() };
    let mut options = Options { access: access.clone(), rates, ..options() };
    change(&mut options);
    Case { served: serve(options).await, access, now, data }
}

impl Case {
    fn token(&self, name: &str, scopes: &[Scope], lives: Option<i64>) -> String {
        let grant = Grant { name: name.to_owned(), scopes: scopes.iter().copied().collect(), lives };
        self.access.create(grant, None).unwrap().token
    }
}

/// The head of an answer, whatever becomes of the connection then.
async fn head(served: &Served, request: &str) -> String {
    let mut stream = BufReader::new(TcpStream::connect(served.address).await.unwrap());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = String::new();
    while stream.read_line(&mut head).await.unwrap() > 2 {}
    head
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}")
}

/// As a proxy hands it on.
const FORWARDED: &str = "x-forwarded-for: 192.0.2.9";

#[tokio::test]
async fn each_token_lets_in_whom_it_should() {
    let case = case(|options| options.proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    let good = case.token("good", &[Scope::Read, Scope::Deploy], None);
    let reader = case.token("reader", &[Scope::Read], None);
    let short = case.token("short", &[Scope::Read], Some(10));
    let revoked = case.token("revoked", &[Scope::Read], None);
    case.access.revoke("revoked").unwrap();
    case.now.store(2_000, Ordering::SeqCst);
    let mut typo = good.clone().into_bytes();
    typo[20] = if typo[20] == b'a' { b'b' } else { b'a' };
    let typo = String::from_utf8(typo).unwrap();
    let unknown = Access::default()
        .create(Grant { name: "x".to_owned(), scopes: [Scope::Admin].into(), lives: None }, None)
        .unwrap()
        .token;
    for (what, field, expected, said) in [
        ("good", bearer(&good), (200, ""), "good"),
        ("good, by another case of the scheme", format!("Authorization: bEARER {good}"), (200, ""), "good"),
        ("missing", "x: y".to_owned(), (401, "E1022"), "needs a token"),
        ("wrong", bearer(&unknown), (401, "E1022"), "nobody was given"),
        ("mistyped", bearer(&typo), (401, "E1022"), "mistyped"),
        ("cut", bearer(&good[..30]), (401, "E1022"), "missing or too much"),
        ("only a prefix", bearer(PREFIX), (401, "E1022"), ""),
        ("weak", bearer("changeme"), (401, "E1022"), "nobody was given"),
        ("empty", "authorization: Bearer ".to_owned(), (401, "E1022"), ""),
        ("expired", bearer(&short), (401, "E1022"), "time of the token `short` is over"),
        ("revoked", bearer(&revoked), (401, "E1022"), "`revoked` was taken back"),
        ("of another scheme", format!("authorization: Basic {good}"), (401, "E1022"), "only `Authorization"),
        ("without a scheme", format!("authorization: {good}"), (401, "E1022"), ""),
        ("twice", format!("{}\r\n{}", bearer(&good), bearer(&good)), (401, "E1022"), "twice"),
        ("in a cookie", format!("cookie: token={good}"), (401, "E1022"), ""),
        ("in another field", format!("x-api-key: {good}"), (401, "E1022"), ""),
    ] {
        let answer = case.served.get("/v1/who", &[&field, FORWARDED]).await;
        let (code, body) = status(&answer);
        assert_eq!((code, body.as_str()), expected, "{what}: {answer}");
        assert!(answer.contains(said), "{what}: {answer}");
        let challenged = answer.contains("www-authenticate: Bearer");
        assert_eq!(challenged, code == 401, "{what}: {answer}");
        for token in [&good, &unknown, &typo, &short, &revoked] {
            assert!(!answer.contains(token.as_str()), "{what}: no answer says a token");
        }
    }
    for (token, expected) in [(&good, "true"), (&reader, "false")] {
        let answer = case
            .served
            .ask(&request("POST", "/v1/deploy", "localhost", &[&bearer(token), FORWARDED], ""))
            .await;
        assert!(answer.ends_with(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_token_in_an_address_is_never_used() {
    let case = case(|_| {}).await;
    let good = case.token("good", &[Scope::Read], None);
    for path in [
        format!("/v1/who?token={good}"),
        format!("/v1/who?access_token={good}"),
        format!("/v1/who?x=1&anything={good}"),
        "/v1/who?api_key=hunter2".to_owned(),
        format!("/v1/{good}"),
        format!("/chat/page?x={good}"),
    ] {
        for fields in [&[][..], &[bearer(&good).as_str()]] {
            let answer = case.served.get(&path, fields).await;
            assert_eq!(status(&answer), (400, "E1023".to_owned()), "{path}: {answer}");
            assert!(!answer.contains(&good));
        }
    }
    let fine = case.served.get("/chat/page?token=of-the-channel", &[]).await;
    assert_eq!(status(&fine).0, 200, "what a channel calls a token is its own: {fine}");
}

#[tokio::test]
async fn only_what_was_sent_at_this_machine_needs_no_token() {
    let plain = case(|options| options.hosts = vec!["bots.example".to_owned()]).await;
    let proxied = case(|options| {
        options.hosts = vec!["bots.example".to_owned()];
        options.proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    for (what, host, field, at_plain, at_proxied) in [
        ("at this machine", "localhost", "x: y", 200, 401),
        ("at this machine, by address", "127.0.0.1:80", "x: y", 200, 401),
        ("by a public name", "bots.example", "x: y", 401, 401),
        ("handed on", "bots.example", FORWARDED, 401, 401),
        ("handed on, to a local name", "localhost", FORWARDED, 401, 401),
        ("handed on, from here as somebody says", "localhost", "x-forwarded-for: 127.0.0.1", 401, 401),
        ("handed on, as RFC 7239 has it", "localhost", "forwarded: for=192.0.2.9", 401, 401),
        ("handed on by some other", "localhost", "via: 1.1 proxy", 401, 401),
        ("with the sender as nginx says it", "localhost", "x-real-ip: 127.0.0.1", 401, 401),
        ("handed on, and what says so is junk", "localhost", "x-forwarded-for: junk", 401, 400),
        (
            "handed on, with two senders",
            "localhost",
            "x-forwarded-for: 192.0.2.9\r\nforwarded: for=6.6.6.6",
            401,
            400,
        ),
    ] {
        for (case, expected) in [(&plain, at_plain), (&proxied, at_proxied)] {
            let answer = case.served.ask(&request("GET", "/v1/who", host, &[field], "")).await;
            assert_eq!(status(&answer).0, expected, "{what}: {answer}");
        }
    }
    // Also at this machine, a token that is shown has to be one.
    let answer = plain.served.get("/v1/who", &[&bearer("changeme")]).await;
    assert_eq!(status(&answer).0, 401, "{answer}");
}

#[tokio::test]
async fn pages_and_names_of_strangers_get_nothing() {
    let case = case(|options| {
        options.hosts = vec!["bots.example".to_owned()];
        options.origins = vec!["https://ui.example".to_owned()];
    })
    .await;
    let good = bearer(&case.token("good", &[Scope::Read], None));
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    for (what, host, field, expected) in [
        ("a rebound name", "rebound.example", "x: y", 421),
        ("a rebound name with an address before it", "127.0.0.1.rebound.example:80", "x: y", 421),
        ("no name", "", "x: y", 421),
        ("a page of a stranger", "localhost", "origin: https://evil.example", 403),
        ("a page of a stranger who is also here", "localhost", "origin: http://localhost:3000", 403),
        ("a page without a place", "localhost", "origin: null", 403),
        ("a page of a file", "localhost", "origin: file://", 403),
        ("our own page", "localhost", "origin: http://localhost", 200),
        ("a page that was named", "localhost", "origin: https://ui.example", 401),
        ("a picture in a stranger's page", "localhost", "sec-fetch-site: cross-site", 403),
        ("a page of the same site", "localhost", "sec-fetch-site: same-site", 403),
        ("typed by a person", "localhost", "sec-fetch-site: none", 200),
        ("our own page, asking", "localhost", "sec-fetch-site: same-origin", 200),
    ] {
        let answer = case.served.ask(&request("GET", "/v1/who", host, &[field], "")).await;
        assert_eq!(status(&answer).0, expected, "{what}: {answer}");
        assert_eq!(
            answer.contains("access-control-allow-origin"),
            field.contains("ui.example"),
            "{what}: {answer}"
        );
        let path = request("GET", "/v1/ws", host, &[field, upgrade], "").replace("connection: close\r\n", "");
        let upgraded = if expected == 200 { 101 } else { expected };
        let answer = head(&case.served, &path).await;
        assert_eq!(status(&answer).0, upgraded, "as a WebSocket, {what}: {answer}");
    }
    // With a token a page that was named may ask, and a stranger's may not.
    let named = case.served.get("/v1/who", &[&good, "origin: https://ui.example"]).await;
    assert!(named.contains("access-control-allow-origin: https://ui.example"), "{named}");
    assert!(named.ends_with("good") && !named.contains("allow-credentials"), "{named}");
    let stranger = case.served.get("/v1/who", &[&good, "origin: https://evil.example"]).await;
    assert_eq!(status(&stranger), (403, "E1026".to_owned()), "{stranger}");
    for (origin, expected) in [("https://ui.example", 204), ("https://evil.example", 403)] {
        let fields = [&format!("origin: {origin}"), "access-control-request-method: POST"];
        let answer = case.served.ask(&request("OPTIONS", "/v1/who", "localhost", &fields, "")).await;
        assert_eq!(status(&answer).0, expected, "{answer}");
        assert_eq!(answer.contains("access-control-allow-methods"), expected == 204, "{answer}");
    }
    // As the official clients for OpenAI's API ask, in a browser.
    let asking = "access-control-request-headers: authorization,content-type,idempotency-key,x-stainless-os,X-Stainless-New,x-evil,x-stainless-\"";
    let fields = ["origin: https://ui.example", "access-control-request-method: POST", asking];
    let answer = case.served.ask(&request("OPTIONS", "/v1/who", "localhost", &fields, "")).await;
    let allowed =
        answer.lines().find_map(|line| line.strip_prefix("access-control-allow-headers: ")).unwrap();
    let allowed: Vec<&str> = allowed.split(", ").collect();
    for (name, is) in [
        ("authorization", true),
        ("idempotency-key", true),
        ("x-stainless-os", true),
        ("x-stainless-new", true),
        ("x-evil", false),
        ("x-stainless-\"", false),
    ] {
        assert_eq!(allowed.contains(&name), is, "{name}: {answer}");
    }
}

#[tokio::test]
async fn what_a_form_can_send_changes_nothing() {
    let case = case(|_| {}).await;
    let good = bearer(&case.token("good", &[Scope::Read], None));
    for (kind, expected) in [
        ("application/x-www-form-urlencoded", 403),
        ("multipart/form-data; boundary=x", 403),
        ("text/plain", 403),
        ("Text/Plain; charset=utf-8", 403),
        ("application/json", 200),
        ("application/octet-stream", 200),
    ] {
        let kind = format!("content-type: {kind}");
        let answer = case.served.ask(&request("POST", "/v1/echo", "localhost", &[&kind], "{}")).await;
        assert_eq!(status(&answer).0, expected, "{kind}: {answer}");
        let with = case.served.ask(&request("POST", "/v1/echo", "localhost", &[&kind, &good], "{}")).await;
        assert_eq!(status(&with).0, 200, "no page has the token: {with}");
    }
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let case = case(|_| {}).await;
    for answer in [
        case.served.get("/v1/who", &[]).await,
        case.served.get("/v1/who", &["origin: https://evil.example"]).await,
        case.served.get("/v1/who", &[&bearer("wrong")]).await,
    ] {
        for field in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'",
            "cross-origin-resource-policy: same-origin",
            "x-frame-options: DENY",
            "cache-control: no-store",
        ] {
            assert!(answer.contains(field), "{field}: {answer}");
        }
    }
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let hour = Duration::from_secs(3_600);
    let slow = |burst| Rate { burst, every: hour };
    let case = case(|options| {
        options.rates = Rates { address: slow(8), token: slow(3), channel: slow(4), failures: slow(2) };
        options.proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let good = bearer(&case.token("good", &[Scope::Read], None));
    let from = |last: u8| format!("x-forwarded-for: 192.0.2.{last}");
    let codes = async |path: &str, fields: &[&str], count: usize| {
        let mut codes = Vec::new();
        for _ in 0..count {
            let answer = case.served.get(path, fields).await;
            assert_eq!(answer.contains("retry-after: 3"), answer.contains(" 429 "), "{answer}");
            codes.push(status(&answer).0);
        }
        codes
    };
    assert_eq!(codes("/v1/who", &[&bearer("wrong"), &from(1)], 4).await, [401, 401, 429, 429]);
    // Who was shut out is not heard with a good one either: it could be the next guess.
    assert_eq!(codes("/v1/who", &[&good, &from(1)], 1).await, [429]);
    assert_eq!(codes("/v1/who", &[&good, &from(2)], 2).await, [200, 200]);
    assert_eq!(
        codes("/v1/who", &[&good, &from(3)], 2).await,
        [200, 429],
        "a token is counted from everywhere"
    );
    assert_eq!(codes("/healthz", &[&from(4)], 9).await, [200, 200, 200, 200, 200, 200, 200, 200, 429]);
    assert_eq!(codes("/chat/page", &[&from(5)], 5).await, [200, 200, 200, 200, 429]);
    assert_eq!(codes("/chat/page", &[&from(6)], 1).await, [429], "a channel is counted for all");
}

#[tokio::test]
async fn a_token_that_is_taken_back_is_over_at_once() {
    let case = case(|_| {}).await;
    let token = bearer(&case.token("good", &[Scope::Read], None));
    assert_eq!(status(&case.served.get("/v1/who", &[&token]).await).0, 200);
    case.access.revoke("good").unwrap();
    assert_eq!(status(&case.served.get("/v1/who", &[&token]).await).0, 401);
    assert!(case.data.path().join("access/tokens.json").exists());
}

/// What opens a WebSocket with these protocols, handed on by a proxy.
fn opening(protocols: &str, more: &[&str]) -> String {
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    let protocols = format!("sec-websocket-protocol: {protocols}");
    let fields: Vec<&str> =
        [upgrade, &protocols, FORWARDED].into_iter().chain(more.iter().copied()).collect();
    request("GET", "/v1/ws", "localhost", &fields, "").replace("connection: close\r\n", "")
}

/// The whole answer to what opens no WebSocket, after which the connection ends.
async fn refused(case: &Case, protocols: &str, more: &[&str]) -> String {
    let asking = opening(protocols, more).replace("connection: upgrade", "connection: upgrade, close");
    case.served.ask(&asking).await
}

/// A ticket for whoever has this token: the protocols, as a page says them.
async fn ticket(case: &Case, token: &str, body: &str) -> String {
    let kind = "content-type: application/json";
    let asking = request("POST", "/v1/tickets", "localhost", &[&bearer(token), FORWARDED, kind], body);
    let answer = case.served.ask(&asking).await;
    assert_eq!(status(&answer).0, 201, "{answer}");
    let body: serde_json::Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let protocols =
        body.get("protocols").unwrap().as_array().unwrap().iter().map(|one| one.as_str().unwrap());
    protocols.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn a_ticket_opens_one_websocket() {
    let case = case(|options| {
        options.proxies = vec!["127.0.0.1".parse().unwrap()];
        options.origins = vec!["https://ui.example".to_owned()];
    })
    .await;
    let good = case.token("good", &[Scope::Read, Scope::Deploy], None);
    let protocols = ticket(&case, &good, "").await;
    let secret = protocols.rsplit('.').next().unwrap().to_owned();
    let other = protocols.replace(&secret, &"0".repeat(64));
    let stranger = "origin: https://evil.example";
    // Until it is used, nothing that goes wrong uses it up.
    for (what, protocols, more, expected) in [
        ("none", "carapace.v1", &[][..], (401, "E1022")),
        ("another", &other, &[], (401, "E1140")),
        ("cut", &protocols[..protocols.len() - 1], &[], (401, "E1140")),
        ("alone", &format!("ticket.{secret}"), &[], (401, "E1022")),
        ("twice", &format!("{protocols}, ticket.{secret}"), &[], (401, "E1022")),
        ("with a token", &protocols, &[&*bearer(&good)], (401, "E1022")),
        ("the token itself", &format!("carapace.v1, ticket.{good}"), &[], (401, "E1140")),
        ("on a page of a stranger", &protocols, &[stranger], (403, "E1026")),
    ] {
        let answer = head(&case.served, &opening(protocols, more)).await;
        assert_eq!(status(&answer).0, expected.0, "{what}: {answer}");
        assert!(!answer.contains(&secret) && !answer.contains(&good), "{what}: {answer}");
        let answer = refused(&case, protocols, more).await;
        assert_eq!(status(&answer), (expected.0, expected.1.to_owned()), "{what}: {answer}");
    }
    // For anything but a WebSocket it is nothing.
    let field = format!("sec-websocket-protocol: {protocols}");
    assert_eq!(status(&case.served.get("/v1/who", &[&field, FORWARDED]).await).0, 401);
    let named = head(&case.served, &opening(&protocols, &["origin: https://ui.example"])).await;
    assert_eq!(status(&named).0, 101, "{named}");
    assert!(named.contains("sec-websocket-protocol: carapace.v1\r\n"), "what is spoken is said: {named}");
    assert!(!named.contains(&secret), "{named}");
    let again = refused(&case, &protocols, &[]).await;
    assert_eq!(status(&again), (401, "E1140".to_owned()), "{again}");
    // Its time.
    let protocols = ticket(&case, &good, "").await;
    case.now.fetch_add(30_000, Ordering::SeqCst);
    let late = refused(&case, &protocols, &[]).await;
    assert_eq!(status(&late), (401, "E1140".to_owned()), "{late}");
    // Its token.
    let protocols = ticket(&case, &good, "").await;
    case.access.revoke("good").unwrap();
    let revoked = refused(&case, &protocols, &[]).await;
    assert_eq!(status(&revoked), (401, "E1140".to_owned()), "{revoked}");
    let log = std::fs::read_dir(case.data.path().join("audit")).unwrap();
    let log: String =
        log.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap_or_default()).collect();
    assert!(log.contains("tickets.create") && log.contains("refused E1140"), "{log}");
    assert!(!log.contains(&secret) && !log.contains(&good), "no log has a ticket or a token");
}

#[tokio::test]
async fn tickets_are_given_to_those_who_have_a_token() {
    let case = case(|_| {}).await;
    let reader = bearer(&case.token("reader", &[Scope::Read], None));
    let json = "content-type: application/json";
    for (what, fields, body, expected) in [
        ("at this machine", &[][..], "", (409, "E1141")),
        ("from elsewhere, without a token", &[FORWARDED], "", (401, "E1022")),
        ("with a token", &[&*reader], "", (201, "")),
        ("with less than the token permits", &[&reader, json], r#"{"scopes": ["read"]}"#, (201, "")),
        ("with more", &[&reader, json], r#"{"scopes": ["read", "admin"]}"#, (403, "E0974")),
        ("with nothing", &[&reader, json], r#"{"scopes": []}"#, (422, "E1141")),
        ("with a permission that is none", &[&reader, json], r#"{"scopes": ["all"]}"#, (400, "E1031")),
        ("with something else", &[&reader, json], r#"{"name": "x"}"#, (400, "E1031")),
        ("with no JSON", &[&reader, json], "{", (400, "E1031")),
        ("with a form", &[&reader, "content-type: text/plain"], "{}", (415, "E1032")),
        ("with too much", &[&reader, json], &" ".repeat(5_000), (400, "E1031")),
    ] {
        let answer = case.served.ask(&request("POST", "/v1/tickets", "localhost", fields, body)).await;
        assert_eq!(status(&answer), (expected.0, expected.1.to_owned()), "{what}: {answer}");
        assert!(answer.contains("cache-control: no-store"), "{what}: {answer}");
    }
    // Two were given above.
    for _ in 0..30 {
        let answer = case.served.ask(&request("POST", "/v1/tickets", "localhost", &[&reader], "")).await;
        assert_eq!(status(&answer).0, 201, "{answer}");
    }
    let answer = case.served.ask(&request("POST", "/v1/tickets", "localhost", &[&reader], "")).await;
    assert_eq!(status(&answer), (429, "E1029".to_owned()), "{answer}");
    assert!(answer.contains("retry-after: 5"), "{answer}");
}
