//! How an operation ended. Never better than what is known.

use crate::{ConversationId, MessageId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a request ended. "I do not know" is an answer; a guess is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It happened.
    Done {
        /// What now stands there, in order; empty for operations that leave no message.
        messages: Vec<MessageId>,
        /// Where they stand; not said where the request named the conversation itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
        /// How far it got.
        state: DeliveryState,
    },
    /// The platform, or the adapter in its name, said no. It did not happen.
    Refused {
        /// Why, from a closed set.
        kind: RefusalKind,
        /// Why, for a person: lower case, no full stop.
        message: String,
        /// Not before this long from now, where the platform says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<Duration>,
        /// Whether the same request may succeed later.
        transient: bool,
        /// What has to wait for `retry_after`.
        #[serde(default)]
        scope: Scope,
    },
    /// Nothing left this process: not connected, or told to stop first. It may be tried again with the same key.
    NotPerformed {
        /// Why, for a person.
        message: String,
    },
    /// It was on its way and no answer came. It may have happened.
    Unknown {
        /// What is known, for a person.
        message: String,
    },
}

impl Outcome {
    /// It happened and left nothing that has an id.
    pub fn done() -> Outcome {
        Outcome::Done { messages: Vec::new(), conversation: None, state: DeliveryState::Accepted }
    }

    /// One message went out.
    pub fn sent(message: impl Into<MessageId>) -> Outcome {
        Outcome::Done { messages: vec![message.into()], conversation: None, state: DeliveryState::Sent }
    }

    /// The same, with the conversation that the message stands in: a request that names a person has to say where it
    /// was that it reached them, or nobody could change the message later.
    #[must_use]
    pub fn in_conversation(mut self, id: &ConversationId) -> Outcome {
        if let Outcome::Done { conversation, .. } = &mut self {
            *conversation = Some(id.clone());
        }
        self
    }

    /// Refused for good.
    pub fn refused(kind: RefusalKind, message: impl Into<String>) -> Outcome {
        Outcome::Refused {
            kind,
            message: message.into(),
            retry_after: None,
            transient: false,
            scope: Scope::default(),
        }
    }

    /// Refused for now.
    pub fn later(kind: RefusalKind, message: impl Into<String>, retry_after: Option<Duration>) -> Outcome {
        Outcome::Refused {
            kind,
            message: message.into(),
            retry_after,
            transient: true,
            scope: Scope::default(),
        }
    }

    /// The same, where the refusal is for everything that the account sends.
    #[must_use]
    pub fn for_account(mut self) -> Outcome {
        if let Outcome::Refused { scope, .. } = &mut self {
            *scope = Scope::Account;
        }
        self
    }

    /// Whether it surely happened.
    pub fn is_done(&self) -> bool {
        matches!(self, Outcome::Done { .. })
    }
}

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What goes to the same conversation.
    #[default]
    Conversation,
    /// Everything that the account sends.
    Account,
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The platform took the request.
    Accepted,
    /// It stands in the conversation.
    Sent,
    /// A device of the receiver has it.
    Delivered,
    /// The receiver has seen it.
    Read,
}

/// Why something was refused. A closed set: flows match on it (`else [e] { … e.kind … }`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The channel has no such operation.
    Unsupported,
    /// The request makes no sense: an empty message, a bad emoji.
    Invalid,
    /// Longer or larger than allowed.
    TooLarge,
    /// There is no such conversation, person or message.
    NotFound,
    /// Not allowed: blocked, not a member, missing permission.
    Forbidden,
    /// The account's credentials are not accepted.
    Unauthorized,
    /// Too much at once.
    RateLimited,
    /// The platform is down or in trouble.
    Unavailable,
}
