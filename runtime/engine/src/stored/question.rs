//! Questions to people.

use super::{Place, Who};
use crate::deployment::Person;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub asking: Asking,
    /// What its buttons say, in order: a button's id ends with its place in this list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Arc<str>>,
    /// Where an answer may come from.
    pub places: Vec<Place>,
    /// Whose it may be.
    pub from: Who,
    /// The line in which it was registered.
    pub opened: u64,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asking {
    /// `ask`, `ask_who`.
    Answer {
        /// Whether it may only be one of the buttons.
        choices: bool,
        /// How often it is asked again after an answer that cannot be accepted.
        reask: u32,
        /// How often it was.
        reasked: u32,
    },
    /// `approve`.
    Approval {
        /// How many must agree.
        count: u32,
        /// Who has agreed.
        agreed: Vec<Person>,
    },
}
