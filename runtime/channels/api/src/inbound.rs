//! What happened on a network: one [`Inbound`] for every trigger a channel can have.

use crate::{
    AccountId, Attachment, ButtonId, CallId, ConversationId, EventId, MessageId, UnixMillis, UserId,
};
use serde::{Deserialize, Serialize};

/// One event as its channel saw it. Dispatched at most once per (`account`, `id`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// The account it came to.
    pub account: AccountId,
    /// The platform's id of the event, the same each time the platform repeats it.
    pub id: EventId,
    /// Where it happened.
    pub conversation: Conversation,
    /// Who did it. Never the account itself: a channel drops its own echo.
    pub sender: User,
    /// When, by the platform's clock; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<UnixMillis>,
    /// How to answer exactly here. Captured now, and used unchanged by every reply of the run this starts.
    #[serde(default)]
    pub route: Route,
    /// What happened.
    pub event: Event,
}

/// What happened. A command is not among them: `/name …` is a message, and the engine reads it as a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    /// Somebody wrote.
    Message {
        /// What.
        message: Message,
    },
    /// Somebody came into the conversation; `sender` is who let them in, or they themselves.
    Joined {
        /// Who is in now.
        member: User,
    },
    /// Somebody left, or was put out by `sender`.
    Left {
        /// Who is gone.
        member: User,
    },
    /// Somebody put an emoji on a message, or took it away.
    Reaction {
        /// The message.
        message: MessageId,
        /// The emoji itself, or the platform's `:name:` where it has its own.
        emoji: String,
        /// Whether it was taken away.
        #[serde(default)]
        removed: bool,
    },
    /// Somebody pressed one of our buttons.
    Button {
        /// The message it stands under.
        message: MessageId,
        /// Our id of it.
        button: ButtonId,
        /// What stood on it, where the platform says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// Somebody changed a message of theirs.
    Edited {
        /// As it is now.
        message: Message,
    },
    /// A message was taken away.
    Deleted {
        /// Which.
        message: MessageId,
    },
    /// Somebody voted; the whole vote as it now stands, empty when it was taken back.
    PollVote {
        /// The message that holds the poll.
        poll: MessageId,
        /// Indices into the poll's options.
        options: Vec<u32>,
    },
    /// A call rings, is answered or ends.
    Call {
        /// Which call.
        call: CallId,
        /// What became of it.
        state: CallState,
    },
}

impl Event {
    /// The name of the trigger it belongs to, as in `on channel.message`.
    pub fn trigger(&self) -> &'static str {
        match self {
            Event::Message { .. } => "message",
            Event::Joined { .. } => "joined",
            Event::Left { .. } => "left",
            Event::Reaction { .. } => "reaction",
            Event::Button { .. } => "button",
            Event::Edited { .. } => "edited",
            Event::Deleted { .. } => "deleted",
            Event::PollVote { .. } => "poll_vote",
            Event::Call { .. } => "call",
        }
    }
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// It rings.
    Ringing,
    /// Somebody took it.
    Answered,
    /// It is over.
    Ended,
    /// It rang and nobody took it.
    Missed,
}

/// A message that came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its text, byte for byte; empty where there are only attachments.
    pub text: String,
    /// What is attached, in order, by reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quoted>,
    /// Who is addressed in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
}

impl Message {
    /// A message of text alone.
    pub fn text(id: impl Into<MessageId>, text: impl Into<String>) -> Message {
        Message {
            id: id.into(),
            text: text.into(),
            attachments: Vec::new(),
            reply_to: None,
            mentions: Vec::new(),
        }
    }
}

/// The message that another one answers, as far as the platform tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// Its id.
    pub id: MessageId,
    /// Its text, where the platform repeats it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who wrote it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserId>,
}

/// Somebody addressed in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// Who.
    pub user: UserId,
    /// As written in the text, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether that is this account.
    #[serde(default)]
    pub me: bool,
}

/// Where something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// What it is.
    pub kind: ConversationKind,
    /// Its title; none for most direct ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The thread inside it, where the platform has threads and this is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ConversationId>,
}

impl Conversation {
    /// A direct conversation.
    pub fn direct(id: impl Into<ConversationId>) -> Conversation {
        Conversation { id: id.into(), kind: ConversationKind::Direct, title: None, thread: None }
    }
}

/// What a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// One person and us.
    #[serde(rename = "dm")]
    Direct,
    /// Several people who all write.
    Group,
    /// A public or large one, where mostly a few write.
    Channel,
}

/// A person or bot, as the platform knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The name shown; the id again where there is none.
    pub name: String,
    /// Whether it is a program.
    #[serde(default)]
    pub bot: bool,
    /// What they may do in this conversation.
    #[serde(default)]
    pub role: Role,
}

impl User {
    /// A person.
    pub fn person(id: impl Into<UserId>, name: impl Into<String>) -> User {
        User { id: id.into(), name: name.into(), bot: false, role: Role::Member }
    }
}

/// A person's standing in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Not in it, or may only read.
    Guest,
    /// One of them.
    #[default]
    Member,
    /// May moderate.
    Admin,
    /// It is theirs.
    Owner,
}

/// How to answer exactly where an event came from. Only the adapter that made it reads it; everybody else stores
/// it and gives it back. Empty (`null`) where conversation and message ids say everything.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Route(pub serde_json::Value);
