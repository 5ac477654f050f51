//! The way that a value took, step by step. Kept beside its label, told when it ends where it must not.

use crate::tree::{EffectId, StateId};
use carapace_diagnostic::Span;
use std::rc::Rc;
use std::sync::Arc;

/// A way; newest step first.
pub(super) type Trail = Rc<Step>;

/// One step of a way.
#[derive(Debug)]
pub(super) struct Step {
    /// Where.
    pub(super) span: Span,
    /// What happened to the value there.
    pub(super) what: What,
    /// The step before.
    pub(super) before: Option<Trail>,
    /// Where the way begins.
    pub(super) root: Root,
}

/// What begins a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// A source: the first step says which.
    Source,
    /// A parameter of the body that was run in this context: its caller knows how it went before.
    Param { context: u32, param: u32, place: u32 },
}

/// What happened to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// An event brought it, under this name.
    Event(Arc<str>),
    /// An effect answered it.
    Answer(EffectId),
    /// A model says what this parameter of a tool is.
    Model(Arc<str>),
    /// Something failed, and this is what is said about it.
    Failure,
    /// What an older version kept.
    Old,
    /// `secret("…")`.
    Secret,
    /// A number, written as a text.
    Number,
    /// Got this name.
    Named(Arc<str>),
    /// Was handed to what has this name.
    Handed(Arc<str>),
    /// Came back from what has this name.
    Through(Arc<str>),
    /// Was kept in the state.
    Kept(StateId),
    /// Was read from the state.
    Read(StateId),
    /// Was sent along with the event of this name.
    Emitted(Arc<str>),
    /// Came with the event of that name.
    Received(Arc<str>),
}

/// A way that begins here.
pub(super) fn begin(span: Span, what: What) -> Option<Trail> {
    Some(Rc::new(Step { span, what, before: None, root: Root::Source }))
}

/// The way with one more step.
pub(super) fn step(before: Option<&Trail>, span: Span, what: What) -> Option<Trail> {
    let root = before.map_or(Root::Source, |trail| trail.root);
    Some(Rc::new(Step { span, what, before: before.cloned(), root }))
}

/// A way that begins at a caller's.
pub(super) fn parameter(span: Span, what: What, context: u32, param: u32, place: u32) -> Option<Trail> {
    Some(Rc::new(Step { span, what, before: None, root: Root::Param { context, param, place } }))
}
