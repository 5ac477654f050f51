//! A page of another site, in a real browser, that opens a WebSocket with a ticket. Where the browser or its driver is missing, whoever
//! runs the tests is told what was skipped.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../asked/mod.rs"]
#[expect(dead_code, reason = "other tests ask more of it")]
mod asked;
#[path = "../../../channels/webchat/tests/browser/peers.rs"]
mod peers;

use asked::{options, serve};
use axum::response::Html;
use carapace_engine::service::Clock;
use carapace_gateway::Options;
use carapace_gateway::auth::{Access, Grant, Scope};
use peers::Peers;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_opens_a_websocket() {
    let Some(peers) = Peers::find("a WebSocket of another site's page in a browser") else { return };
    let site = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = site.local_addr().unwrap().port();
    let page = axum::Router::new().fallback(async || Html("<!doctype html><title>elsewhere</title>"));
    tokio::spawn(async move { axum::serve(site, page).await.unwrap() });
    let data = tempfile::tempdir().unwrap();
    let access = Access::open(data.path(), Clock::system()).unwrap();
    let grant = Grant { name: "page".to_owned(), scopes: [Scope::Read, Scope::Chat].into(), lives: None };
    let token = access.create(grant, None).unwrap().token;
    // Of a proxy nothing is at this machine: whoever asks needs what they need from another one.
    let served = serve(Options {
        access: access.clone(),
        proxies: vec!["127.0.0.1".parse().unwrap()],
        origins: vec![format!("http://127.0.0.1:{port}")],
        ..options()
    })
    .await;
    let url = format!("http://127.0.0.1:{port}/#{token}#127.0.0.1:{}", served.address.port());
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/tickets.mjs");
    let drive = move || {
        peers.drive(scenario, &url, |word| {
            assert_eq!(word, "revoke");
            access.revoke("page").unwrap();
        });
    };
    tokio::task::spawn_blocking(drive).await.unwrap();
}
