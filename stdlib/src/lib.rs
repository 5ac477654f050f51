//! The standard library as text: every effect, trigger, channel kind and function a flow may use is declared in these
//! `.flow` files, in the language itself. See README.md for the conventions they follow.
//!
//! Deliberately not here: anything that reads, checks or runs them.

mod modules;

pub use modules::{MODULES, Module, module};
