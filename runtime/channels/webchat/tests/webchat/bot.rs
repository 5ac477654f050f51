//! A bot with a script: what a message says, it does. It is what the page is tried with.

use async_trait::async_trait;
use carapace_channel_api::{
    Acceptance, Attachment, Button, Channel as _, Content, ConversationId, Event, IdempotencyKey, Inbound,
    Markup, MediaSource, MediaType, Message, MessageId, Operation, OperationId, Outbound, Outcome, Receipt,
    Sink, Target,
};
use carapace_channel_webchat::WebChat;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The bot.
pub(crate) struct Bot {
    channel: Arc<WebChat>,
    asked: AtomicU64,
    /// What it wants to know of that it was read, and where it stands.
    unread: Mutex<Vec<(ConversationId, MessageId)>>,
}

/// One red dot.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T', 0x08, 0xd7, 0x63,
    0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae,
    0x42, 0x60, 0x82,
];

const MARKDOWN: &str = "# A heading\n\nSome **bold** and *slanted* words, `code` and [a link](https://example.org/).\n\n\
    - one\n- two\n  - and a half\n\n```\n<b>not HTML</b>\n```\n\n> said before";

const HOSTILE: &str = "<img src=x onerror=\"document.title='owned'\"> <script>document.title='owned'</script>\n\n\
    [click](javascript:document.title='owned') <https://ok.example/?q=\"onmouseover=1>\n\n\
    [data](data:text/html,<script>1</script>) ![pic](https://tracker.example/x.png) \u{202e}drowkcab\u{200b}\u{2066}";

#[async_trait]
impl Sink for Bot {
    async fn push(&self, inbound: Inbound) -> Acceptance {
        let conversation = &inbound.conversation.id;
        match &inbound.event {
            Event::Message { message } => self.answer(conversation, message).await,
            Event::Button { label, .. } => {
                let label = label.clone().unwrap_or_default();
                self.say(conversation, Content::text(format!("You chose {label}"))).await;
            }
            _ => {}
        }
        Acceptance::Accepted(0)
    }

    async fn receipt(&self, receipt: Receipt) {
        let read: Vec<_> =
            self.unread.lock().unwrap().extract_if(.., |(_, id)| *id == receipt.message).collect();
        for (conversation, message) in read {
            let content = Content::text("You have read this");
            self.act(Operation::Edit { conversation, message, content }).await;
        }
    }
}

impl Bot {
    pub(crate) fn new(channel: Arc<WebChat>) -> Bot {
        // A key of an earlier life would be known to the log, and its request taken for the same.
        let start = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let asked = AtomicU64::new(u64::try_from(start.as_micros()).unwrap());
        Bot { channel, asked, unread: Mutex::default() }
    }

    async fn answer(&self, here: &ConversationId, message: &Message) {
        match message.text.as_str() {
            "choices" => {
                let buttons = vec![
                    Button::new("t", "Tea"),
                    Button::new("c", "Coffee"),
                    Button::new("w", "Only water, and please without ice or lemon"),
                ];
                self.say(here, Content::text("What may it be?").with_buttons(buttons)).await;
            }
            "typing" => self.typing(here).await,
            "grow" => {
                for text in ["It gr", "It grows"] {
                    self.preview(here, text).await;
                }
            }
            "vanish" => self.preview(here, "").await,
            "grown" => {
                let (to, content) =
                    (Target::Conversation(here.clone()), Content::text("It grows, and is done."));
                self.ask(Some("p"), Operation::Send { to, content, reply_to: None }).await;
            }
            "edit" => {
                let id = self.say(here, Content::text("Working on it…")).await;
                let (conversation, content) = (here.clone(), Content::text("It is done"));
                self.act(Operation::Edit { conversation, message: id, content }).await;
            }
            "receipt" => {
                let id = self.say(here, Content::text("Nobody has read this")).await;
                self.unread.lock().unwrap().push((here.clone(), id));
            }
            "delete" => {
                let id = self.say(here, Content::text("Forget this")).await;
                self.act(Operation::Delete { conversation: here.clone(), message: id }).await;
            }
            "react" => {
                let (conversation, message) = (here.clone(), message.id.clone());
                self.act(Operation::React { conversation, message, emoji: "👍".into(), remove: false }).await;
            }
            "quote" => {
                let to = Target::Conversation(here.clone());
                let content = Content::text("That is what I mean");
                self.act(Operation::Send { to, content, reply_to: Some(message.id.clone()) }).await;
            }
            "markdown" => self.say_markdown(here, MARKDOWN).await,
            "hostile" => self.say_markdown(here, HOSTILE).await,
            "file" => self.send_files(here).await,
            "many" => {
                for n in 1..=130 {
                    self.say(here, Content::text(format!("no. {n}"))).await;
                }
            }
            text if !message.attachments.is_empty() => {
                let names: Vec<&str> = message.attachments.iter().map(|file| file.name.as_str()).collect();
                self.say(here, Content::text(format!("You sent {} {text}", names.join(", ")))).await;
            }
            text => {
                // Elsewhere: `#room: text` or `w-…: text`.
                let (there, text) = match text.split_once(": ") {
                    Some((there, text)) if there.starts_with("w-") || there.starts_with('#') => {
                        (there.into(), text)
                    }
                    _ => (here.clone(), text),
                };
                self.say(&there, Content::text(format!("You said: {text}"))).await;
            }
        }
    }

    async fn send_files(&self, here: &ConversationId) {
        let file = |name: &str, media_type: &str, source| Attachment {
            name: name.to_owned(),
            media_type: MediaType(media_type.to_owned()),
            size: None,
            source,
        };
        let attachments = vec![
            file("dot.png", "image/png", MediaSource::Inline { bytes: PICTURE.to_vec() }),
            file("report\u{202e}gpj.exe", "text/html", MediaSource::Inline { bytes: b"<b>42</b>".to_vec() }),
            file("no picture.png", "image/png", MediaSource::Inline { bytes: b"not a picture".to_vec() }),
            file(
                "elsewhere.pdf",
                "application/pdf",
                MediaSource::Url { url: "https://files.example/a.pdf".into() },
            ),
            file("bad", "text/plain", MediaSource::Url { url: "javascript:alert(1)".into() }),
        ];
        self.say(here, Content { attachments, ..Content::text("Four files") }).await;
    }

    async fn say_markdown(&self, here: &ConversationId, text: &str) {
        self.say(here, Content { markup: Markup::Markdown, ..Content::text(text) }).await;
    }

    async fn say(&self, here: &ConversationId, content: Content) -> MessageId {
        let to = Target::Conversation(here.clone());
        match self.act(Operation::Send { to, content, reply_to: None }).await {
            Outcome::Done { messages, .. } => messages[0].clone(),
            other => panic!("{other:?}"),
        }
    }

    async fn typing(&self, here: &ConversationId) {
        self.act(Operation::Typing { conversation: here.clone(), on: true }).await;
    }

    async fn preview(&self, here: &ConversationId, text: &str) {
        let (conversation, text) = (here.clone(), text.to_owned());
        self.act(Operation::Preview { conversation, preview: "p".to_owned(), text }).await;
    }

    async fn act(&self, operation: Operation) -> Outcome {
        self.ask(None, operation).await
    }

    async fn ask(&self, preview: Option<&str>, operation: Operation) -> Outcome {
        let key = format!("bot-{}", self.asked.fetch_add(1, Ordering::Relaxed));
        let request = Outbound {
            id: OperationId::from(key.as_str()),
            key: IdempotencyKey::from(key.as_str()),
            account: "web".into(),
            route: None,
            again: false,
            preview: preview.map(str::to_owned),
            operation,
        };
        self.channel.perform(request).await
    }
}
