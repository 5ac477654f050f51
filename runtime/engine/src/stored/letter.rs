//! A message that no run waits for any more: it failed for good and is kept, or it is sent all the same.

use crate::{ActId, Destination, Origin};
use carapace_effect::{Act, EffectRequest, Preview};
use carapace_module::Type;
use carapace_module::signature::{Delivery, DeliveryClass};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A message that no run waits for any more. Everything that sending it needs is in it: its run may be long gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The act that failed; the name of the letter, too.
    pub act: ActId,
    /// The flow that asked for it, by full name.
    pub flow: Arc<str>,
    /// The hash of the module that did, by which its sources are kept.
    pub module: Arc<str>,
    /// Where in the source, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Spot>,
    /// `chat.send`.
    pub effect: Arc<str>,
    /// The version after `@`.
    pub version: u32,
    /// What to say, by parameter name.
    pub arguments: Map<String, Json>,
    /// To whom.
    pub to: Destination,
    /// The conversation its run was about, with the route for exact answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Where it stands.
    pub state: LetterState,
    /// How often it was tried.
    pub attempts: u32,
    /// How often a person had it sent again; a new round has a new key.
    #[serde(default)]
    pub round: u32,
    /// Why it did not go out, for a person.
    pub why: Arc<str>,
    /// When it was first tried or asked for, in milliseconds since 1970 UTC.
    pub since: i64,
    /// When the latest of it happened.
    pub at: i64,
    /// What showed of it, or is to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
}

/// Where a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// It is kept, and nothing happens by itself.
    Dead,
    /// The same, and it may have been sent.
    Unknown,
    /// It is on its way.
    Sending,
}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The function, by full name.
    pub function: Arc<str>,
    /// The file, relative to the package's source root.
    pub file: Arc<str>,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Letter {
    /// As performers get it. Whoever answers it answers no question any more: it has no buttons.
    pub fn to_act(&self) -> Act {
        Act {
            id: self.act.clone(),
            attempt: self.attempts,
            key: self.key(),
            again: self.attempts > 1,
            flow: self.flow.clone(),
            request: EffectRequest {
                effect: self.effect.clone(),
                version: self.version,
                args: Vec::new(),
                types: Vec::new(),
                result: Type::Nothing,
                type_arg: None,
                class: DeliveryClass::OfChannel,
                delivery: Delivery::Default,
                label: None,
            },
            arguments: self.arguments.clone(),
            to: Some(self.to.clone()),
            origin: self.origin.clone().map(Arc::new),
            buttons: Vec::new(),
            question: false,
            approval: false,
            schema: None,
            agent: None,
            server: None,
            session: None,
            hosts: None,
            preview: self.preview.clone(),
        }
    }

    /// A platform that remembers keys must not take a message that a person sends again for the one that failed.
    fn key(&self) -> Arc<str> {
        let hash = blake3::hash(format!("{}#{}", self.act, self.round).as_bytes()).to_hex();
        hash.as_str().get(..32).unwrap_or_default().into()
    }
}
