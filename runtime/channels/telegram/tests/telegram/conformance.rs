//! A bot keeps what every channel promises.

use crate::bot::options;
use crate::simulator::{Simulator, World};
use async_trait::async_trait;
use carapace_channel_api::test_kit::{Abilities, Stage, conform};
use carapace_channel_api::{Button, Channel, MessageId};
use carapace_channel_telegram::Telegram;
use serde_json::json;
use std::sync::Arc;
use tempfile::TempDir;

const ANA: i64 = 1001;

struct Chat {
    simulator: Simulator,
    channel: Arc<Telegram>,
    _folder: TempDir,
}

impl Chat {
    async fn new() -> Chat {
        let folder = tempfile::tempdir().unwrap();
        let (simulator, _) = Simulator::start().await;
        let channel = Arc::new(Telegram::open(options(&simulator, &folder)).unwrap());
        Chat { simulator, channel, _folder: folder }
    }
}

fn found(world: &World, text: &str) -> usize {
    world.said().flat_map(|shown| &shown.seen).filter(|seen| seen.contains(text)).count()
}

#[async_trait]
impl Stage for Chat {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            buttons: true,
            edit: true,
            delete: true,
            react: true,
            typing: true,
            preview: true,
            keyed: false,
            lines: true,
            media: true,
            again: true,
            max_text: 4_096,
        }
    }

    async fn say(&mut self, text: &str) {
        self.simulator.say(ANA, text);
    }

    async fn press(&mut self, message: &MessageId, button: &Button) {
        self.simulator.press(ANA, message.as_str().parse().unwrap(), &button.label);
    }

    async fn shown(&mut self, text: &str, times: usize) {
        self.simulator.until(|world| found(world, text) >= times).await;
    }

    async fn received(&mut self, _: &str) -> Vec<u8> {
        self.simulator.until(|world| !world.files.is_empty()).await;
        self.simulator.world().files.values().next().cloned().unwrap()
    }

    async fn give(&mut self, name: &str, bytes: &[u8]) -> bool {
        let message = {
            let mut world = self.simulator.world();
            world.files.insert("given".to_owned(), bytes.to_vec());
            world.message(ANA, ANA, &json!({ "document": { "file_id": "given", "file_name": name } }))
        };
        self.simulator.push(json!({ "message": message }));
        true
    }

    async fn count(&mut self, text: &str) -> usize {
        found(&self.simulator.world(), text)
    }
}

#[tokio::test]
async fn it_keeps_what_every_channel_promises() {
    let breaches = conform(async || Box::new(Chat::new().await) as Box<dyn Stage>).await;
    assert!(breaches.is_empty(), "{breaches:#?}");
}
