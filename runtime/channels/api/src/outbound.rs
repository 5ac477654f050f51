//! What a flow asks of a network: one [`Outbound`] is at most one call of the platform.

use crate::{
    AccountId, Content, ConversationId, IdempotencyKey, MessageId, OperationId, Outcome, Poll, RefusalKind,
    Route, UserId,
};
use serde::{Deserialize, Serialize};

/// One request to one account. Texts that are too long and albums were split into several of these before, each
/// with its own id and key, so that each has its own life.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outbound {
    /// The operation (and part) in the journal.
    pub id: OperationId,
    /// For platforms that do not do the same thing twice when they are given the same key.
    pub key: IdempotencyKey,
    /// The account that shall do it.
    pub account: AccountId,
    /// The route of the event that is answered; none when nothing is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// Whether an earlier try may have happened already. A channel that can show it marks the message.
    #[serde(default)]
    pub again: bool,
    /// The preview that it takes the place of, where one may be shown: what a channel shows of it goes away with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// What to do.
    pub operation: Operation,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Operation {
    /// Say something. Done with the ids of what was sent.
    Send {
        /// Where.
        to: Target,
        /// What.
        content: Content,
        /// The message it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
    },
    /// Change a message of ours.
    Edit {
        /// Where it stands.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// What it shall be; buttons that are not in it go away.
        content: Content,
    },
    /// Take a message away.
    Delete {
        /// Where it stands.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// Put our reaction on a message, or take it away.
    React {
        /// Where it stands.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// The emoji.
        emoji: String,
        /// Whether to take it away.
        #[serde(default)]
        remove: bool,
    },
    /// Show or stop showing that an answer is on its way. Ends by itself after a while and with the next message.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Whether to show it.
        on: bool,
    },
    /// Show how an answer begins that is being written, in the place of what this preview showed before. It is no message: it has
    /// no id, nobody is told of it by their device, and nothing of it is kept. It may end by itself after a while.
    Preview {
        /// Where.
        conversation: ConversationId,
        /// Its name, unique within the account.
        preview: String,
        /// What is written so far; nothing takes it away.
        text: String,
    },
    /// Send a message on, with its files, to somewhere else of the same account.
    Forward {
        /// Where it stands.
        from: ConversationId,
        /// Which.
        message: MessageId,
        /// Where it shall go.
        to: Target,
    },
    /// Ask with a poll of the platform's own.
    Poll {
        /// Where.
        to: Target,
        /// What.
        poll: Poll,
    },
}

impl Operation {
    /// The operation's name, as a kind's `can` and `cannot` list it.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Send { .. } => "send",
            Operation::Edit { .. } => "edit",
            Operation::Delete { .. } => "delete",
            Operation::React { .. } => "react",
            Operation::Typing { .. } => "typing",
            Operation::Preview { .. } => "preview",
            Operation::Forward { .. } => "forward",
            Operation::Poll { .. } => "poll",
        }
    }

    /// The honest answer of a channel that has no such thing.
    pub fn unsupported(&self, kind: &str) -> Outcome {
        Outcome::refused(RefusalKind::Unsupported, format!("a {kind} channel cannot {}", self.name()))
    }
}

/// Who or what gets it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A conversation.
    Conversation(ConversationId),
    /// A person, in their direct conversation; it is opened where there is none yet.
    User(UserId),
}
