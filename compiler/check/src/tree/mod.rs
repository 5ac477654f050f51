//! The checked tree: what a program means, with nothing left to look up.
//!
//! Only programs without errors are turned into code, but the tree of one with errors exists (with [`ExprKind::Error`]
//! in it), for the editor. Spans are absolute.

mod expr;
mod program;

pub use expr::{
    Arith, Arm, Attempt, Binding, Block, Branch, Compare, EffectCall, Expr, ExprKind, Lambda, Local, LocalId,
    Part, Pattern, PatternKind, Stmt, StmtKind, Suffixes, TestStep, TextOp, WaitFor, Within,
};
pub use program::{
    Agent, Approval, Effect, EffectId, Flow, FlowId, Function, FunctionRef, Limit, Migration, Native,
    NativeId, Offer, Program, Setting, SettingId, State, StateId, Test, Trust,
};
