//! WebChat keeps what every channel promises.

use crate::page::{Page, bytes, message};
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
    files: Vec<Value>,
}

impl Visit {
    async fn new() -> Visit {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::serve(folder.path(), Limits::default()).await;
        Visit {
            server,
            _folder: folder,
            page: None,
            conversation: String::new(),
            shown: Vec::new(),
            files: Vec::new(),
        }
    }

    fn page(&mut self) -> &mut Page {
        self.page.as_mut().unwrap()
    }

    fn look(&mut self, event: &Value) {
        let texts = [&event["text"]]
            .into_iter()
            .chain(event["buttons"].as_array().into_iter().flatten().map(|button| &button["label"]));
        self.files.extend(event["files"].as_array().into_iter().flatten().cloned());
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
            preview: true,
            keyed: true,
            lines: true,
            media: true,
            again: true,
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

    async fn received(&mut self, name: &str) -> Vec<u8> {
        let id = loop {
            match self.files.iter().find(|file| file["name"] == name) {
                Some(file) => break file["file"].as_str().unwrap().to_owned(),
                None => {
                    let frame = self.page().until(|told| told["type"] == "event").await;
                    self.look(&frame["event"]);
                }
            }
        };
        let bearer = format!("Bearer {}", self.page().session);
        let first = format!("GET /webchat/files/{id}");
        bytes(self.server.address, &first, &[("authorization", &bearer)], b"").await.1
    }

    async fn give(&mut self, name: &str, given: &[u8]) -> bool {
        let (origin, bearer) =
            (format!("http://{}", self.server.address), format!("Bearer {}", self.page().session));
        let headers = [
            ("origin", origin.as_str()),
            ("authorization", bearer.as_str()),
            ("content-type", "application/octet-stream"),
            ("x-file-name", name),
        ];
        let first = format!("POST /webchat/conversations/{}/files", self.conversation);
        let (_, answer) = bytes(self.server.address, &first, &headers, given).await;
        let file: Value = serde_json::from_slice(&answer).unwrap();
        let frame = json!({ "type": "message", "conversation": self.conversation, "files": [file["file"]] });
        self.page().ask(frame).await["type"] == "ack"
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
