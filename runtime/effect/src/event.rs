//! What happened in the world, as the engine hears it.

use crate::RunId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Something that happened, in the world's terms. Flows see `fields`, decoded by their trigger's types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What kind of thing.
    #[serde(flatten)]
    pub kind: EventKind,
    /// Where in the world of chats it came from; a run that it starts answers there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The platform's time in milliseconds since 1970 UTC, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// The trigger's fields as canonical JSON (`carapace_module::json`), by name: `message`, `sender`,
    /// `conversation`, … A command's arguments need not be in it: the engine reads them from the message's text.
    #[serde(default)]
    pub fields: Map<String, Json>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// An event of a channel. Commands are messages whose text begins with a slash.
    Channel {
        /// The account it came to.
        account: Arc<str>,
        /// The platform's id of it: dispatched at most once in its window.
        id: Arc<str>,
        /// `message`, `joined`, `left`, `reaction`, `button`, `edited`, `deleted`, `poll_vote`, `call`.
        trigger: Arc<str>,
    },
    /// `event("name")`: a run emitted it, or somebody from outside. Its payload is the field `payload`.
    Named {
        /// Its name.
        name: Arc<str>,
    },
    /// A webhook was called; fields `body headers query path method`.
    Webhook {
        /// The package that it is for; none is for all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        package: Option<Arc<str>>,
        /// `/github`.
        path: Arc<str>,
        /// `POST`.
        method: Arc<str>,
        /// The caller's id of the call, where it has one: answered once in its window.
        id: Option<Arc<str>>,
    },
    /// A schedule's slot.
    Slot {
        /// The flow.
        flow: Arc<str>,
        /// Which of its triggers.
        trigger: u32,
        /// The slot, in milliseconds since 1970 UTC.
        slot: i64,
    },
    /// The runtime came up.
    Started,
    /// A run failed; fields `error`, `run`, `flow`.
    Failed {
        /// Its flow.
        flow: Arc<str>,
        /// The run.
        run: RunId,
    },
    /// Somebody starts a flow by hand; its input is the field `input`.
    Manual {
        /// Which.
        flow: Arc<str>,
        /// The asker's id of the start, where they gave it one, with who they are: it starts something once in its window.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<Arc<str>>,
    },
}

/// Where in the world of chats an event came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The account.
    pub account: Arc<str>,
    /// The conversation's id.
    pub conversation: Arc<str>,
    /// Whether it is a direct conversation.
    #[serde(default)]
    pub direct: bool,
    /// The thread in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Arc<str>>,
    /// Who did it; none where nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Arc<str>>,
    /// The message it is about; replies quote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Arc<str>>,
    /// How to answer exactly here. Opaque; given back with every reply.
    #[serde(default)]
    pub route: Json,
}

impl Event {
    /// The text of the message in it, where it has one.
    pub fn text(&self) -> Option<&str> {
        self.at(["message", "text"])?.as_str()
    }

    /// What stands at the end of these keys, from its field inwards.
    pub fn at<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Option<&Json> {
        let mut keys = keys.into_iter();
        let first = member(&self.fields, keys.next()?)?;
        keys.try_fold(first, |json, key| member(json.as_object()?, key))
    }

    /// Whether flows of this package hear of it.
    pub fn is_for(&self, package: &str) -> bool {
        match &self.kind {
            EventKind::Webhook { package: Some(wanted), .. } => **wanted == *package,
            _ => true,
        }
    }

    /// Whether it is told to whoever brought it what it started, also when they bring it again.
    pub fn is_asked(&self) -> bool {
        matches!(self.kind, EventKind::Webhook { .. } | EventKind::Manual { id: Some(_), .. })
    }

    /// The trigger's name as the language has it.
    pub fn trigger(&self) -> &str {
        match &self.kind {
            EventKind::Channel { trigger, .. } => trigger,
            EventKind::Named { .. } => "event",
            EventKind::Webhook { .. } => "webhook",
            EventKind::Slot { .. } => "schedule",
            EventKind::Started => "started",
            EventKind::Failed { .. } => "failed",
            EventKind::Manual { .. } => "manual",
        }
    }
}

/// Objects of events have few members, and to look at each is quicker than to hash the key.
const FEW: usize = 16;

fn member<'m>(object: &'m Map<String, Json>, key: &str) -> Option<&'m Json> {
    if object.len() > FEW {
        return object.get(key);
    }
    object.iter().find_map(|(name, json)| (name == key).then_some(json))
}
