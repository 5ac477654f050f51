//! What a channel is: the one contract between Carapace and every chat network.
//!
//! An adapter is a [`Channel`]. It pushes [`Inbound`] events into the [`Sink`] it was given and performs
//! [`Outbound`] requests, each answered with an honest [`Outcome`]. There are no call-backs in either direction.
//! What a kind of channel *can* do is not said here but in `stdlib/*.flow`, as data the compiler checks against.
//!
//! Deliberately not here: dispatch, retries, ordering and splitting into parts (`delivery`), and anything of the
//! engine. This crate is a leaf; adapters import it and their SDK, and nothing else of ours.

mod id;
mod time;

mod content;
mod inbound;
mod outbound;
mod outcome;
mod receipt;

mod channel;
mod checkup;
mod command;
mod error;
mod forgotten;
mod kept;
mod media;
mod secrets;
mod shutdown;
mod sink;
mod status;

pub mod access;
pub mod parts;
#[cfg(feature = "test-kit")]
pub mod test_kit;

pub use channel::{Channel, Ended, Mount};
pub use checkup::{Finding, Verdict};
pub use command::Command;
pub use content::{Attachment, Button, Content, Markup, MediaSource, MediaType, Poll};
pub use error::{Error, FetchError};
pub use forgotten::{Counted, Forgotten};
pub use id::{
    AccountId, ButtonId, CallId, ConversationId, EventId, IdempotencyKey, MessageId, OperationId, UserId,
};
pub use inbound::{
    CallState, Conversation, ConversationKind, Event, Inbound, Mention, Message, Quoted, Role, Route, User,
};
pub use kept::Kept;
pub use media::{File, Filling, Held, Media, NoMedia, Preview, Scratch};
pub use outbound::{Operation, Outbound, Target};
pub use outcome::{DeliveryState, Outcome, RefusalKind, Scope};
pub use receipt::Receipt;
pub use secrets::{ExposeSecret, NoSecrets, SecretError, SecretString, Secrets};
pub use shutdown::{Shutdown, ShutdownHandle};
pub use sink::{Acceptance, Sink};
pub use status::{Health, Status, StatusCell};
pub use time::UnixMillis;

/// What adapters need to write and mount routes, so that they and the gateway agree on one version.
pub use axum;
