//! Names, types, labels and capabilities: answers questions about a tree, never rewrites it.
//!
//! The answer to "what does this program mean" is [`tree::Program`]: every name resolved, every argument in its place,
//! every conversion spelled out. `emit` turns it into a module; the oracle evaluator of the tests runs it as it is.
//!
//! The way through: `collect` declares every item of every module, `names` looks them up, `ty` relates types, `infer`
//! elaborates expressions, `flow` statements and items, `test` test statements; `exhaust` judges `match`, `capability`
//! and `needs` close what flows touch over the calls between them, `label` follows secrets and what came from outside,
//! `lint` says what is allowed and probably not meant; `facts` keeps what an editor asks about, and
//! `outline` what it may name. Library bodies are checked only when something reaches them.
//! `focus` looks at a few items instead of a package, and `interface` says what of an item others can see, for editors.
//! Deliberately not here: parsing, reading files, code.

mod capability;
mod check;
mod code;
mod collect;
mod constant;
mod exhaust;
mod facts;
mod flow;
mod focus;
mod infer;
mod interface;
mod label;
mod lint;
mod names;
mod needs;
mod outline;
mod sources;
mod test;
pub mod tree;
mod ty;

pub use check::{Checked, Scope, check, check_items, check_unless};
pub use code::CODES;
pub use facts::{
    Argument, Call, DefinitionSite, Facts, Header, ItemFacts, Labels, LocalName, NameKind, Reference, Role,
};
pub use flow::{AGENT_PROPERTIES, EFFORTS, MEMORIES};
pub use focus::Focus;
pub use interface::{hash_interface, is_seen_everywhere};
pub use outline::{
    Callable, EffectOutline, ItemOutline, KindOutline, Member, ModuleOutline, Outline, OutlinePart,
    Parameter, PartOutline, library_outline,
};
pub use sources::{Origin, Source, Sources, TextFiles};
pub use test::{ANSWERS, STATUSES, VERBS};
