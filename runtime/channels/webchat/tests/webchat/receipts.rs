//! That somebody has seen what was sent to them: for the engine, and only by those it was sent to.

use crate::page::Page;
use crate::server::Server;
use async_trait::async_trait;
use carapace_channel_api::{Acceptance, DeliveryState, Inbound, Outcome, Receipt, Sink};
use carapace_channel_webchat::{Limits, Options, Room};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::mpsc;

struct Ear(mpsc::UnboundedSender<Receipt>);

#[async_trait]
impl Sink for Ear {
    async fn push(&self, _: Inbound) -> Acceptance {
        Acceptance::Accepted(0)
    }

    async fn receipt(&self, receipt: Receipt) {
        let _ = self.0.send(receipt);
    }
}

#[tokio::test]
async fn what_a_visitor_has_seen_is_told_and_nobody_tells_it_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let rooms = vec![Room { name: "ops".into(), title: "Ops".into() }];
    let options = Options { limits: Limits::default(), rooms, ..Options::new("web", folder.path()) };
    let mut server = Server::serve_at("127.0.0.1:0", options).await;
    let (tell, mut told) = mpsc::unbounded_channel();
    server.run(Arc::new(Ear(tell)));
    let (mut ana, mut bo) = (Page::newcomer(server.address).await, Page::newcomer(server.address).await);
    let here = ana.open().await;
    let Outcome::Done { messages, .. } = server.send(&here, "hello").await else { panic!("it was not sent") };
    let read =
        |conversation: &str| json!({ "type": "read", "conversation": conversation, "message": messages[0] });
    bo.say(&read(&here)).await;
    let refused = bo.until(|told| told["type"] == "error").await;
    assert_eq!(refused["code"], "forbidden", "{refused}");
    // That one of many has seen something says nothing of the others.
    ana.say(&read("#ops")).await;
    ana.say(&read(&here)).await;
    let receipt = tokio::time::timeout(crate::page::PATIENCE, told.recv()).await.unwrap().unwrap();
    let expected = Receipt {
        account: "web".into(),
        conversation: here.as_str().into(),
        message: messages[0].clone(),
        state: DeliveryState::Read,
    };
    assert_eq!(receipt, expected);
    server.stop().await;
    assert!(told.try_recv().is_err());
}
