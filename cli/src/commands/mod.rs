//! One file a command.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod deploy;
pub(crate) mod deployments;
pub(crate) mod disasm;
mod document;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod forget;
pub(crate) mod gc;
pub(crate) mod graph;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod lsp;
pub(crate) mod new;
pub(crate) mod outbox;
pub(crate) mod rollback;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod session;
mod table;
pub(crate) mod test;
pub(crate) mod token;
mod versions;
