//! What a message is made of.

use crate::{ButtonId, Held};
use serde::{Deserialize, Serialize};

/// What is sent, or what an edit leaves standing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Content {
    /// The text, byte for byte what the person shall see. May be empty when there are attachments.
    pub text: String,
    /// How the text is to be read.
    #[serde(default)]
    pub markup: Markup,
    /// Files that go with it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Choices below it, in order. A channel without buttons never gets any: the checker saw to it, or `delivery`
    /// wrote them into the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

impl Content {
    /// Plain text and nothing else.
    pub fn text(text: impl Into<String>) -> Content {
        Content { text: text.into(), ..Content::default() }
    }

    /// The same with buttons.
    #[must_use]
    pub fn with_buttons(mut self, buttons: Vec<Button>) -> Content {
        self.buttons = buttons;
        self
    }
}

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Markup {
    /// As it stands; no character has a meaning of its own.
    #[default]
    Plain,
    /// The everyday part of Markdown: emphasis, code, links, lists. HTML in it is text.
    Markdown,
}

/// One choice below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Our id, which comes back when it is pressed.
    pub id: ButtonId,
    /// What stands on it.
    pub label: String,
}

impl Button {
    /// A button.
    pub fn new(id: impl Into<ButtonId>, label: impl Into<String>) -> Button {
        Button { id: id.into(), label: label.into() }
    }
}

/// A file that came or goes with a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file's name as the sender gave it; may be empty. Never a path to be trusted.
    pub name: String,
    /// What it claims to be, `application/octet-stream` where nobody said.
    pub media_type: MediaType,
    /// Bytes, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Where the bytes are.
    pub source: MediaSource,
}

/// A media type such as `image/png`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MediaType(pub String);

impl MediaType {
    /// The part before the slash: `image`, `audio`, `video`, `text`, `application`.
    pub fn family(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(family, _)| family)
    }
}

/// Where an attachment's bytes are. Inbound media are references and are fetched, if at all, after the
/// acknowledgement, through [`Channel::fetch`](crate::Channel::fetch).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum MediaSource {
    /// At the platform; only the account that gave this reference understands it.
    Platform {
        /// Opaque to everybody else.
        reference: serde_json::Value,
    },
    /// At a public address. Fetching it is the guarded HTTP client's business.
    Url {
        /// `https://…`
        url: String,
    },
    /// Here, small enough to stand in the event that brought it.
    Inline {
        /// The bytes, base64 in JSON.
        #[serde(with = "base64_bytes")]
        bytes: Vec<u8>,
    },
    /// On our disk while a request is on its way: `delivery` brings files that are elsewhere. Only what goes out has it, and it
    /// never stands in a journal.
    #[serde(skip)]
    Held {
        /// The file.
        file: Held,
    },
}

/// A question with options, as platforms have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// What is asked.
    pub question: String,
    /// What can be chosen, in order.
    pub options: Vec<String>,
    /// Whether more than one may be chosen.
    #[serde(default)]
    pub multiple: bool,
}

mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}
