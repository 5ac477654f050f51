//! An operation that a run waits for, or that is settling.

use super::{Asking, OutcomeRecord, Place, Question, Wait};
use crate::Destination;
use crate::deployment::Person;
use crate::wire::Wire;
use carapace_effect::{EffectRequest, Failure, Life, OpId};
use carapace_module::Type;
use carapace_module::signature::{Delivery, DeliveryClass};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// What an operation is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Performers do it.
    Effect {
        /// The call.
        call: Arc<Call>,
        /// Its acts.
        parts: Vec<Part>,
    },
    /// It is done at a time.
    Timer {
        /// When, in milliseconds since 1970 UTC.
        due: i64,
        /// `as cooling`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<Arc<str>>,
        /// Whether it ends what goes on under it: `within`, `until`, `timeout`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        deadline: bool,
        /// Until when it waits for a channel that does not hear.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held: Option<i64>,
        /// Whether the time in which somebody is asked to agree to a tool's call does not count.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        patient: bool,
        /// How many milliseconds are left, while it stands still.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<i64>,
    },
    /// `await`.
    Await {
        /// For what.
        wait: Box<Wait>,
    },
    /// `listen`.
    Listen {
        /// For what.
        wait: Box<Wait>,
        /// Events nobody has taken yet.
        #[serde(default)]
        buffer: VecDeque<Wire>,
        /// The `next()` that waits for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<OpId>,
    },
    /// `NAME.next()`, while the buffer is empty.
    Next {
        /// The listener.
        of: OpId,
    },
    /// An undo that failed: a person sees to it.
    HandedOver {
        /// Why.
        failure: Failure,
    },
    /// `ask`, `ask_who`, `approve`: its acts are the prompts.
    Question {
        /// What is asked of whom.
        question: Box<Question>,
        /// The call.
        call: Arc<Call>,
        /// The prompts.
        parts: Vec<Part>,
    },
}

/// An effect's call, as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `chat.reply`.
    pub effect: Arc<str>,
    /// The version after `@`.
    pub version: u32,
    /// One value a parameter.
    pub args: Vec<Wire>,
    /// Their types.
    pub types: Vec<Type>,
    /// What the answer must be.
    pub result: Type,
    /// The type that `extract<T>` wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_arg: Option<Type>,
    /// The class as declared.
    pub class: DeliveryClass,
    /// The author's choice.
    pub delivery: Delivery,
    /// The agent in whose name a model is asked, by full name, where no argument says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Arc<str>>,
}

impl Call {
    /// As the request was.
    pub fn of(request: EffectRequest) -> Call {
        Call {
            effect: request.effect,
            version: request.version,
            args: request.args.into_iter().map(Wire).collect(),
            types: request.types,
            result: request.result,
            type_arg: request.type_arg,
            class: request.class,
            delivery: request.delivery,
            agent: None,
        }
    }

    /// The request again.
    pub fn to_request(&self) -> EffectRequest {
        EffectRequest {
            effect: self.effect.clone(),
            version: self.version,
            args: self.args.iter().map(|w| w.0.clone()).collect(),
            types: self.types.clone(),
            result: self.result.clone(),
            type_arg: self.type_arg.clone(),
            class: self.class,
            delivery: self.delivery,
            label: None,
        }
    }

    /// Whether it may be sent again when nobody knows whether it happened. Chat sends may (a doubled answer harms less
    /// than silence), as may what can be repeated or recognised; a blind effect may not. The author may say otherwise.
    ///
    /// What is recognised by its key is so for a while only, counted from `first`, when it was sent first.
    pub fn may_repeat(&self, first: Option<i64>, now: i64) -> bool {
        match self.delivery {
            Delivery::AtLeastOnce => true,
            Delivery::AtMostOnce => false,
            Delivery::Default => match self.class {
                DeliveryClass::Read | DeliveryClass::OfChannel => true,
                DeliveryClass::Keyed(honoured) => {
                    first.is_none_or(|first| now.saturating_sub(first) < honoured)
                }
                DeliveryClass::Probe | DeliveryClass::Blind | DeliveryClass::Engine => {
                    // Questions are the engine's own, but their prompts are chat sends.
                    self.effect.starts_with("chat.")
                }
            },
        }
    }
}

/// One act of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Where it goes, for those that go to a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// Where it stands.
    pub life: Life,
    /// How many attempts have been started.
    pub attempts: u32,
    /// When the first of them was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeRecord>,
    /// When the next attempt is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<i64>,
}

impl Part {
    /// A part of which nothing has left yet.
    pub fn new(to: Option<Destination>) -> Part {
        Part { to, life: Life::Requested, attempts: 0, first: None, outcome: None, resend: None }
    }
}

impl Operation {
    /// How many events a listener's buffer takes.
    pub const BUFFER: usize = 1_000;

    /// Its acts.
    pub fn parts(&self) -> &[Part] {
        match self {
            Operation::Effect { parts, .. } | Operation::Question { parts, .. } => parts,
            _ => &[],
        }
    }

    /// Its acts, to change.
    pub fn parts_mut(&mut self) -> Option<&mut Vec<Part>> {
        match self {
            Operation::Effect { parts, .. } | Operation::Question { parts, .. } => Some(parts),
            _ => None,
        }
    }

    /// Its call.
    pub fn call(&self) -> Option<&Call> {
        match self {
            Operation::Effect { call, .. } | Operation::Question { call, .. } => Some(call),
            _ => None,
        }
    }

    /// What it waits for, where that is an event.
    pub fn wait(&self) -> Option<&Wait> {
        match self {
            Operation::Await { wait } | Operation::Listen { wait, .. } => Some(wait),
            _ => None,
        }
    }

    /// Under which places it is found when an event comes, and since when it waits.
    pub fn places(&self) -> (&[Place], u64) {
        match self {
            Operation::Await { wait } | Operation::Listen { wait, .. } => (&wait.places, wait.opened),
            Operation::Question { question, .. } => (&question.places, question.opened),
            _ => (&[], 0),
        }
    }

    pub(crate) fn prompt_again(&mut self, part: Part) {
        let Operation::Question { question, parts, .. } = self else { return };
        parts.push(part);
        if let Asking::Answer { reasked, .. } = &mut question.asking {
            *reasked += 1;
        }
    }

    pub(crate) fn vote(&mut self, by: Person) {
        let Operation::Question { question, .. } = self else { return };
        if let Asking::Approval { agreed, .. } = &mut question.asking {
            agreed.push(by);
        }
    }

    /// Whether something of it may still happen, or may have happened.
    pub fn is_open(&self) -> bool {
        self.parts().iter().any(|p| matches!(p.life, Life::Started { .. } | Life::Unknown))
    }
}
