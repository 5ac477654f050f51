//! Updates that Telegram brings.

use crate::bot::{Bot, options};
use crate::simulator::Simulator;
use carapace_channel_api::{Channel as _, Health, axum};
use carapace_channel_telegram::Mode;
use serde_json::{Value, json};
use std::net::SocketAddr;

const ANA: i64 = 1001;
const ADDRESS: &str = "https://bot.example/hooks/telegram";

/// A bot that waits for Telegram, and where its route is served.
async fn served(simulator: &Simulator, folder: &tempfile::TempDir) -> (Bot, SocketAddr) {
    let mut options = options(simulator, folder);
    options.mode = Mode::Webhook(ADDRESS.to_owned());
    let bot = Bot::listen(options).await;
    let mount = bot.channel.http().unwrap();
    assert_eq!(mount.path, "/hooks/telegram");
    let router = axum::Router::new().nest(&mount.path, mount.router);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (bot, address)
}

async fn bring(address: SocketAddr, secret: Option<&str>, body: String) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(format!("http://{address}/hooks/telegram")).body(body);
    if let Some(secret) = secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_update_is_taken_from_who_knows_the_secret_when_it_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let (bot, address) = served(&simulator, &folder).await;
    let set: Value = simulator.world().webhook.clone().unwrap();
    assert_eq!((&set["url"], &set["max_connections"]), (&json!(ADDRESS), &json!(1)));
    let secret = set["secret_token"].as_str().unwrap().to_owned();
    let update = |id: i64, text: &str| {
        let message = simulator.world().message(ANA, ANA, &json!({ "text": text }));
        json!({ "update_id": id, "message": message }).to_string()
    };
    for wrong in [None, Some(""), Some("guess"), Some(&secret[1..])] {
        assert_eq!(bring(address, wrong, update(1, "evil")).await, 401);
    }
    for junk in ["", "{", "[]", "{\"update_id\":\"x\"}", "null"] {
        assert_eq!(bring(address, Some(&secret), junk.to_owned()).await, 400);
    }
    assert_eq!(bring(address, Some(&secret), "x".repeat(2 << 20)).await, 413);
    assert_eq!(bring(address, Some(&secret), update(2, "hello")).await, 200);
    assert_eq!(bot.message().await.1.text, "hello");
    // Refused, it comes again, and is not taken as done before.
    bot.tape.refuse(1);
    let again = update(3, "full");
    assert_eq!(bring(address, Some(&secret), again.clone()).await, 503);
    assert_eq!(bring(address, Some(&secret), again).await, 200);
    assert_eq!(bot.message().await.1.text, "full");
    // Kinds that nobody knows are taken, or Telegram would bring them for ever.
    assert_eq!(
        bring(address, Some(&secret), json!({ "update_id": 4, "novelty": {} }).to_string()).await,
        200
    );
    let album = |id: i64, file: &str| {
        let fields =
            json!({ "media_group_id": "g", "photo": [{ "file_id": file, "width": 1, "height": 1 }] });
        let message = simulator.world().message(ANA, ANA, &fields);
        json!({ "update_id": id, "message": message }).to_string()
    };
    assert_eq!(bring(address, Some(&secret), album(5, "a")).await, 200);
    assert_eq!(bring(address, Some(&secret), album(6, "b")).await, 200);
    assert_eq!(bot.message().await.1.attachments.len(), 2);
    bot.end().await.unwrap();
    assert_eq!(bring(address, Some(&secret), update(7, "too late")).await, 503);
}

#[tokio::test]
async fn a_webhook_needs_a_path_and_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    for (address, fine) in [
        (ADDRESS, true),
        ("https://bot.example", false),
        ("https://bot.example/", false),
        ("http://bot.example/x", false),
        ("nonsense", false),
    ] {
        let mut options = options(&simulator, &folder);
        options.server = "https://api.telegram.org".to_owned();
        options.mode = Mode::Webhook(address.to_owned());
        let opened = carapace_channel_telegram::Telegram::open(options);
        assert_eq!(opened.is_ok(), fine, "{address}");
        if let Ok(channel) = opened {
            assert_eq!(channel.status().borrow().health, Health::Starting);
        }
    }
}
