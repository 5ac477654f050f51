//! What is deployed: code, settings, and what its slots are bound to.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What a person deploys. One line of the journal; each event sees exactly one deployment of each package. The package
/// is named by the module.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deploy {
    /// The module's bytes.
    pub module: Arc<[u8]>,
    /// Setting's full name → canonical JSON; those left out have their defaults.
    pub settings: BTreeMap<Arc<str>, Json>,
    /// Slot's full name → what it is bound to.
    pub bindings: BTreeMap<Arc<str>, Binding>,
}

/// What a slot is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// A channel: an account, or several of them that the flows treat alike.
    Channel {
        /// The accounts, each once.
        accounts: Vec<Arc<str>>,
    },
    /// A room: a conversation of an account.
    Room {
        /// The account.
        account: Arc<str>,
        /// The conversation's id.
        conversation: Arc<str>,
    },
    /// A group: people.
    Group {
        /// Who.
        members: Vec<Person>,
    },
    /// A connection: its name in the configuration.
    Connection {
        /// The name.
        name: Arc<str>,
    },
}

/// A person in a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Person {
    /// The account they are reached through.
    pub account: Arc<str>,
    /// Their id there.
    pub id: Arc<str>,
    /// Their name.
    #[serde(default)]
    pub name: Arc<str>,
}

/// As it is typed behind `--bind SLOT=`.
impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Binding::Channel { accounts } => f.write_str(&accounts.join(", ")),
            Binding::Room { account, conversation } => write!(f, "{account}:{conversation}"),
            Binding::Group { members } if members.is_empty() => f.write_str("nobody"),
            Binding::Group { members } => {
                let names: Vec<String> = members.iter().map(|m| format!("{}:{}", m.account, m.id)).collect();
                f.write_str(&names.join(", "))
            }
            Binding::Connection { name } => f.write_str(name),
        }
    }
}
