//! Requests that no service sends. Whatever comes is answered, never with a 5xx, and starts nothing unless it is what the flow takes.
//!
//! `ROUNDS=100 SEED=7 cargo test -p carapace-tests --test webhooks junk` looks longer, and elsewhere.

use crate::client::{Answer, Request, post};
use crate::world::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Bytes that stand in headers, and mean something there now and then.
    fn value(&mut self) -> String {
        let pieces = [
            "v0=",
            "v1=",
            "v1,",
            "t=",
            ",",
            " ",
            "=",
            "sha256=",
            "00",
            "ff",
            "1531420618",
            "99999999999999999999",
            "-1",
            "Bearer",
            "é",
            "\t",
            "whsec_",
            "//8=",
            "\u{7f}",
            ";",
            "\"",
            "0x",
            "a2114d57b48eac39b9ad189dd8316235",
            "{",
            "%",
        ];
        (0..self.below(6)).map(|_| self.pick(&pieces)).collect()
    }

    fn body(&mut self) -> String {
        let pieces = [
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "null",
            "1e999",
            "-0",
            "\"id\"",
            "\"event_id\"",
            "\\ud800",
            "\\u0000",
            "a=b",
            "&",
            "%",
            "%zz",
            "%00",
            " ",
            "\u{0}",
            "💥",
            "9223372036854775808",
            "0.1",
            "true",
        ];
        (0..self.below(12)).map(|_| self.pick(&pieces)).collect()
    }

    fn path(&mut self) -> String {
        let pieces = [
            "/", "x", "%", "%2f", "%00", "%ff", "..", "?", "&", "=", "#", "a", "//", "%C3%BC", ";", "@", "é",
        ];
        let tail: String = (0..self.below(5)).map(|_| self.pick(&pieces)).collect();
        match self.below(3) {
            0 => "/hooks/shop/x".to_owned(),
            1 => format!("/hooks/shop/x?{tail}"),
            _ => format!("/hooks/{tail}"),
        }
    }
}

const SIGNATURES: [&str; 10] = [
    "github(secret(\"k\"))",
    "gitlab(secret(\"k\"))",
    "stripe(secret(\"k\"))",
    "slack(secret(\"k\"))",
    "shopify(secret(\"k\"))",
    "bearer(secret(\"k\"))",
    "standard(secret(\"k\"))",
    "hmac(secret(\"k\"), header: \"X-Signature\")",
    "token(secret(\"k\"), header: \"X-Signature\")",
    "ed25519(\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\")",
];

const HEADERS: [&str; 12] = [
    "x-hub-signature-256",
    "x-gitlab-token",
    "stripe-signature",
    "x-slack-signature",
    "x-slack-request-timestamp",
    "x-shopify-hmac-sha256",
    "authorization",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-signature-ed25519",
    "x-signature-timestamp",
];

fn request(dice: &mut Dice) -> Request {
    let kinds = [
        "application/json",
        "application/x-www-form-urlencoded",
        "application/+json",
        "text/plain",
        "",
        ";",
        "json",
    ];
    let mut request = post(&dice.path(), &dice.body()).of(dice.pick(&kinds));
    for header in HEADERS {
        if dice.below(2) == 0 {
            request = request.with(header, &dice.value());
        }
    }
    if dice.below(3) == 0 {
        request = request.with("X-Signature", &dice.value());
    }
    let methods = ["POST", "POST", "POST", "GET", "PUT", "HEAD", "X"];
    let method = dice.pick(&methods);
    request.method(method)
}

#[tokio::test]
async fn whatever_comes_is_answered_and_starts_nothing() {
    let seed = number("SEED", 0x0dd_c0de);
    println!("SEED={seed}");
    let mut dice = Dice(seed);
    for signature in SIGNATURES {
        let flow = format!(
            "flow hook on webhook(\"/x\", body: Json, signature: {signature}) {{ respond(200, \"in\") }}"
        );
        let world = World::new(&flow).await;
        world.know("k", "a key that nobody guesses");
        let mut refused = 0;
        for _ in 0..number("ROUNDS", 1) * 200 {
            let request = request(&mut dice);
            let answer = request.send(world.address).await;
            assert!((400..500).contains(&answer.status), "{signature} {request:?}: {answer:?}");
            refused += u32::from(answer.status == 401);
        }
        assert!(refused > 5, "{signature}: otherwise nothing is proved wrong: {refused}");
        assert_eq!(world.runs().await, 0, "{signature}");
        assert_eq!(world.told.lock().unwrap().as_slice(), [] as [String; 0]);
    }
}

#[tokio::test]
async fn whatever_body_comes_is_answered() {
    let mut dice = Dice(number("SEED", 0x0dd_c0de));
    let world = World::new(
        r#"
type Item { name: Text, price: Money?, at: Time? }
flow typed on webhook("/x", body: List<Item>) { respond(200, body) }
flow any_json on webhook("/y", body: Json) { respond(200, body) }
"#,
    )
    .await;
    let mut taken = 0;
    for _ in 0..number("ROUNDS", 1) * 300 {
        let (path, kind) = (dice.pick(&["/hooks/shop/x", "/hooks/shop/y"]), dice.below(4));
        let kind = if kind == 0 { "application/x-www-form-urlencoded" } else { "application/json" };
        let request = post(path, &dice.body()).of(kind);
        let answer = request.send(world.address).await;
        assert!(matches!(answer.status, 200 | 400), "{request:?}: {answer:?}");
        taken += u32::from(answer.status == 200);
    }
    assert!(taken > 5, "otherwise nothing is read: {taken}");
}

#[tokio::test]
async fn bytes_changed_at_random_are_answered_or_cut_off() {
    let mut dice = Dice(number("SEED", 0x0dd_c0de));
    let world = World::new("flow hook on webhook(\"/x\", body: Json) { respond(200, \"in\") }").await;
    for _ in 0..number("ROUNDS", 1) * 100 {
        let mut bytes = post("/hooks/shop/x", "{\"a\": [1, 2, 3]}").bytes();
        for _ in 0..1 + dice.below(4) {
            let at = dice.below(bytes.len());
            bytes[at] = u8::try_from(dice.below(256)).unwrap();
        }
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let _ = stream.write_all(&bytes).await;
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        if !answer.is_empty() {
            let answer = Answer::read(&answer);
            assert!(answer.status < 500, "{}: {answer:?}", String::from_utf8_lossy(&bytes));
        }
    }
    // And it is still there.
    assert_eq!(post("/hooks/shop/x", "{}").send(world.address).await.body, "in");
}
