//! `carapace mcp`: servers of tools that a runtime uses, and what it offers to programs that ask for tools.

mod list;
pub(crate) mod offers;
mod serve;

pub(crate) use list::run;
