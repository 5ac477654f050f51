//! Names that mean something only to the one who gave them. A type each, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> $name {
                $name(text)
            }
        }
    };
}

id! {
    /// A bound account of a channel kind, named by the deployment: two Telegram bots are two accounts.
    AccountId
}
id! {
    /// The platform's own id of an event, unique within its account. An event that comes again (a redelivered
    /// webhook, a replayed cursor) carries the same one: that is what deduplication rests on.
    EventId
}
id! {
    /// A conversation, unique within its account.
    ConversationId
}
id! {
    /// A person or bot, unique within the account.
    UserId
}
id! {
    /// A message, unique within its conversation.
    MessageId
}
id! {
    /// A button or choice. Ours, never the platform's: it comes back in [`Event::Button`](crate::Event::Button).
    ButtonId
}
id! {
    /// A voice or video call.
    CallId
}
id! {
    /// One operation of one run, named by the engine; for logs and for finding a request's outcome.
    OperationId
}
id! {
    /// What a platform with idempotent sends is given. A re-send of an operation whose outcome is unknown keeps
    /// the key; a retry after a known failure has the next.
    IdempotencyKey
}
