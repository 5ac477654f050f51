//! What stands in a conversation's log, a line each.

use carapace_channel_api::{Button, Markup, MessageId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Counted from 1 without gaps; what a page resumes from.
    pub(crate) seq: u64,
    /// When.
    pub(crate) at: UnixMillis,
    /// The page's or the engine's name of what was asked, so that asking twice does it once. Not shown to pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// What.
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// What happened in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(crate) enum Record {
    Message {
        id: MessageId,
        from: Author,
        #[serde(flatten)]
        body: Body,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
    },
    Edited {
        id: MessageId,
        #[serde(flatten)]
        body: Body,
    },
    Deleted {
        id: MessageId,
    },
    Reaction {
        id: MessageId,
        by: Author,
        emoji: String,
        #[serde(default)]
        removed: bool,
    },
    Pressed {
        id: MessageId,
        button: String,
        by: Author,
    },
}

impl Record {
    /// The message it makes or is about.
    pub(crate) fn message(&self) -> &MessageId {
        match self {
            Record::Message { id, .. }
            | Record::Edited { id, .. }
            | Record::Deleted { id }
            | Record::Reaction { id, .. }
            | Record::Pressed { id, .. } => id,
        }
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Body {
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub(crate) markup: Markup,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) files: Vec<Shared>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) buttons: Vec<Button>,
}

impl Body {
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.files.is_empty() && self.buttons.is_empty()
    }
}

fn is_plain(markup: &Markup) -> bool {
    *markup == Markup::Plain
}

/// A file as a message names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    /// Ours, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// … or somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// What its preview is, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preview: Option<String>,
}

/// Who did something, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Author {
    pub(crate) id: UserId,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) bot: bool,
}

/// How a message of ours came to be, where that is worth showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    /// It was said elsewhere.
    Forwarded,
}
