//! What the page's server says and is told, as far as it concerns somebody at a terminal: `runtime/channels/webchat/src/frames.rs`.

use serde::Deserialize;

/// From the server.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Told {
    Welcome {
        /// Only where the session is new.
        session: Option<String>,
        title: String,
        greeting: String,
    },
    Opened {
        conversation: Named,
    },
    Event {
        conversation: String,
        seq: u64,
        event: Event,
    },
    /// What a conversation holds, where too much was missed to tell it line by line.
    Page {
        conversation: String,
        seq: u64,
        messages: Vec<Standing>,
    },
    Typing {
        conversation: String,
        on: bool,
    },
    Ack {
        id: String,
        conversation: Option<String>,
    },
    Error {
        code: String,
        message: String,
        id: Option<String>,
        retry_after_ms: Option<u64>,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

/// What happened in a conversation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Event {
    Message {
        id: String,
        from: Author,
        #[serde(flatten)]
        body: Body,
    },
    Edited {
        id: String,
        #[serde(flatten)]
        body: Body,
    },
    Deleted {
        id: String,
    },
    #[serde(other)]
    Other,
}

/// A message as it now stands.
#[derive(Debug, Deserialize)]
pub(super) struct Standing {
    pub(super) id: String,
    pub(super) seq: u64,
    pub(super) from: Author,
    #[serde(flatten)]
    pub(super) body: Body,
    #[serde(default)]
    pub(super) deleted: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Author {
    #[serde(default)]
    pub(super) bot: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Body {
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    pub(super) files: Vec<File>,
    #[serde(default)]
    pub(super) buttons: Vec<Button>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct File {
    pub(super) name: String,
    #[serde(default)]
    pub(super) url: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Button {
    pub(super) id: String,
    pub(super) label: String,
}
