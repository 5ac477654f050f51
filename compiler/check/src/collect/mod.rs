//! Every item of every module gets a number, before any of them is looked into.

mod callable;
mod checker;
mod declare;
mod kinds;
mod schema;
mod types;
mod uses;
mod world;

pub(crate) use callable::{Callable, declared};
pub(crate) use checker::{At, Checker, Def, DefId, DefKind, ModuleId, ModuleScope};
pub(crate) use kinds::{KindDecl, KindId};
pub(crate) use schema::{FieldSig, TypeInfo};
pub(crate) use world::World;
