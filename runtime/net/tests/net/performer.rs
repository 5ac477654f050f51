//! `std/http`, from act to report.

use crate::server::{Server, Then, bytes, client, say};
use carapace_channel_api::{NoSecrets, SecretError, SecretString, Secrets, Shutdown, ShutdownHandle};
use carapace_effect::{Act, ActId, EffectRequest, OpId, Report, Reported, RunId, TaskPath};
use carapace_module::signature::{Delivery, DeliveryClass};
use carapace_module::{Type, Value};
use carapace_net::{Client, Handle, Service};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tokio::sync::mpsc;

struct Vault;

impl Secrets for Vault {
    fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        match name {
            "shop" => Ok("s3cret-token".to_owned().into()),
            _ => NoSecrets.get(name),
        }
    }
}

struct Performer {
    http: Handle,
    reports: mpsc::UnboundedReceiver<Report>,
    _stop: ShutdownHandle,
}

impl Performer {
    fn start(client: Client) -> Performer {
        let (tell, reports) = mpsc::unbounded_channel();
        let (service, http) = Service::new(Arc::new(client), Arc::new(Vault), tell);
        let (stop, shutdown) = Shutdown::new();
        tokio::spawn(service.run(shutdown));
        Performer { http, reports, _stop: stop }
    }

    async fn perform(&mut self, act: Act) -> Reported {
        let id = act.id.clone();
        self.http.perform(Arc::new(act));
        let report = self.reports.recv().await.unwrap();
        assert_eq!((report.act, report.attempt), (id, 1));
        report.outcome
    }
}

fn act(ordinal: u32, effect: &str, arguments: Json, secret: Option<&str>) -> Act {
    let Json::Object(arguments) = arguments else { panic!() };
    let secret = secret.map(|name| Value::Secret(Arc::new(carapace_module::value::Text(name.into()))));
    let body = if arguments.get("body").is_some_and(Json::is_string) { Type::Text } else { Type::Json };
    Act {
        id: ActId { run: RunId(1), op: OpId { task: TaskPath::default(), ordinal }, part: 0 },
        attempt: 1,
        key: "key1".into(),
        again: false,
        flow: "shop/main.greet".into(),
        request: EffectRequest {
            effect: effect.into(),
            version: 1,
            args: secret.into_iter().collect(),
            types: vec![Type::Template("url".into()), body],
            result: Type::Nothing,
            type_arg: None,
            class: DeliveryClass::Read,
            delivery: Delivery::Default,
            label: None,
        },
        arguments,
        to: None,
        origin: None,
        buttons: Vec::new(),
        question: false,
        approval: false,
        schema: None,
        agent: None,
        server: None,
        session: None,
        hosts: None,
        preview: None,
    }
}

#[tokio::test]
async fn each_effect_asks_as_it_is_named() {
    let server = Server::start(vec![say(201, &[("x", "1")], "grüße s3cret-token".as_bytes())]).await;
    let mut performer = Performer::start(client(&[&server]));
    let address = server.url("/a");
    for (n, effect, body, asked, sent) in [
        (0, "http.get", Json::Null, "GET", ""),
        (1, "http.post", json!("a text"), "POST", "a text"),
        (2, "http.put", json!({ "b": 1, "a": "ä" }), "PUT", "{\"b\":1,\"a\":\"ä\"}"),
        (3, "http.remove", Json::Null, "DELETE", ""),
    ] {
        let mut arguments = json!({ "address": address, "headers": { "X-Shop": "7" } });
        if !body.is_null() {
            arguments["body"] = body;
        }
        let outcome = performer.perform(act(n, effect, arguments, Some("shop"))).await;
        let Reported::Done(response) = outcome else { panic!("{outcome:?}") };
        // What comes back is written down: without the secret.
        assert_eq!(response, json!({ "status": 201, "headers": { "x": "1" }, "body": "grüße [secret]" }));
        let heard = server.heard().pop().unwrap();
        assert!(
            heard.starts_with(&format!("{asked} /a HTTP/1.1\r\n"))
                && heard.ends_with(&format!("\r\n\r\n{sent}")),
            "{heard}"
        );
        assert!(
            heard.contains("authorization: Bearer s3cret-token\r\n") && heard.contains("x-shop: 7\r\n"),
            "{heard}"
        );
        assert_eq!(heard.contains("idempotency-key: key1\r\n"), effect == "http.post", "{heard}");
        assert_eq!(heard.contains("content-type: application/json\r\n"), effect == "http.put", "{heard}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_and_nothing_leaves() {
    let server = Server::start(vec![say(200, &[], b"")]).await;
    let mut performer = Performer::start(client(&[&server]));
    let address = server.url("/");
    for (n, act) in [
        act(0, "http.get", json!({ "address": address }), Some("other")),
        act(1, "http.patch", json!({ "address": address }), None),
        act(2, "http.get", json!({}), None),
        act(3, "http.get", json!({ "address": "https://10.0.0.1/" }), None),
        act(4, "http.get", json!({ "address": address, "headers": { "Host": "evil.example" } }), None),
        act(5, "http.get", json!({ "address": address, "headers": { "a": "b\r\nc: d" } }), None),
    ]
    .into_iter()
    .enumerate()
    {
        let outcome = performer.perform(act).await;
        let Reported::Failed(failure) = outcome else { panic!("{outcome:?}") };
        let kind = if n < 3 { "unavailable" } else { "refused" };
        assert_eq!(failure.kind.name(), kind, "{failure:?}");
        assert!(!failure.message.contains("s3cret"));
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn what_only_reads_is_left_and_what_does_something_goes_to_its_end() {
    let stalls = Server::start(vec![Then::Stall(Vec::new())]).await;
    let mut performer = Performer::start(client(&[&stalls]));
    let get = act(0, "http.get", json!({ "address": stalls.url("/") }), None);
    performer.http.perform(Arc::new(get.clone()));
    performer.http.abandon(get.id);
    assert!(matches!(performer.reports.recv().await.unwrap().outcome, Reported::NotPerformed(_)));
    let server = Server::start(vec![say(200, &[], b"done")]).await;
    let mut performer = Performer::start(client(&[&server]));
    let post = act(1, "http.post", json!({ "address": server.url("/"), "body": "x" }), None);
    performer.http.perform(Arc::new(post.clone()));
    performer.http.abandon(post.id);
    let Reported::Done(response) = performer.reports.recv().await.unwrap().outcome else { panic!() };
    assert_eq!(response["body"], "done");
}

#[tokio::test]
async fn a_post_that_may_have_arrived_is_unknown() {
    let cut = Server::start(vec![Then::Cut(bytes(200, &[], Some(9), b"half"))]).await;
    let mut performer = Performer::start(client(&[&cut]));
    let arguments = json!({ "address": cut.url("/"), "body": "x" });
    assert!(matches!(
        performer.perform(act(0, "http.post", arguments.clone(), None)).await,
        Reported::Unknown(_)
    ));
    assert!(matches!(
        performer.perform(act(1, "http.put", arguments.clone(), None)).await,
        Reported::Unknown(_)
    ));
    let Reported::Failed(failure) = performer.perform(act(2, "http.get", arguments, None)).await else {
        panic!()
    };
    assert!(failure.kind.is_transient());
    let picture = Server::start(vec![say(201, &[("content-type", "image/png")], b"\x89PNG\0")]).await;
    let mut performer = Performer::start(client(&[&picture]));
    let arguments = json!({ "address": picture.url("/"), "body": "x" });
    let Reported::Partly(rest, failure) = performer.perform(act(0, "http.post", arguments, None)).await
    else {
        panic!()
    };
    assert_eq!((rest["status"].as_u64(), failure.kind.name()), (Some(201), "invalid"));
}
