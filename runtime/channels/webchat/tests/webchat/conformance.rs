//! WebChat keeps what every channel promises.

use crate::page::{Page, message};
use crate::server::Server;
use async_trait::async_trait;
use carapace_channel_api::test_kit::{Abilities, Stage, conform};
use carapace_channel_api::{Button, Channel, MessageId};
use carapace_channel_webchat::Limits;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

struct Visit {
    server: Server,
    _folder: TempDir,
    page: Option<Page>,
    conversation: String,
    shown: Vec<String>,
}

impl Visit {
    async fn new() -> Visit {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::serve(folder.path(), Limits::default()).await;
        Visit { server, _folder: folder, page: None, conversation: String::new(), shown: Vec::new() }
    }

    fn page(&mut self) -> &mut Page {
        self.page.as_mut().unwrap()
    }

    fn look(&mut self, event: &Value) {
        let texts = [&event["text"]]
            .into_iter()
            .chain(event["buttons"].as_array().into_iter().flatten().map(|button| &button["label"]));
        self.shown.extend(texts.filter_map(Value::as_str).map(str::to_owned));
    }

    fn found(&self, text: &str) -> usize {
        self.shown.iter().filter(|shown| shown.contains(text)).count()
    }
}

#[async_trait]
impl Stage for Visit {
    fn channel(&self) -> Arc<dyn Channel> {
        self.server.channel.clone()
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            buttons: true,
            edit: true,
            delete: true,
            react: true,
            typing: true,
            keyed: true,
            lines: true,
            max_text: Limits::default().text,
        }
    }

    async fn enter(&mut self) {
        let mut page = Page::newcomer(self.server.address).await;
        self.conversation = page.open().await;
        self.page = Some(page);
    }

    async fn say(&mut self, text: &str) {
        let frame = message(&self.conversation, text);
        assert_eq!(self.page().ask(frame).await["type"], "ack");
    }

    async fn press(&mut self, message: &MessageId, button: &Button) {
        let conversation = self.conversation.clone();
        let frame = json!({
            "type": "press", "conversation": conversation,
            "message": message.as_str(), "button": button.id.as_str(),
        });
        assert_eq!(self.page().ask(frame).await["type"], "ack");
    }

    async fn shown(&mut self, text: &str, times: usize) {
        while self.found(text) < times {
            let frame = self.page().until(|told| told["type"] == "event").await;
            self.look(&frame["event"]);
        }
    }

    async fn count(&mut self, text: &str) -> usize {
        self.found(text)
    }
}

#[tokio::test]
async fn it_keeps_what_every_channel_promises() {
    let breaches = conform(async || Box::new(Visit::new().await) as Box<dyn Stage>).await;
    assert!(breaches.is_empty(), "{breaches:#?}");
}
