//! Labels: where values come from, and where they must not go (`docs/language/types.md`, section Labels).
//!
//! A pass over the checked tree that rewrites nothing. It runs the program on *shapes* instead of values: what is known of
//! where a value and its fields came from. A body is run once for each combination of shapes that it is called with
//! ([`solve`]), so that `trim` of a message and `trim` of a constant do not get mixed up; what states and events carry is
//! shared by all, and who read it is run again when it grows. Shapes only ever grow and there are few, so that ends.
//!
//! Deliberately not here: labels that follow a branch. `if message.text == "yes" { … }` lets a stranger choose between two
//! things that the author wrote, which is what a flow is for.

mod branch;
mod call;
mod declared;
mod effect;
mod event;
mod expr;
mod function;
mod native;
mod path;
mod places;
mod run;
mod secret;
mod shape;
mod solve;
mod stmt;
mod tell;
mod types;
