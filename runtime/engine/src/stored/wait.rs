//! What a run waits for from the world.

use crate::deployment::Person;
use crate::wire::Wire;
use carapace_module::Type;
use carapace_module::signature::{FunctionId, TriggerSpec};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An `await` or a `listen`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Which events.
    pub trigger: TriggerSpec,
    /// The event record's slots.
    pub fields: Vec<(Arc<str>, Type)>,
    /// Where they may happen.
    pub places: Vec<Place>,
    /// Whose they may be.
    pub from: Who,
    /// `where`, with what it captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<(FunctionId, Vec<Wire>)>,
    /// The line in which it was registered; the oldest goes first.
    pub opened: u64,
}

/// A place under which a wait is found when an event comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A conversation.
    Conversation {
        /// The account.
        account: Arc<str>,
        /// The conversation's id.
        conversation: Arc<str>,
    },
    /// A person's direct conversation, whatever its id.
    Direct {
        /// The account.
        account: Arc<str>,
        /// The person's id.
        user: Arc<str>,
    },
    /// Anywhere in the account.
    Account {
        /// The account.
        account: Arc<str>,
    },
    /// `event("name")`.
    Named {
        /// The name.
        name: Arc<str>,
    },
    /// `webhook(path, method)`.
    Webhook {
        /// The path.
        path: Arc<str>,
        /// The method.
        method: Arc<str>,
    },
    /// `failed(flow)`.
    Failed {
        /// The flow.
        flow: Arc<str>,
    },
}

impl Place {
    /// The account it is on.
    pub fn account(&self) -> Option<&Arc<str>> {
        match self {
            Place::Conversation { account, .. }
            | Place::Direct { account, .. }
            | Place::Account { account } => Some(account),
            Place::Named { .. } | Place::Webhook { .. } | Place::Failed { .. } => None,
        }
    }
}

/// Whose events are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Everybody's.
    Anyone,
    /// Those of these people.
    Only(Vec<Person>),
}

impl Who {
    /// Whether this person is meant.
    pub fn includes(&self, account: &str, user: Option<&str>) -> bool {
        match self {
            Who::Anyone => true,
            Who::Only(people) => {
                user.is_some_and(|user| people.iter().any(|p| *p.id == *user && *p.account == *account))
            }
        }
    }
}
