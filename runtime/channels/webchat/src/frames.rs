//! What a page and the server say to each other: JSON objects with a `type`, one per WebSocket text frame.
//!
//! The page begins with `hello`, giving its session if it has one and the last event it saw of each conversation it
//! shows; the server answers `welcome` and what was missed. Everything the page asks for carries an `id` that the
//! page makes up; asked again under the same id, after a lost connection, it is done once. It is answered by `ack` or
//! by `error` with that id.

use crate::record::{Line, Record};
use crate::view::{Quote, Standing, View};
use carapace_channel_api::{ConversationId, ConversationKind, MessageId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// From a page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Asked {
    /// The first frame.
    Hello {
        /// The session's secret; none for a new visitor.
        #[serde(default)]
        session: Option<String>,
        /// The last event seen of each conversation that is shown.
        #[serde(default)]
        seen: HashMap<ConversationId, u64>,
    },
    /// A new direct conversation; asked again under the same id, it is the same one.
    Open {
        /// The page's name of this request.
        id: String,
    },
    /// Something is said.
    Message {
        /// The message's id: `c-` and at least 16 random letters, digits, `-` or `_`.
        id: MessageId,
        /// Where.
        conversation: ConversationId,
        /// What.
        #[serde(default)]
        text: String,
        /// Files that were uploaded to this conversation.
        #[serde(default)]
        files: Vec<String>,
        /// What it answers.
        #[serde(default)]
        reply_to: Option<MessageId>,
    },
    /// A button is pressed.
    Press {
        /// The page's name of this request.
        id: String,
        /// Where.
        conversation: ConversationId,
        /// The message it stands under.
        message: MessageId,
        /// The button.
        button: String,
    },
    /// A reaction is put on a message or taken away.
    React {
        /// The page's name of this request.
        id: String,
        /// Where.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// The emoji.
        emoji: String,
        /// Whether it is taken away.
        #[serde(default)]
        remove: bool,
    },
    /// The visitor changes a message of theirs.
    Edit {
        /// The page's name of this request.
        id: String,
        /// Where.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// What it shall say.
        text: String,
    },
    /// The visitor takes a message of theirs away.
    Delete {
        /// The page's name of this request.
        id: String,
        /// Where.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
    },
    /// Messages of a conversation: the newest, or those before an event.
    Page {
        /// The page's name of this request; it comes back with the answer.
        #[serde(default)]
        id: Option<String>,
        /// Which conversation.
        conversation: ConversationId,
        /// Before which event; none for the newest.
        #[serde(default)]
        before: Option<u64>,
    },
    /// The visitor has seen a message, and those before it. Nobody answers.
    Read {
        /// Where.
        conversation: ConversationId,
        /// The last one they saw.
        message: MessageId,
    },
    /// The visitor says what they are called.
    Name {
        /// The page's name of this request.
        id: String,
        /// The name.
        name: String,
    },
    /// Is anybody there?
    Ping,
}

impl Asked {
    /// The page's name of the request, where it has one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Asked::Message { id, .. } => Some(id.as_str()),
            Asked::Open { id }
            | Asked::Press { id, .. }
            | Asked::React { id, .. }
            | Asked::Edit { id, .. }
            | Asked::Delete { id, .. }
            | Asked::Name { id, .. } => Some(id),
            Asked::Page { id, .. } => id.as_deref(),
            Asked::Hello { .. } | Asked::Ping | Asked::Read { .. } => None,
        }
    }
}

/// To a page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(crate) enum Told<'a> {
    Welcome {
        /// Only where the session is new: the secret, told this once.
        #[serde(skip_serializing_if = "Option::is_none")]
        session: Option<&'a str>,
        user: Who,
        title: &'a str,
        greeting: &'a str,
        limits: Caps,
        conversations: Vec<Summary>,
    },
    Opened {
        conversation: Summary,
    },
    Event {
        conversation: &'a ConversationId,
        #[serde(flatten)]
        event: Event<'a>,
    },
    Page {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        conversation: &'a ConversationId,
        messages: &'a [Standing],
        /// What they answer and what is not among them.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        quotes: Vec<Quote>,
        /// The newest event that is folded into them.
        seq: u64,
        more: bool,
        /// Whether it takes the place of everything shown, or goes before it.
        newest: bool,
    },
    Typing {
        conversation: &'a ConversationId,
        on: bool,
    },
    /// An answer that is being written, so far; without a text it is over.
    Preview {
        conversation: &'a ConversationId,
        preview: &'a str,
        text: &'a str,
    },
    /// The visitor is called something else, by this page or another one of theirs.
    Named {
        user: Who,
    },
    Ack {
        id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        conversation: Option<&'a ConversationId>,
    },
    Error(Complaint<'a>),
    Pong,
}

/// A log line without its key.
#[derive(Debug, Serialize)]
pub(crate) struct Event<'a> {
    seq: u64,
    at: UnixMillis,
    event: &'a Record,
    /// What a message answers: the page may not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<Quote>,
}

impl<'a> Event<'a> {
    /// A line of the log of which `view` is the fold.
    pub(crate) fn new(line: &'a Line, view: &View) -> Event<'a> {
        let quote = match &line.record {
            Record::Message { reply_to: Some(quoted), .. } => view.quote(quoted),
            _ => None,
        };
        Event { seq: line.seq, at: line.at, event: &line.record, quote }
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Who {
    pub(crate) id: UserId,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Caps {
    pub(crate) text: usize,
    pub(crate) file: u64,
    pub(crate) files: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Summary {
    pub(crate) id: ConversationId,
    pub(crate) kind: ConversationKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    pub(crate) seq: u64,
    /// The beginning of the last message.
    pub(crate) last: String,
    /// Its event, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seq: Option<u64>,
    /// … who said it …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<UserId>,
    /// … and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<UnixMillis>,
}

/// Why something was not done.
#[derive(Debug, Serialize)]
pub(crate) struct Complaint<'a> {
    pub(crate) code: Code,
    pub(crate) message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_ms: Option<u64>,
}

/// The closed set of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// Not a frame of ours.
    BadFrame,
    /// Longer, larger or more than allowed.
    TooLarge,
    /// Too much at once.
    RateLimited,
    /// Not theirs.
    Forbidden,
    /// Not there.
    NotFound,
    /// It makes no sense.
    Invalid,
    /// The engine does not take more at the moment.
    Busy,
    /// The server cannot at the moment.
    Unavailable,
}

/// A refusal on its way to becoming a [`Complaint`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) retry_after: Option<std::time::Duration>,
}

impl Refusal {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into(), retry_after: None }
    }

    pub(crate) fn later(code: Code, message: impl Into<String>, after: std::time::Duration) -> Refusal {
        Refusal { retry_after: Some(after), ..Refusal::new(code, message) }
    }

    pub(crate) fn frame(&self, id: Option<&str>) -> String {
        tell(&Told::Error(Complaint {
            code: self.code,
            message: &self.message,
            id,
            retry_after_ms: self.retry_after.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)),
        }))
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Refusal {
        tracing::error!(%error, "webchat cannot write to its data directory");
        let after = std::time::Duration::from_secs(5);
        Refusal::later(Code::Unavailable, "it cannot be stored at the moment", after)
    }
}

impl From<crate::token::NoEntropy> for Refusal {
    fn from(error: crate::token::NoEntropy) -> Refusal {
        Refusal::new(Code::Unavailable, error.to_string())
    }
}

/// A frame's text.
pub(crate) fn tell(told: &Told<'_>) -> String {
    // Only maps with keys that are no text could fail, and there are none.
    serde_json::to_string(told).unwrap_or_default()
}
