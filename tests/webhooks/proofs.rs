//! Who proves where they come from, and who does not. Keys, bodies and signatures of the first rows are those that the services'
//! own documentation gives as examples; the others were signed by other programs.

use crate::client::{Request, post};
use crate::world::World;
use serde_json::json;

struct Row {
    /// As it is written in a flow.
    signature: &'static str,
    key: &'static str,
    kind: &'static str,
    body: &'static str,
    headers: &'static [(&'static str, &'static str)],
}

const JSON: &str = "application/json";

const SLACK_BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F\
hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.\
803a0bc887a14d10d2c447fce8b6703c";

const ROWS: &[Row] = &[
    // docs.slack.dev, "Verifying requests from Slack".
    Row {
        signature: "slack(secret(\"k\"))",
        key: "8f742231b10e8888abcd99yyyzzz85a5",
        kind: "application/x-www-form-urlencoded",
        body: SLACK_BODY,
        headers: &[
            ("X-Slack-Request-Timestamp", "1531420618"),
            ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ],
    },
    Row {
        signature: "stripe(secret(\"k\"))",
        key: "whsec_test_secret",
        kind: JSON,
        body: "{\"id\":\"evt_1\",\"type\":\"charge.succeeded\"}",
        headers: &[(
            "Stripe-Signature",
            "t=1531420600,v1=9b620db47b11108e353e9a0d674dcbc15a5d2bc0639fbc1a40cb2e6b81d87e3c,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39",
        )],
    },
    Row {
        signature: "shopify(secret(\"k\"))",
        key: "shop-secret",
        kind: JSON,
        body: "{\"id\":1}",
        headers: &[("X-Shopify-Hmac-Sha256", "plW8VGqq0nDMIEhDqaNNW99asdUCy7EIqLZVcQwtAZ0=")],
    },
    Row {
        signature: "github(secret(\"k\"))",
        key: "It's a Secret to Everybody",
        kind: JSON,
        body: "{\"zen\":\"Keep it logically awesome.\"}",
        headers: &[(
            "X-Hub-Signature-256",
            "sha256=b9f180c4171a9926a5055962b54ec47b0ebee85e62e76c83ebdbb382f77b05ac",
        )],
    },
    Row {
        signature: "gitlab(secret(\"k\"))",
        key: "glpat-geheim",
        kind: JSON,
        body: "{\"zen\":\"Keep it logically awesome.\"}",
        headers: &[("X-Gitlab-Token", "glpat-geheim")],
    },
    Row {
        signature: "bearer(secret(\"k\"))",
        key: "s3cr3t/token+of=us",
        kind: JSON,
        body: "{\"zen\":\"Keep it logically awesome.\"}",
        headers: &[("Authorization", "Bearer s3cr3t/token+of=us")],
    },
    Row {
        signature: "token(secret(\"k\"), header: \"X-Proof\")",
        key: "a token",
        kind: JSON,
        body: "{\"zen\":\"Keep it logically awesome.\"}",
        headers: &[("x-proof", "a token")],
    },
    Row {
        signature: "hmac(secret(\"k\"), header: \"X-Signature\")",
        key: "key",
        kind: JSON,
        body: "{\"zen\":\"Keep it logically awesome.\"}",
        headers: &[("X-Signature", "79f6d6e4b3874e22d804c1abef7a06ab0de9316dafb1910ba76324a8be84731e")],
    },
    Row {
        signature: "hmac(secret(\"k\"), header: \"X-Signature\")",
        key: "key",
        kind: JSON,
        body: "{\"zen\":\"Keep it logically awesome.\"}",
        headers: &[("X-Signature", "efbW5LOHTiLYBMGr73oGqw3pMW2vsZELp2MkqL6Ecx4=")],
    },
    Row {
        signature: "hmac(secret(\"k\"), header: \"X-Signature\")",
        key: "key",
        kind: JSON,
        body: "{\"zen\":\"Keep it logically awesome.\"}",
        headers: &[(
            "X-Signature",
            "sha256=79f6d6e4b3874e22d804c1abef7a06ab0de9316dafb1910ba76324a8be84731e",
        )],
    },
    Row {
        signature: "standard(secret(\"k\"))",
        key: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        kind: JSON,
        body: "{\"test\": 2432232314}",
        headers: &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1531420618"),
            ("webhook-signature", "v1,9PEX0krYZW6D//1Ou6/eLkk7M6ZtaxXgpOeHUTAZwsQ="),
        ],
    },
    // The key of RFC 8032, section 7.1, test 1; what is signed, and where it stands, as Discord does it.
    Row {
        signature: "ed25519(\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\")",
        key: "",
        kind: JSON,
        body: "{\"id\":\"1\",\"type\":1}",
        headers: &[
            ("X-Signature-Timestamp", "1531420618"),
            (
                "X-Signature-Ed25519",
                "8b4b844bec53caee296fee8485906b340f98790abaa0ddac4fa2ebce51810b8f4a422a1af302ba3367f416ebd01b08e8d215c9ffe2267478aec90f68ce911e06",
            ),
        ],
    },
];

/// A world whose flow takes what the row sends, with its key.
async fn world(row: &Row) -> World {
    let flow =
        format!("flow hook on webhook(\"/x\", signature: {}) {{ respond(200, \"came\") }}", row.signature);
    let world = World::new(&flow).await;
    if row.signature.contains("secret(") {
        world.know("k", row.key);
    }
    world
}

fn request(row: &Row) -> Request {
    let request = post("/hooks/shop/x", row.body).of(row.kind);
    row.headers.iter().fold(request, |request, (name, value)| request.with(name, value))
}

#[tokio::test]
async fn what_is_signed_comes_in_and_nothing_else_does() {
    for row in ROWS {
        let world = world(row).await;
        let name = row.signature;
        let good = request(row);
        let answer = good.send(world.address).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "came"), "{name}");
        let runs = world.runs().await;

        let refused = async |what: &str, request: Request| {
            let answer = request.send(world.address).await;
            assert_eq!(answer.status, 401, "{name}, {what}: {}", answer.body);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            let told = answer.json();
            assert_eq!((&told["status"], &told["code"]), (&json!(401), &json!("E1053")));
            assert!(!answer.body.contains(row.key) || row.key.is_empty(), "{name}: {}", answer.body);
        };
        for (at, (header, value)) in row.headers.iter().enumerate() {
            let mut without = good.clone();
            without.headers.remove(at + 1);
            refused("without a header", without).await;
            refused("with a header twice", good.clone().with(header, value)).await;
            let mut changed = good.clone();
            // The last digit of base64 may stand for nothing: one further in is changed.
            let middle = value.len() / 2;
            let other = if value.as_bytes()[middle] == b'1' { "2" } else { "1" };
            changed.headers[at + 1].1.replace_range(middle..=middle, other);
            refused("with another header", changed).await;
            let mut empty = good.clone();
            empty.headers[at + 1].1.clear();
            refused("with an empty header", empty).await;
        }
        if !["gitlab", "bearer", "token"].iter().any(|plain| name.starts_with(plain)) {
            for change in [0, row.body.len() / 2, row.body.len() - 1] {
                let mut changed = good.clone();
                changed.body[change] ^= 1;
                refused("with another body", changed).await;
            }
            let mut longer = good.clone();
            longer.body.push(b' ');
            refused("with a longer body", longer).await;
        }
        if name.contains("secret(") {
            world.know("k", &format!("{}x", row.key));
            refused("with another key", good.clone()).await;
        }
        assert_eq!(world.runs().await, runs, "{name}: nothing was started");
    }
}

#[tokio::test]
async fn what_was_signed_long_ago_counts_no_more() {
    // Each row's time is that of the world, or within its window: five minutes later it is not.
    for row in ROWS.iter().filter(|row| row.headers.iter().any(|(_, value)| value.contains("15314206"))) {
        for (minutes, status) in [(4, 200), (6, 401), (-6, 401)] {
            let flow = format!(
                "flow hook on webhook(\"/x\", signature: {}) {{ respond(200, \"came\") }}",
                row.signature
            );
            let world = crate::world::at(&flow, minutes * 60).await;
            world.know("k", row.key);
            let answer = request(row).send(world.address).await;
            assert_eq!(answer.status, status, "{} after {minutes} min: {}", row.signature, answer.body);
        }
    }
}

#[tokio::test]
async fn without_the_secret_nothing_comes_in_and_it_is_told() {
    for row in ROWS.iter().filter(|row| row.signature.contains("secret(")) {
        let flow = format!(
            "flow hook on webhook(\"/x\", signature: {}) {{ respond(200, \"came\") }}",
            row.signature
        );
        let world = World::new(&flow).await;
        for secret in [None, Some("")] {
            if let Some(secret) = secret {
                world.know("k", secret);
            }
            for _ in 0..3 {
                let answer = request(row).send(world.address).await;
                assert_eq!(answer.status, 503, "{}", answer.body);
                assert!(answer.header("retry-after").is_some());
                assert!(!answer.body.contains("`k`"), "a stranger learns no name: {}", answer.body);
            }
        }
        let told = world.told.lock().unwrap().clone();
        assert_eq!(told.len(), 2, "once for each reason: {told:?}");
        assert!(told.iter().all(|line| line.contains("E1054") && line.contains("`k`")), "{told:?}");
        assert_eq!(world.runs().await, 0);
        world.know("k", row.key);
        assert_eq!(
            request(row).send(world.address).await.status,
            200,
            "and it counts at once when it is set"
        );
    }
}

/// docs.github.com, "Validating webhook deliveries": its example is no JSON, so it is let in and then not understood.
#[tokio::test]
async fn the_example_of_github_is_signed() {
    let world = World::new(
        "flow hook on webhook(\"/x\", signature: github(secret(\"k\"))) { respond(200, \"came\") }",
    )
    .await;
    world.know("k", "It's a Secret to Everybody");
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let request = post("/hooks/shop/x", "Hello, World!").with("X-Hub-Signature-256", signature);
    assert_eq!(request.send(world.address).await.status, 400);
    let mut changed = request;
    changed.body[0] = b'J';
    assert_eq!(changed.send(world.address).await.status, 401);
}

#[tokio::test]
async fn a_key_that_everybody_has_is_none() {
    let world = World::new(
        "flow hook on webhook(\"/x\", signature: standard(secret(\"k\"))) { respond(200, \"came\") }",
    )
    .await;
    world.know("k", "whsec_");
    // Signed with the empty key.
    let request = post("/hooks/shop/x", "{}")
        .with("webhook-id", "1")
        .with("webhook-timestamp", "1531420618")
        .with("webhook-signature", "v1,frorXWLBemxDh8Laa/KCpdwW9VctNBWikPEPTmabhkI=");
    assert_eq!(request.send(world.address).await.status, 401);
}

#[tokio::test]
async fn whoever_hears_of_it_is_asked() {
    // One flow asks for nothing, but a stranger shall not start the other.
    let world = World::new(
        r#"
flow a on webhook("/x") { log("a") }
flow b on webhook("/x", signature: bearer(secret("k"))) { log("b") }
"#,
    )
    .await;
    world.know("k", "geheim");
    let request = post("/hooks/shop/x", "{}");
    assert_eq!(request.send(world.address).await.status, 401);
    assert_eq!(request.with("authorization", "Bearer geheim").send(world.address).await.status, 202);
    assert_eq!(world.noted().await, ["a", "b"]);
}

#[tokio::test]
async fn a_page_of_somewhere_else_calls_nothing() {
    let world = World::new(
        r#"
flow open on webhook("/open", body: Json) { respond(200, "came") }
flow asks on webhook("/asks", body: Json, signature: bearer(secret("k"))) { respond(200, "came") }
"#,
    )
    .await;
    world.know("k", "geheim");
    let form = |path: &str| post(path, "a=b").of("application/x-www-form-urlencoded");
    for origin in ["https://evil.example", "null", "http://localhost.evil.example", ""] {
        let answer = form("/hooks/shop/open").with("origin", origin).send(world.address).await;
        assert_eq!(answer.status, 403, "{origin}: {}", answer.body);
        // Who proves themselves may be anywhere.
        let proved = form("/hooks/shop/asks").with("origin", origin).with("authorization", "Bearer geheim");
        assert_eq!(proved.send(world.address).await.status, 200, "{origin}");
    }
    assert_eq!(
        form("/hooks/shop/open").with("origin", "http://localhost").send(world.address).await.status,
        200
    );
    assert_eq!(world.runs().await, 5);
}

#[tokio::test]
async fn no_key_reaches_the_journal() {
    let store = std::sync::Arc::new(carapace_store::MemoryStore::new());
    let source = "flow hook on webhook(\"/x\", signature: token(secret(\"k\"), \"X-Proof\")) { respond(200, headers) }";
    let unusual = crate::world::Unusual { store: store.clone(), ..crate::world::Unusual::default() };
    let mut world = World::of(&[crate::world::module("shop", source)], unusual).await;
    world.know("k", "geheim");
    let request = post("/hooks/shop/x", "{}").with("x-proof", "geheim").with("authorization", "Basic geheim");
    let answer = request.with("x-other", "seen").send(world.address).await;
    assert_eq!((answer.status, &answer.json()["x-other"]), (200, &json!("seen")));
    assert!(!answer.body.contains("geheim"), "{}", answer.body);
    world.end_engine().await;
    let mut lines = 0;
    carapace_store::Store::read(&*store, carapace_store::Position(0), &mut |line| {
        lines += 1;
        let text = format!("{line:?}");
        assert!(!text.contains("geheim"), "{text}");
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert!(lines > 2);
}
