//! Items and statements: what a flow starts on, under which conditions it runs, what it does.

mod agent;
mod block;
mod flow_item;
mod function;
mod guard_marks;
mod header;
mod listen;
mod skill;
mod slots;
mod state;
mod stmt;
mod trigger;
mod trigger_args;
mod webhook;

pub use agent::{AGENT_PROPERTIES, EFFORTS, MEMORIES};
pub(crate) use trigger::{TriggerUse, is_named, is_payload};
