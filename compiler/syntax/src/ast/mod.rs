//! The tree: what the author wrote, nothing resolved, nothing rewritten.
//!
//! All ranges inside an item count from the item's first byte, so that an unchanged item is the same value wherever it
//! stands in its file (and can be kept when another one is edited). [`Placed`] says where it stands.

mod expr;
mod item;
mod name;
mod pattern;
mod stmt;
mod testing;
mod ty;

pub use expr::{
    Arg, Await, BinaryOp, Branch, CondOp, Delivery, Else, Expr, ExprKind, FieldInit, For, If,
    InterpolationPart, Lambda, Match, MatchArm, Retry, Suffixes, UnaryOp, Undo, Within,
};
pub use item::{
    Agent, Channel, ChannelKind, ChannelKindLine, Comment, Connection, Const, Debounce, Dedupe, DeliveryLine,
    Effect, EffectClause, ExternFn, Field, Flow, FlowHeader, Fn, FnBody, Group, Item, ItemKind, Keep, Limit,
    Migration, Param, Placed, Property, Room, Serial, SerialBusy, Setting, State, TagDecl, Test, Tool,
    TriggerArg, TriggerArgValue, TriggerDecl, TriggerRef, TypeBody, TypeDecl, Use, Variant,
};
pub use name::{Name, NodeId, Path};
pub use pattern::{FieldPattern, Pattern, PatternKind};
pub use stmt::{Block, Listen, Stmt, StmtKind};
pub use testing::{Expect, ExpectKind, Given, GivenKind, GivenOutcome, MatchText, TestStmt};
pub use ty::{TypeExpr, TypeExprKind};

use std::sync::Arc;

/// A parsed file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The doc comment of the module itself: `///` lines at the very top, followed by a blank line.
    pub docs: Option<String>,
    /// The items, in source order, error nodes included.
    pub items: Vec<Placed>,
    /// The comments between the items, in order.
    pub comments: Vec<Comment>,
}

/// Shared by everything that keeps an item: the cache, the checker, the language server.
pub type ItemRef = Arc<Item>;
