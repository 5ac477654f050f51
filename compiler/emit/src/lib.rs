//! Checked tree to module.
//!
//! One pass over each function, flow and test; registers are handed out like a stack, named locals first come first
//! served. Branches, lambdas and undos become functions of their captures. Suffixes become scopes: the machine knows of
//! failures, deadlines and undos, and of nothing above them. Deliberately not here: any check; the tree is right.

mod agent;
mod builder;
mod cond;
mod data;
mod expr;
mod field;
mod flow;
mod fork;
mod function;
mod pattern;
mod stmt;
mod suffix;
mod text;
mod wait;

use builder::Builder;
use carapace_check::tree::Program;
use carapace_module::Module;
use thiserror::Error;

/// Why a checked program cannot become a module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// A function needs more registers, instructions or operands than fit.
    #[error("`{0}` is too large to compile; split it into smaller flows or functions")]
    TooLarge(String),
    /// The tree has a mistake in it: it should not have come here.
    #[error("`{0}` has mistakes that were not mended")]
    Mistaken(String),
}

/// Compiles a program that was checked without errors.
///
/// # Errors
/// Where a function does not fit into the format's bounds, or the program has errors after all.
pub fn emit(program: &Program) -> Result<Module, Error> {
    let mut builder = Builder::new(program);
    builder.program()?;
    Ok(builder.module)
}
