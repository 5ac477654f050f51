//! What a run asks for at the end of a stretch.

use crate::{Failure, OpId};
use carapace_module::signature::{Delivery, DeliveryClass, FunctionId, TriggerSpec};
use carapace_module::{Type, Value};
use std::sync::Arc;

/// A request of one task. It waits until an [`crate::Outcome`] for `op` comes, or it is abandoned.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its name.
    pub op: OpId,
    /// What is asked.
    pub kind: RequestKind,
    /// Where in the source: an index into the module's site table.
    pub site: u32,
}

/// The forms of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestKind {
    /// A declared effect; those of class `Engine` (waits, questions, runs, events) the engine performs itself.
    Effect(EffectRequest),
    /// Wait before the next attempt; the engine adds the jitter. Answered with `Done(None)`.
    Backoff {
        /// The attempt that failed, counted from 1.
        attempt: u32,
        /// Bounds in milliseconds, where written.
        bounds: Option<(i64, i64)>,
        /// The failure, with its `retry_after`.
        failure: Failure,
    },
    /// The deadline of a scope (`within`, `until`, a sub-flow's `timeout`). Does not stop its task. Its outcome
    /// `Done(None)` makes the scope fail with `timeout`; leaving the scope abandons it.
    Deadline {
        /// Milliseconds from now, …
        after: Option<i64>,
        /// … or milliseconds since 1970 UTC.
        at: Option<i64>,
        /// Whether the time in which somebody is asked to agree to a tool's call does not count: of an agent's turn.
        patient: bool,
    },
    /// `await`: answered with the event's record.
    Await(WaitRequest),
    /// `listen`: opens a buffer; does not stop its task. Stays until abandoned.
    Listen(WaitRequest),
    /// `NAME.next()`: answered with the buffer's next event record.
    ListenNext {
        /// The `Listen` operation.
        buffer: OpId,
    },
    /// `start f(x)`: a run of its own; answered with its handle at once.
    Start {
        /// The flow, by full name.
        flow: Arc<str>,
        /// Arguments.
        args: Vec<Value>,
    },
    /// A step could not be taken back: its undo failed. Answered with `Done(None)` when a person has seen to it; the
    /// steps before it are taken back then.
    HandOver {
        /// Why not.
        failure: Failure,
    },
    /// A test statement: an index into the module's test operations.
    Test {
        /// Which.
        op: u32,
        /// Arguments.
        args: Vec<Value>,
    },
}

/// A declared effect's call.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRequest {
    /// `chat.reply`.
    pub effect: Arc<str>,
    /// The version after `@`.
    pub version: u32,
    /// One value a parameter, receiver (a slot's or agent's full name) first.
    pub args: Vec<Value>,
    /// Types of `args`.
    pub types: Vec<Type>,
    /// What the answer must be.
    pub result: Type,
    /// The type that `ask<T>` and `extract<T>` want.
    pub type_arg: Option<Type>,
    /// The class as declared.
    pub class: DeliveryClass,
    /// The author's choice.
    pub delivery: Delivery,
    /// `as cooling`.
    pub label: Option<Arc<str>>,
}

/// What an `await` or `listen` waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitRequest {
    /// Which events.
    pub trigger: TriggerSpec,
    /// Names and types of the event record's slots, in order.
    pub fields: Vec<(Arc<str>, Type)>,
    /// From whom: none, the run's sender; `Some(None)`, anyone; else a `User`.
    pub from: Option<Option<Value>>,
    /// In which conversation; none: the run's.
    pub conversation: Option<Value>,
    /// `where`: (captures…, event record) -> Bool, and the captured values.
    pub condition: Option<(FunctionId, Vec<Value>)>,
}
