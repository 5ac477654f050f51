//! The terminal keeps what every channel promises.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
use async_trait::async_trait;
use carapace_channel_api::test_kit::{Abilities, Stage, conform};
use carapace_channel_api::{Button, Channel, MessageId};
use carapace_channel_terminal::{Input, Look, Options, Output, Terminal};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};

struct Pipe {
    terminal: Arc<Terminal>,
    keyboard: DuplexStream,
    screen: DuplexStream,
    seen: Vec<u8>,
    folder: tempfile::TempDir,
}

impl Pipe {
    fn new() -> Pipe {
        let (keyboard, input) = duplex(1 << 20);
        let (output, screen) = duplex(1 << 20);
        let input = Input::Stream(Box::new(BufReader::new(input)));
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new("main");
        options.files = Some(folder.path().join("files"));
        let terminal = Terminal::new(options, input, Output::stream(output), Look::Plain);
        Pipe { terminal: Arc::new(terminal), keyboard, screen, seen: Vec::new(), folder }
    }

    fn found(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.seen).matches(text).count()
    }
}

#[async_trait]
impl Stage for Pipe {
    fn channel(&self) -> Arc<dyn Channel> {
        self.terminal.clone()
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
            lines: false,
            media: true,
            again: false,
            max_text: 100_000,
        }
    }

    async fn say(&mut self, text: &str) {
        self.keyboard.write_all(format!("{text}\n").as_bytes()).await.unwrap();
    }

    async fn press(&mut self, _: &MessageId, button: &Button) {
        self.say(&button.label).await;
    }

    async fn shown(&mut self, text: &str, times: usize) {
        while self.found(text) < times {
            let mut more = [0; 4096];
            let count = self.screen.read(&mut more).await.unwrap();
            self.seen.extend(more.iter().take(count));
        }
    }

    async fn received(&mut self, name: &str) -> Vec<u8> {
        self.shown(name, 1).await;
        let files = std::fs::read_dir(self.folder.path().join("files")).unwrap();
        let mut paths = files.map(|file| file.unwrap().path());
        let path = paths.find(|path| path.to_string_lossy().ends_with(name)).unwrap();
        std::fs::read(path).unwrap()
    }

    async fn count(&mut self, text: &str) -> usize {
        self.found(text)
    }
}

#[tokio::test]
async fn it_keeps_what_every_channel_promises() {
    let breaches = conform(async || Box::new(Pipe::new()) as Box<dyn Stage>).await;
    assert!(breaches.is_empty(), "{breaches:#?}");
}
